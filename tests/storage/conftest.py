"""A conversation log in a folder of its own, with a clock that is moved by hand."""

import asyncio
import logging
import multiprocessing
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, BotUttered, Event, UserUttered

from assistant.storage.conversation_log import ConversationLog
from assistant.storage.passing import forget_passing
from assistant.storage.place import open_log
from assistant.storage.tracker_store import ConversationTrackerStore
from assistant.storage.turn_record import RUNNING, TurnRecord

# A new interpreter, as another worker is.
SPAWN = multiprocessing.get_context("spawn")
KEPT, PASSING = "k-1", "e-1"
# The project promises a merge this soon after an outage.
MERGE_SECONDS = 5.0


class Clock:
    """Seconds since 1970 that a test moves by hand."""

    def __init__(self) -> None:
        self.now = 1_700_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture(autouse=True)
def _quiet() -> None:
    logging.getLogger("alembic").setLevel(logging.WARNING)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def state(tmp_path: Path) -> Iterator[Path]:
    """The state folder; what is kept in memory for it is removed afterwards."""
    folder = tmp_path / "state"
    yield folder
    forget_passing(folder)


@pytest.fixture
def database(state: Path) -> Path:
    return state / "conversations.db"


@pytest.fixture
def conversations(database: Path, clock: Clock) -> Iterator[ConversationLog]:
    log = open_log(database, clock)
    yield log
    log.close()


@pytest.fixture
def store(database: Path, clock: Clock) -> Iterator[ConversationTrackerStore]:
    store = ConversationTrackerStore(Domain.empty(), database=str(database), now=clock)
    yield store
    store.log.close()


@pytest.fixture
def another(database: Path) -> Iterator[Callable[[], ConversationTrackerStore]]:
    """Makes further stores on the same files, as other workers or later processes have them."""
    made: list[ConversationTrackerStore] = []

    def make() -> ConversationTrackerStore:
        made.append(ConversationTrackerStore(Domain.empty(), database=str(database)))
        return made[-1]

    yield make
    for store in made:
        store.log.close()


def said(text: str) -> dict[str, Any]:
    """Returns a reply."""
    return {"text": text}


def turn_events(text: str) -> list[Event]:
    """Returns the events of a plain turn."""
    return [
        UserUttered(text),
        ActionExecuted("utter"),
        BotUttered(f"You said: {text}"),
        ActionExecuted("action_listen"),
    ]


async def turn(
    store: ConversationTrackerStore, conversation_id: str, message_id: str, text: str
) -> list[dict[str, Any]]:
    """Runs one turn as the channel and Rasa do; returns the numbered replies."""
    await store.log.receive(conversation_id, message_id, {"text": text})
    record = TurnRecord(conversation_id, message_id, 1.0, {"text": text, "id": message_id})
    token = RUNNING.set(record)
    try:
        tracker = await store.get_or_create_tracker(conversation_id, append_action_listen=False)
        tracker.update_with_events(turn_events(text), Domain.empty())
        record.replies.append(said(f"You said: {text}"))
        await store.save(tracker)
    finally:
        RUNNING.reset(token)
    assert record.messages is not None
    return record.messages


def asked(tracker: Any) -> list[str]:
    """Returns the visitor's texts of a tracker."""
    return [event.text for event in tracker.events if isinstance(event, UserUttered)]


def texts(messages: list[dict[str, Any]] | None) -> list[str]:
    """Returns the texts of messages."""
    return [message["text"] for message in messages or ()]


def rows(database: Path, query: str, *values: Any) -> list[tuple]:
    """Returns what a query finds, over a connection of its own."""
    with closing(sqlite3.connect(database)) as connection:
        return connection.execute(query, values).fetchall()


def change(database: Path, statement: str, *values: Any) -> None:
    """Changes the database behind everybody's back."""
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute(statement, values)


async def until_merged(log: ConversationLog, state: Path) -> float:
    """Merges once in a while, as the server does, until nothing waits; returns the seconds it took."""
    started = time.monotonic()
    while list((state / "spool").glob("*.jsonl")):
        assert time.monotonic() - started < MERGE_SECONDS
        await log.merge()
        await asyncio.sleep(0.1)
    return time.monotonic() - started


def bytes_in(folder: Path) -> bytes:
    """Returns all bytes of all files under a folder."""
    return b"".join(file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file())
