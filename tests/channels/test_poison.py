"""A message whose turn ends the process each time is given up; the others are answered."""

import asyncio
import os
from pathlib import Path
from typing import Any

import pytest
from rasa.core.channels.channel import UserMessage
from structlog.testing import capture_logs

from assistant.channels.chat_message import ChatMessage
from assistant.channels.reply_channel import plain_reply
from assistant.channels.session_token import Session
from assistant.channels.turn import MOST_ATTEMPTS, Turns
from assistant.storage.delivery import Delivery
from assistant.storage.lock_store import ConversationLockStore
from assistant.storage.place import open_log
from tests.channels.conftest import WordFront
from tests.storage.conftest import KEPT, SPAWN, rows

POISON, PLAIN = "words that kill", "hello"
KILLED = 9


def _turns(folder: Path) -> tuple[Any, Turns]:
    """Returns the log and the turns of a worker whose agent dies of one text."""

    async def answer(message: UserMessage) -> None:
        if message.text == POISON:
            os._exit(KILLED)
        await message.output_channel.send_response(message.sender_id, {"custom": plain_reply("fine")})

    log = open_log(folder / "conversations.db")
    locks = ConversationLockStore(folder / "locks")
    return log, Turns(answer, WordFront(), log, locks, Delivery(None), abandon_seconds=10)


async def _answers(folder: Path, recover: bool, sent: list[tuple[str, str]]) -> list[Any]:
    """Recovers what waits, then sends messages as (id, text); returns their answers."""
    log, turns = _turns(folder)
    try:
        if recover:
            await turns.recover(0)
        answers = []
        for message_id, text in sent:
            taken = await turns.take(Session(KEPT, {}, 0), ChatMessage(message_id, text))
            answers.append(taken if isinstance(taken, list) else await taken)
        return answers
    finally:
        log.close()


def _worker(folder: Path, recover: bool, sent: list[tuple[str, str]]) -> None:
    asyncio.run(_answers(folder, recover, sent))


def _killed(folder: Path, recover: bool, sent: list[tuple[str, str]] = ()) -> bool:
    """Returns whether a worker, a process of its own, dies of what it has to do."""
    process = SPAWN.Process(target=_worker, args=(folder, recover, list(sent)))
    process.start()
    process.join(60)
    return process.exitcode == KILLED


@pytest.mark.parametrize("again", ["start", "repeat"])
async def test_message_that_kills_its_worker_is_given_up(tmp_path: Path, again: str) -> None:
    """Three workers die of it; the fourth answers it with the error reply, be it found or sent again."""
    recover, repeated = again == "start", [("m1", POISON)] if again == "repeat" else []
    killed = [_killed(tmp_path, False, [("m1", POISON)])]
    killed += [_killed(tmp_path, recover, repeated) for _ in range(MOST_ATTEMPTS - 1)]

    with capture_logs() as logs:
        answers = await _answers(tmp_path, recover, [("m1", POISON), ("m2", PLAIN)])

    assert killed == [True] * MOST_ATTEMPTS
    assert [[message["kind"] for message in answer] for answer in answers] == [["error"], ["smalltalk"]]
    (entry,) = [one for one in logs if one["event"] == "chat.turn.poison"]
    assert entry["attempts"] == MOST_ATTEMPTS and entry["message"] == "m1"
    assert POISON not in str(logs)
    states = rows(tmp_path / "conversations.db", "SELECT message_id, state FROM inbound ORDER BY id")
    assert states == [("m1", "answered"), ("m2", "answered")]


async def test_message_behind_one_that_kills_is_not_counted(tmp_path: Path) -> None:
    """A message that only waits while workers die is answered in the end."""
    for _ in range(MOST_ATTEMPTS):
        assert _killed(tmp_path, False, [("m1", POISON)])
    log, _ = _turns(tmp_path)
    await log.receive(KEPT, "m2", {"text": PLAIN, "button": "", "choices": {}})
    log.close()

    answers = await _answers(tmp_path, True, [("m1", POISON), ("m2", PLAIN)])

    assert [answer[0]["kind"] for answer in answers] == ["error", "smalltalk"]


async def test_message_that_fails_may_come_again_as_often_as_it_is_sent(tmp_path: Path, monkeypatch) -> None:
    """An error is no kill: the attempts are counted from the start each time."""
    log, turns = _turns(tmp_path)

    async def fail(message: UserMessage) -> None:
        raise ValueError

    turns._on_new_message = fail
    for _ in range(MOST_ATTEMPTS + 2):
        taken = await turns.take(Session(KEPT, {}, 0), ChatMessage("m1", PLAIN))
        await asyncio.wait({taken})
        assert taken.exception() is not None
    log.close()

    assert rows(tmp_path / "conversations.db", "SELECT attempts, state FROM inbound") == [(1, "failed")]


async def test_attempts_are_counted_in_an_outage_too(tmp_path: Path, monkeypatch) -> None:
    """The spool counts while the database is out of reach."""
    log, _ = _turns(tmp_path)
    (tmp_path / "conversations.db").rename(tmp_path / "aside.db")
    await log.receive(KEPT, "m1", {"text": PLAIN, "button": "", "choices": {}})

    counted = [await log.begin(KEPT, "m1") for _ in range(2)]
    (tmp_path / "aside.db").rename(tmp_path / "conversations.db")
    log._bridge._down_until = 0.0
    await log.merge()

    assert counted == [2, 3]
    assert await log.begin(KEPT, "m1") == 4
    log.close()
