"""The projector as a process of its own, beside the real chat."""

import os
import signal
import sqlite3
import statistics
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import requests

from tests.conftest import Conversation, Server

PATIENCE_SECONDS = 20.0
VISIBLE_SECONDS = 1.0
TURNS = 25


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server whose projector a test may kill, when the projector works."""
    running = Server.start(tmp_path_factory.mktemp("projector"))
    running.wait_until_ready()
    _wait(lambda: _shown(running, "SELECT 1 FROM projection"), PATIENCE_SECONDS)
    yield running
    running.stop()


def _shown(server: Server, query: str, *values: str) -> list[tuple]:
    """Returns rows of the read model, none while it is being made."""
    file = server.state_dir / "review.db"
    if not file.exists():
        return []
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
        try:
            return connection.execute(query, values).fetchall()
        except sqlite3.OperationalError:
            return []


def _wait(found, seconds: float) -> float:
    """Returns how long it took until `found` gave something; fails after so many seconds."""
    started = time.monotonic()
    while not found():
        assert time.monotonic() - started < seconds
        time.sleep(0.01)
    return time.monotonic() - started


def _said(server: Server, mark: str) -> list[tuple]:
    return _shown(server, "SELECT conversation FROM message WHERE text LIKE ?", f"%{mark}%")


def _process(server: Server) -> int:
    """Returns the id of the projector's process."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command = (folder / "cmdline").read_bytes().split(b"\0")
            parent = int((folder / "stat").read_text().rsplit(")", 1)[1].split()[1])
        except (OSError, IndexError):
            continue
        if b"projector" in command and parent == server.process.pid:
            return int(folder.name)
    return 0


def _talk(server: Server, conversation: Conversation, mark: str) -> float:
    conversation.say(f"does it hurt {mark}")
    return _wait(lambda: _said(server, mark), PATIENCE_SECONDS)


def test_reply_is_visible_within_a_second(own: Server) -> None:
    """From the answer to the visitor to the row that staff read; ephemeral chats never get there."""
    conversation = own.conversation(consent="keep")
    own.conversation().say("does it hurt ephemeralmark")

    took = [_talk(own, conversation, f"visiblemark{number}x") for number in range(TURNS)]

    assert max(took) < VISIBLE_SECONDS, statistics.quantiles(took, n=10)
    assert _said(own, "ephemeralmark") == []


def test_killed_projector_is_started_again(own: Server) -> None:
    """What was said meanwhile is shown, once; the chat does not notice."""
    conversation = own.conversation(consent="keep")
    _talk(own, conversation, "beforemark")
    process = _process(own)
    os.kill(process, signal.SIGKILL)
    conversation.say("does it hurt whilemark")

    _wait(lambda: _said(own, "whilemark"), PATIENCE_SECONDS)

    assert _process(own) not in (0, process)
    assert len(_said(own, "beforemark")) == len(_said(own, "whilemark")) == 1
    assert "projector ended with code -9; starting it again" in own.log.read_text(encoding="utf-8")


def test_projector_holds_no_rasa(own: Server) -> None:
    """Its process has mapped the encoder's library and none of TensorFlow or spaCy."""
    maps = Path(f"/proc/{_process(own)}/maps").read_text(encoding="utf-8")

    assert "onnxruntime" in maps and not any(name in maps for name in ("tensorflow", "spacy", "thinc"))


def test_erased_chat_leaves_no_byte_within_five_seconds(own: Server) -> None:
    """Not in the log, the read model, its index, or a journal."""
    conversation = own.conversation(consent="keep")
    for mark in ("erasemarkone", "erasemarktwo"):
        _talk(own, conversation, mark)
    headers = {"Authorization": f"Bearer {conversation.token}"}
    started = time.monotonic()

    assert requests.delete(f"{own.url}/chat/conversation", headers=headers, timeout=10).status_code < 300

    def is_gone() -> bool:
        return not any(
            b"erasemark" in file.read_bytes() for file in own.state_dir.rglob("*") if file.is_file()
        )

    _wait(is_gone, 5.0)
    assert time.monotonic() - started < 5.0
