"""A conversation log that a test talks to as the chat does, and a projector that reads it."""

import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from assistant.projector.grouping import QuestionGroups
from assistant.projector.log_reader import LogReader
from assistant.projector.projector import Projector
from assistant.projector.subject import Subject
from assistant.redaction.redactor import Redactor
from assistant.review.database import ReviewDatabase
from assistant.storage.conversation_log import ConversationLog
from assistant.storage.passing import forget_passing
from assistant.storage.place import open_log
from assistant.storage.turn_record import TurnRecord

ROOT = Path(__file__).parents[2]
START = 1_790_000_000.0
# questions that have nothing in common
PLAIN = Subject(np.zeros((1, 64), dtype=np.float32))


@pytest.fixture(autouse=True)
def _quiet() -> None:
    logging.getLogger("alembic").setLevel(logging.WARNING)


class Clock:
    """Seconds since 1970 that a test moves by hand."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def state(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "state"
    yield folder
    forget_passing(folder)


@pytest.fixture
def conversations(state: Path, clock: Clock) -> Iterator[ConversationLog]:
    log = open_log(state / "conversations.db", clock)
    yield log
    log.close()


@pytest.fixture(scope="session")
def redactor() -> Redactor:
    return Redactor.load(ROOT / "data" / "redaction")


@pytest.fixture
def review(state: Path) -> Iterator[ReviewDatabase]:
    database = ReviewDatabase("", state)
    database.prepare()
    yield database
    database.close()


@pytest.fixture
def make_projector(
    state: Path, conversations: ConversationLog, review: ReviewDatabase, redactor: Redactor, clock: Clock
) -> Iterator[Callable[[], Projector]]:
    """Makes projectors on the same files, as processes that follow each other have them."""
    readers: list[LogReader] = []

    def make() -> Projector:
        readers.append(LogReader(state / "conversations.db"))
        return Projector(readers[-1], review, redactor, QuestionGroups(encode, PLAIN), clock)

    yield make
    for reader in readers:
        reader.close()


@pytest.fixture
def projector(make_projector: Callable[[], Projector]) -> Projector:
    return make_projector()


def encode(texts: list[str]) -> Any:
    """Returns vectors of which those of texts with the same first word are the same."""
    places = [sum(map(ord, (text.split() or [""])[0])) % 64 for text in texts]
    return np.eye(64, dtype=np.float32)[places]


def work_off(projector: Projector) -> None:
    """Lets the projector do what there is to do."""
    while projector.step():
        pass


def reply(text: str = "It stings.", kind: str = "answer", topic: str | None = "pain") -> dict[str, Any]:
    """Returns a reply as the chat stores it."""
    urgency = "now" if kind == "emergency" else "none"
    return {"kind": kind, "urgency": urgency, "topic": topic, "premise": None, "text": text, "buttons": []}


def user_event(
    message_id: str, text: str, time: float, intent: str = "ask_pain", score: float = 0.9
) -> dict[str, Any]:
    """Returns an event as Rasa stores it."""
    parse = {
        "intent": {"name": intent, "confidence": score},
        "intent_ranking": [{"name": intent, "confidence": score}, {"name": "ask_cost", "confidence": 0.01}],
        "entities": [{"entity": "area", "value": "face", "start": len(text) - 4, "end": len(text)}],
        "questions": [],
        "premises": [],
        "text": text,
        "language": "en",
        "decision": {"by": "classifier", "rule": None, "level": None, "group": None, "score": score},
    }
    return {
        "event": "user",
        "timestamp": time,
        "metadata": {"model_id": "m1"},
        "text": text,
        "parse_data": parse,
        "input_channel": "web",
        "message_id": message_id,
    }


def action_event(name: str, time: float) -> dict[str, Any]:
    """Returns an event as Rasa stores it."""
    return {"event": "action", "timestamp": time, "name": name, "policy": "RulePolicy", "confidence": 1.0}


async def say(
    log: ConversationLog,
    conversation_id: str,
    message_id: str,
    text: str,
    *replies: dict[str, Any],
    intent: str = "ask_pain",
    score: float = 0.9,
) -> None:
    """Runs one turn as the chat does."""
    now = log._now()
    await log.receive(conversation_id, message_id, {"text": text})
    record = TurnRecord(conversation_id, message_id, now, {"text": text, "id": message_id})
    record.replies.extend(replies or [reply()])
    events = [
        user_event(message_id, text, now, intent, score),
        action_event("action_answer_topic", now + 0.01),
        action_event("action_listen", now + 0.02),
    ]
    await log.commit(record, events)


def bytes_in(folder: Path) -> bytes:
    """Returns all bytes of all files under a folder."""
    return b"".join(file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file())
