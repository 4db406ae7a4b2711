"""What is rebuilt, and when."""

from pathlib import Path

import pytest

from assistant.errors import ContentError, SetupError
from assistant.server.build import Step, build, content_hash


@pytest.fixture
def source(tmp_path: Path) -> Path:
    file = tmp_path / "source.txt"
    file.write_text("one", encoding="utf-8")
    return file


def _step(source: Path, runs: list[str]) -> Step:
    out = source.with_name("out.txt")

    def run(report) -> None:
        runs.append("run")
        out.write_text(source.read_text(encoding="utf-8"), encoding="utf-8")

    return Step("Copy", [source], [out], run)


def _build(step: Step, folder: Path) -> list[str]:
    lines: list[str] = []
    build([step], folder / "stamps.json", lines.append)
    return lines


def test_current_step_is_skipped(source: Path, tmp_path: Path) -> None:
    """A second build does nothing and says so."""
    runs: list[str] = []
    step = _step(source, runs)

    _build(step, tmp_path)
    lines = _build(step, tmp_path)

    assert runs == ["run"] and lines == ["[1/1] Copy: current"]


def test_changed_input_is_rebuilt(source: Path, tmp_path: Path) -> None:
    """Other bytes in an input make the step stale; another time stamp does not."""
    runs: list[str] = []
    step = _step(source, runs)
    _build(step, tmp_path)

    source.touch()
    _build(step, tmp_path)
    source.write_text("two", encoding="utf-8")
    _build(step, tmp_path)

    assert runs == ["run", "run"]


@pytest.mark.parametrize("damage", ["remove", "cut"])
def test_missing_or_damaged_output_is_rebuilt(source: Path, tmp_path: Path, damage: str) -> None:
    """An output that is not what was built is made again."""
    runs: list[str] = []
    step = _step(source, runs)
    _build(step, tmp_path)

    if damage == "remove":
        step.outputs[0].unlink()
    else:
        step.outputs[0].write_text("o", encoding="utf-8")
    _build(step, tmp_path)

    assert runs == ["run", "run"]


def test_damaged_stamps_lead_to_a_rebuild(source: Path, tmp_path: Path) -> None:
    """A broken memory of earlier builds is no error."""
    runs: list[str] = []
    (tmp_path / "stamps.json").write_text("[broken", encoding="utf-8")

    _build(_step(source, runs), tmp_path)

    assert runs == ["run"]


def test_failed_step_is_tried_again(source: Path, tmp_path: Path) -> None:
    """An error passes on as it is, and the step stays stale."""
    runs: list[str] = []

    def fail(report) -> None:
        runs.append("run")
        raise ContentError("is wrong", "a.yml")

    step = Step("Fail", [source], [], fail)
    for _ in range(2):
        with pytest.raises(ContentError, match="a.yml: is wrong"):
            _build(step, tmp_path)

    assert runs == ["run", "run"]


def test_full_disk_is_told_in_one_sentence(source: Path, tmp_path: Path) -> None:
    """An error of the operating system names the file and what to check."""

    def fail(report) -> None:
        raise OSError(28, "No space left on device", "models/x")

    with pytest.raises(SetupError, match="No space left on device .models/x.*disk"):
        _build(Step("Fail", [source], [], fail), tmp_path)


def test_hash_sees_names_and_bytes_in_folders(tmp_path: Path) -> None:
    """A renamed file changes a folder's hash."""
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "a").write_text("x", encoding="utf-8")
    before = content_hash([folder])

    (folder / "a").rename(folder / "b")

    assert content_hash([folder]) != before
