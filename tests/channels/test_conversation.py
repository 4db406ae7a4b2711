"""Conversations and answers held in memory."""

import asyncio

import pytest

from assistant.channels.consent import Consent
from assistant.channels.conversation import Conversations
from assistant.channels.duplicates import Duplicates
from tests.channels.conftest import Clock


@pytest.fixture
def clock() -> Clock:
    """A clock that the test moves."""
    return Clock()


@pytest.fixture
def conversations(clock: Clock) -> Conversations:
    """Room for three conversations, two answers each, for 100 seconds."""
    return Conversations(size=3, answers=2, idle_seconds=100, clock=clock)


def test_longest_unused_conversation_is_dropped(conversations: Conversations) -> None:
    """Beyond the bound the conversations used last stay."""
    held = {name: conversations.start(name, Consent()) for name in "abc"}
    conversations.get("a")

    conversations.start("d", Consent())

    assert len(conversations) == 3
    assert conversations.get("a") is held["a"]
    assert conversations.get("b") is not held["b"]


async def test_conversation_with_a_running_turn_is_kept(conversations: Conversations, clock: Clock) -> None:
    """A conversation that would lose its lock in the middle of a turn is not dropped, full or idle."""
    running = conversations.start("a", Consent())
    running.answers.put("1", asyncio.get_running_loop().create_future())
    clock.seconds += 1000

    for name in "bcde":
        conversations.start(name, Consent())

    assert len(conversations) == 3
    assert conversations.get("a") is running


def test_idle_conversation_is_dropped(conversations: Conversations, clock: Clock) -> None:
    """What nobody has used for its time is forgotten when another conversation is used."""
    conversations.start("a", Consent())
    clock.seconds += 101

    conversations.start("b", Consent())

    assert len(conversations) == 1


def test_forgotten_conversation_begins_again_without_its_choices(conversations: Conversations) -> None:
    """Of the consent only what the id tells is left, and that is the lesser choice in doubt."""
    assert conversations.get("k-1").consent == Consent("keep", improve=False)
    assert conversations.get("e-1").consent == Consent("ephemeral", improve=False)


def test_stamp_leaves_the_reply_as_it_is(conversations: Conversations) -> None:
    """Replies may be shared by all conversations; the numbers go on a copy."""
    reply = {"text": "hello"}

    messages = conversations.start("a", Consent()).stamp([reply, reply], now=0.25)

    assert reply == {"text": "hello"}
    assert messages == [
        {"text": "hello", "seq": seq, "role": "assistant", "time": "1970-01-01T00:00:00.250Z"}
        for seq in (1, 2)
    ]


async def test_finished_answers_make_room_and_running_ones_stay() -> None:
    """An answer that is still being made is never dropped, even when there are more than fit."""
    loop = asyncio.get_running_loop()
    answers = Duplicates(size=2)
    futures = {key: loop.create_future() for key in "abcd"}
    futures["b"].set_result([])
    for key, future in futures.items():
        answers.put(key, future)

    assert [answers.get(key) is not None for key in "abcd"] == [True, False, True, True]
    assert answers.is_waiting()


async def test_failed_answer_is_forgotten_but_not_its_successor() -> None:
    """A failure frees its id; a newer answer under the same id stays."""
    loop = asyncio.get_running_loop()
    answers = Duplicates(size=2)
    failed, newer = loop.create_future(), loop.create_future()
    answers.put("a", failed)
    failed.set_exception(ValueError())
    answers.put("a", newer)
    await asyncio.sleep(0)

    assert answers.get("a") is newer
    newer.cancel()
    await asyncio.sleep(0)
    assert len(answers) == 0


async def test_answers_are_forgotten_after_a_rest_and_numbers_go_on(conversations, clock) -> None:
    """What was said is dropped; the next message still has the next number."""
    conversation = conversations.get("e-1")
    answer = asyncio.get_running_loop().create_future()
    answer.set_result(conversation.stamp([{"text": "one"}], 0))
    conversation.answers.put("id", answer)
    clock.seconds += 50

    conversations.forget_answers(40)

    assert conversation.answers.get("id") is None
    assert conversations.get("e-1").stamp([{"text": "two"}], 0)[0]["seq"] == 2
