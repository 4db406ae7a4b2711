"""A running server takes a changed text within five seconds, and refuses a broken one."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import Server

SECONDS = 5.0
FILE = "data/knowledge/topics/basics.yml"


@pytest.fixture
def running(project: Path, tmp_path: Path) -> Iterator[Server]:
    """A server over a copy of the content."""
    server = Server.start(tmp_path, project)
    server.wait_until_ready()
    yield server
    server.stop()


def _seconds_until(server: Server, words: str) -> float:
    """Returns after how long the answer on `history` holds the words; gives up after a while."""
    begun = time.monotonic()
    while (passed := time.monotonic() - begun) < 4 * SECONDS:
        if words in server.conversation().press("topic:history")[0]["text"]:
            return passed
        time.sleep(0.2)
    return passed


def _answer(words: str) -> str:
    return f"entries:\n  - id: history\n    answer:\n      - {{text: '{words}', why: advice}}\n"


def test_changed_answer_is_told_within_five_seconds(running: Server, project: Path) -> None:
    """Measured from the moment the file is written; with a file of the clinic's own too."""
    local = project / "data" / "knowledge" / "local" / "topics" / "own.yml"
    local.parent.mkdir()

    local.write_text(_answer("Ask the clinic about its own story."), encoding="utf-8")
    own = _seconds_until(running, "Ask the clinic about its own story.")
    local.unlink()
    file = project / FILE
    text = file.read_text(encoding="utf-8")
    line = next(one for one in text.splitlines() if "Pistor" in one and "text:" in one)
    file.write_text(text.replace(line, line.replace("Pistor", "Pistorius")), encoding="utf-8")
    shipped = _seconds_until(running, "Pistorius")

    assert own <= SECONDS and shipped <= SECONDS


def test_change_holds_for_the_first_who_asks(running: Server, project: Path) -> None:
    """Nobody needs to have asked between the change and the question."""
    local = project / "data" / "knowledge" / "local" / "topics" / "own.yml"
    local.parent.mkdir()
    local.write_text(_answer("Ask the clinic about its own story."), encoding="utf-8")
    time.sleep(SECONDS)

    [told] = running.conversation().press("topic:history")

    assert "its own story" in told["text"]


def test_broken_change_is_refused_and_the_old_text_told(running: Server, project: Path) -> None:
    """A text with a mistake is logged with its place, and nobody sees it."""
    local = project / "data" / "knowledge" / "local" / "topics" / "own.yml"
    local.parent.mkdir()
    before = running.conversation().press("topic:history")
    local.write_text(_answer("This is a miracle."), encoding="utf-8")
    deadline = time.monotonic() + 4 * SECONDS
    while "knowledge.reload.refused" not in running.log.read_text("utf-8") and time.monotonic() < deadline:
        time.sleep(0.1)

    after = running.conversation().press("topic:history")

    assert after[0]["text"] == before[0]["text"]
    assert "own.yml" in running.log.read_text("utf-8")
