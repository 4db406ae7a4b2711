"""`python -m scripts.validate`."""

from pathlib import Path

import pytest

from scripts.validate import main
from tests.knowledge.folder import change


def test_good_content_is_counted(knowledge_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Warnings are told, and the exit code is 0."""
    code = main([str(knowledge_folder)])

    lines = capsys.readouterr().out.splitlines()
    assert lines[-1] == "3 topics, 3 sources, 0 problems, 4 warnings"
    assert code == 0 and len(lines) == 5 and all(line.startswith("warning: ") for line in lines[:-1])


def test_each_problem_stands_on_a_line(knowledge_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Problems come first with file, line and entry, and the exit code is 1."""
    line = change(knowledge_folder, "topics/risk.yml", "title: Short effects", "title: 5")

    code = main([str(knowledge_folder)])

    lines = capsys.readouterr().out.splitlines()
    place = f"{knowledge_folder / 'topics' / 'risk.yml'}:{line}, entry 'side_effects_common'"
    assert lines[0].startswith(f"problem: {place}: ")
    assert lines[-1] == "2 topics, 3 sources, 1 problems, 3 warnings"
    assert code == 1
