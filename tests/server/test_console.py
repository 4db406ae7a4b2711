"""The console as a process of its own, beside the real chat."""

import os
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests

from assistant.review.database import ReviewDatabase
from tests.conftest import Server, free_port
from tests.console.conftest import Console, Person, add_person

PATIENCE_SECONDS = 20.0


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, Console]]:
    """A server with its console."""
    port = free_port()
    server = Server.start(tmp_path_factory.mktemp("console"), MESOGUIDE_CONSOLE_PORT=str(port))
    server.wait_until_ready()
    console = Console(port, server.state_dir, server.log, server.process)
    _wait(lambda: "staff console is at" in console.text())
    yield server, console
    server.stop()


@pytest.fixture(scope="module")
def person(own: tuple[Server, Console]) -> Person:
    """A privacy officer who is signed in."""
    review = ReviewDatabase("", own[0].state_dir)
    secret, _ = add_person(review, "ann", ("privacy_officer",))
    review.close()
    return Person(own[1], secret)


def _wait(found: Callable[[], object], seconds: float = PATIENCE_SECONDS) -> None:
    started = time.monotonic()
    while not found():
        assert time.monotonic() - started < seconds
        time.sleep(0.02)


def _process(server: Server) -> int:
    """Returns the id of the console's process."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command = (folder / "cmdline").read_bytes().split(b"\0")
            parent = int((folder / "stat").read_text().rsplit(")", 1)[1].split()[1])
        except (OSError, IndexError):
            continue
        if b"assistant.console" in command and parent == server.process.pid:
            return int(folder.name)
    return 0


def test_chat_is_read_and_erased_by_staff(own: tuple[Server, Console], person: Person) -> None:
    """From the visitor's words, masked, to the receipt; then no file holds them any more."""
    server, _ = own
    chat = server.conversation(consent="keep")
    chat.say("does it hurt stafmarkone, my name is Jane Miller")
    chat.say("I want to speak to a person")

    _wait(lambda: "stafmarkone" in person.get("/conversations").text)
    page = person.get("/conversations/1").text
    assert "[name]" in page and "Miller" not in page and "Does it hurt?" in page
    assert "I want to speak to a person" in person.get("/queues/person").text

    answer = person.post("/conversations/1/erase", {"reason": "asked by letter", "sure": "yes"})
    _wait(lambda: "not yet" not in person.get(answer.headers["location"]).text)

    def is_gone() -> bool:
        files = [file for file in server.state_dir.rglob("*") if file.is_file()]
        return not any(b"stafmark" in file.read_bytes() for file in files)

    _wait(is_gone, 5.0)
    assert person.get("/conversations/1").status_code == 404


def test_ephemeral_chat_is_never_shown(own: tuple[Server, Console], person: Person) -> None:
    """Only what its visitor lets be kept."""
    own[0].conversation().say("does it hurt ephemeralmark")
    own[0].conversation(consent="keep").say("does it hurt keptmark")

    _wait(lambda: "keptmark" in person.get("/conversations").text)

    assert "ephemeralmark" not in person.get("/conversations").text


def test_killed_console_is_started_again(own: tuple[Server, Console], person: Person) -> None:
    """Who is signed in stays so, and the chat does not notice."""
    server, _ = own
    process = _process(server)
    os.kill(process, signal.SIGKILL)

    assert requests.get(server.url, timeout=5).status_code == 200

    def is_back() -> bool:
        try:
            return person.get("/account").status_code == 200
        except requests.ConnectionError:
            return False

    _wait(is_back)
    assert _process(server) not in (0, process)
    assert "console ended with code -9; starting it again" in server.log.read_text(encoding="utf-8")


def test_log_holds_no_message_and_no_failure(own: tuple[Server, Console]) -> None:
    """After all of the above."""
    log = own[0].log.read_text(encoding="utf-8")

    levels = Counter(
        line.split('"level": "')[1].split('"')[0] for line in log.splitlines() if '"level"' in line
    )
    assert levels["error"] == 0
    assert not any(mark in log for mark in ("stafmark", "keptmark", "Miller"))
