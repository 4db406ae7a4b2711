"""The accessor sees changed files, and keeps the old content when a change is broken."""

import importlib
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from assistant.errors import ContentError
from assistant.knowledge import current
from assistant.knowledge.current import LOOK_SECONDS, Current
from tests.knowledge.folder import change, make_folder, write_local


class Clock:
    """Seconds that a test moves on."""

    def __init__(self) -> None:
        """Starts at zero."""
        self.seconds = 0.0

    def __call__(self) -> float:
        """Returns the seconds."""
        return self.seconds

    def go_on(self) -> None:
        """Moves on to the next look at the files."""
        self.seconds += LOOK_SECONDS


@pytest.fixture
def clock() -> Clock:
    """A clock that stands still until told."""
    return Clock()


@pytest.fixture
def content(knowledge_folder: Path, clock: Clock) -> Current:
    """The accessor over the small folder, which reloads before it answers."""
    return Current(knowledge_folder, clock, start=lambda work: work())


def _refused(logs: list) -> list:
    return [log for log in logs if log["event"] == "knowledge.reload.refused"]


def test_unchanged_files_give_the_same_object(content: Current, clock: Clock) -> None:
    """Nothing is read again without need."""
    first = content.get()
    clock.go_on()

    assert content.get() is first


def test_change_is_seen_at_the_next_look_and_not_before(
    content: Current, clock: Clock, knowledge_folder: Path
) -> None:
    """Files are looked at every second at most."""
    content.get()
    change(knowledge_folder, "topics/risk.yml", "title: Short effects", "title: Brief effects")

    soon = content.get().entries["side_effects_common"].title
    clock.go_on()
    later = content.get().entries["side_effects_common"].title

    assert (soon, later) == ("Short effects", "Brief effects")


@pytest.mark.parametrize(
    "spoil",
    [
        lambda folder: change(folder, "topics/risk.yml", "title: Short effects", "title: 5"),
        lambda folder: (folder / "safety.yml").unlink(),
        lambda folder: (folder / "clinic.yml").write_bytes(b"\xff"),
        lambda folder: write_local(folder, "safety.yml", 'short_line: "Hello"\n'),
        lambda folder: (folder / "schema" / "clinic.yml").write_text("type: 5\n", encoding="utf-8"),
    ],
)
def test_broken_change_is_kept_out_and_logged_once(
    content: Current, clock: Clock, knowledge_folder: Path, spoil: Callable[[Path], object]
) -> None:
    """The old content stays, whatever broke, and the log is not flooded."""
    good = content.get()
    spoil(knowledge_folder)

    with capture_logs() as logs:
        for _ in range(3):
            clock.go_on()
            assert content.get() is good

    assert len(_refused(logs)) == 1 and _refused(logs)[0]["kept"] == good.version


def test_mended_change_is_taken(content: Current, clock: Clock, knowledge_folder: Path) -> None:
    """After a refusal the next good state of the files counts."""
    content.get()
    change(knowledge_folder, "topics/risk.yml", "title: Short effects", "title: 5")
    clock.go_on()
    content.get()
    change(knowledge_folder, "topics/risk.yml", "title: 5", "title: Brief effects")
    clock.go_on()

    assert content.get().entries["side_effects_common"].title == "Brief effects"


def test_new_and_removed_local_file_is_seen(content: Current, clock: Clock, knowledge_folder: Path) -> None:
    """The overlay is part of what is watched."""
    content.get()
    write_local(knowledge_folder, "clinic.yml", "name: Our Clinic\n")
    clock.go_on()
    with_overlay = content.get().clinic.name
    (knowledge_folder / "local" / "clinic.yml").unlink()
    clock.go_on()

    assert (with_overlay, content.get().clinic.name) == ("Our Clinic", "Sample Clinic")


def test_broken_first_content_is_an_error_until_mended(
    content: Current, clock: Clock, knowledge_folder: Path
) -> None:
    """Without any good content there is nothing to keep, so each call says what is wrong."""
    change(knowledge_folder, "topics/risk.yml", "title: Short effects", "title: 5")
    with pytest.raises(ContentError):
        content.get()
    with pytest.raises(ContentError):
        content.get()
    change(knowledge_folder, "topics/risk.yml", "title: 5", "title: Brief effects")

    assert content.get().entries["side_effects_common"].title == "Brief effects"


def test_many_threads_get_one_content(knowledge_folder: Path) -> None:
    """Threads that ask at the same time share one loading."""
    content = Current(knowledge_folder)
    found: list[int] = []
    start = threading.Barrier(8)

    def ask() -> None:
        start.wait()
        found.append(id(content.get()))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(found) == 8 and len(set(found)) == 1


def test_no_turn_waits_for_a_reload(clock: Clock, knowledge_folder: Path) -> None:
    """While the changed files are read, everybody is answered with the old content."""
    works: list[Callable[[], None]] = []
    content = Current(knowledge_folder, clock, start=works.append)
    old = content.get()
    change(knowledge_folder, "topics/risk.yml", "title: Short effects", "title: Brief effects")
    clock.go_on()

    answered = [content.get(), content.get()]
    assert answered == [old, old] and len(works) == 1
    works[0]()

    assert content.get().entries["side_effects_common"].title == "Brief effects"


def test_reload_runs_in_a_thread_of_its_own(clock: Clock, knowledge_folder: Path) -> None:
    """Without anything else being said, a change is there within seconds."""
    content = Current(knowledge_folder, clock)
    content.get()
    change(knowledge_folder, "topics/risk.yml", "title: Short effects", "title: Brief effects")
    clock.go_on()
    content.get()
    for thread in [one for one in threading.enumerate() if one.name == "knowledge-reload"]:
        thread.join(10)

    assert content.get().entries["side_effects_common"].title == "Brief effects"


def test_current_reads_the_working_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The accessor of the running bot looks in data/knowledge where the bot was started."""
    make_folder(tmp_path / "data" / "knowledge")
    monkeypatch.chdir(tmp_path)
    module = importlib.import_module("assistant.knowledge.current")
    monkeypatch.setattr(module, "_CURRENT", Current(module.FOLDER))

    assert current().clinic.name == "Sample Clinic"
    assert current() is current()
