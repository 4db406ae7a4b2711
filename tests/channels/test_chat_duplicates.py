"""A repeated message id: one turn, one answer."""

import asyncio

import aiohttp
import pytest

from tests.channels.conftest import Chat

ID = "0b0e7d5a-8a52-4b77-9d39-0d2f5f2a9f10"


async def test_repeated_id_gets_the_same_answer_without_a_second_turn(chat: Chat, token: str) -> None:
    """A client that did not see the answer can ask again, in any spelling of the same id."""
    first = await chat.say(token, "hello", ID)

    for repeated_id in (ID, ID.upper(), ID.replace("-", "")):
        assert (await chat.say(token, "hello", repeated_id)).data == first.data
    assert len(chat.agent.seen) == 1


async def test_repeat_while_the_first_is_running_waits_for_the_same_turn(chat: Chat, token: str) -> None:
    """Ten requests at once with one id run one turn and all get its answer."""
    gate = chat.agent.hold("hello")
    requests = [asyncio.create_task(chat.say(token, "hello", ID)) for _ in range(10)]
    await asyncio.sleep(0.1)

    gate.set()
    answers = [await request for request in requests]

    assert len(chat.agent.seen) == 1
    assert {answer.status for answer in answers} == {200}
    assert len({answer.body for answer in answers}) == 1


async def test_same_id_in_another_conversation_is_another_message(chat: Chat, token: str) -> None:
    """Nobody gets the answer of another visitor by repeating an id."""
    other = await chat.open()
    await chat.say(token, "my secret", ID)

    answer = await chat.say(other, "hello", ID)

    assert answer.texts == ["You said: hello"]
    assert len(chat.agent.seen) == 2


@pytest.mark.parametrize("text", ["boom", "cancel"])
async def test_failed_turn_can_be_tried_again(chat: Chat, token: str, text: str) -> None:
    """A failure is told as 500 to all who waited and is not remembered."""
    chat.agent.failing.add("boom")
    gate = chat.agent.hold(text)
    requests = [asyncio.create_task(chat.say(token, text, ID)) for _ in range(2)]
    await asyncio.sleep(0.05)
    gate.set()

    assert [(await request).status for request in requests] == [500, 500]
    chat.agent.mend()
    assert (await chat.say(token, text, ID)).texts == [f"You said: {text}"]
    assert len(chat.agent.seen) == 2


async def test_dropped_client_cancels_nothing(chat: Chat, token: str) -> None:
    """The turn goes on without its client, and a retry with the same id gets the answer."""
    gate = chat.agent.hold("hello")
    with pytest.raises(asyncio.TimeoutError):
        await chat.say(token, "hello", ID, timeout=aiohttp.ClientTimeout(total=0.1))
    await asyncio.sleep(0.05)
    gate.set()

    answer = await chat.say(token, "hello", ID)

    assert answer.texts == ["You said: hello"]
    assert len(chat.agent.seen) == 1


async def test_slow_turn_goes_on_after_its_request_gave_up(start) -> None:
    """A turn over the time limit is told as 503, and the retry joins it instead of starting another."""
    chat = await start(turn_seconds=0.1)
    token = await chat.open()
    gate = chat.agent.hold("hello")

    slow = await chat.say(token, "hello", ID)
    gate.set()
    retried = await chat.say(token, "hello", ID)

    assert (slow.status, slow.headers["Retry-After"]) == (503, "2")
    assert slow.data["type"] == "urn:mesoguide:problem:turn-too-slow"
    assert retried.texts == ["You said: hello"]
    assert len(chat.agent.seen) == 1


async def test_hanging_turn_is_stopped_and_frees_the_conversation(start) -> None:
    """A turn that never ends holds its conversation no longer than the set time."""
    chat = await start(turn_seconds=0.5, abandon_seconds=0.1)
    token = await chat.open()
    chat.agent.hold("hang")

    hanging = await chat.say(token, "hang")
    answer = await chat.say(token, "hello")

    assert hanging.status == 503
    assert answer.texts == ["You said: hello"]
