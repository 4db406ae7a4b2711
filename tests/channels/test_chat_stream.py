"""Answers of POST /chat/messages as a stream of events."""

import asyncio
import uuid

import pytest

from assistant.channels.rate_limit import Limit
from tests.channels.conftest import RED_FLAG, Answer, Chat, Stream, frames_of
from tests.channels.test_chat_errors import ID, JSON, check_problem

STREAM = {"Accept": "text/event-stream"}


async def ask(chat: Chat, token: str, text: str, message_id: str = ID) -> Answer:
    """Sends a text and returns the whole stream."""
    return await chat.say(token, text, message_id, headers=STREAM)


def events_of(answer: Answer) -> list[str]:
    """Returns the names of the events."""
    return [frame.event for frame in frames_of(answer.body)]


async def test_answer_is_streamed_to_who_asks_for_it(chat: Chat, token: str) -> None:
    """A stream tells that the turn runs, each message with its number as id, and that it is done."""
    answer = await ask(chat, token, "Does it hurt?")

    assert answer.status == 200
    assert answer.headers["Content-Type"] == "text/event-stream; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Accel-Buffering"] == "no"
    typing, message, done = frames_of(answer.body)
    assert (typing.event, typing.data, done.event, done.data) == ("typing", {}, "done", {})
    assert (message.event, message.id) == ("message", "4")
    assert (message.data["seq"], message.data["text"]) == (4, "You said: Does it hurt?")


@pytest.mark.parametrize("accept", ["Text/Event-Stream", "text/event-stream, application/json;q=0.5"])
async def test_stream_is_asked_for_in_any_spelling(chat: Chat, token: str, accept: str) -> None:
    """The media type may be among others and in any case."""
    answer = await chat.say(token, "hello", headers={"Accept": accept})

    assert events_of(answer) == ["typing", "message", "done"]


async def test_repeated_id_is_streamed_without_a_turn(chat: Chat, token: str) -> None:
    """The answer that is there already comes at once, in the form that is asked for."""
    first = await chat.say(token, "hello", ID)

    answer = await ask(chat, token, "hello")

    message, done = frames_of(answer.body)
    assert [message.data] == first.data["messages"]
    assert done.event == "done"
    assert len(chat.agent.seen) == 1


async def test_failing_turn_is_told_as_a_frame(chat: Chat, token: str) -> None:
    """The status is sent before the turn fails, so the problem document comes as an event."""
    chat.agent.failing.add("boom")

    typing, error, done = frames_of((await ask(chat, token, "boom")).body)

    assert [typing.event, error.event, done.event] == ["typing", "error", "done"]
    assert (error.data["status"], error.data["emergency"], error.id) == (500, "999", "")


async def test_slow_turn_gets_heartbeats(start) -> None:
    """While the turn runs, comments keep the connection open."""
    chat: Chat = await start(heartbeat_seconds=0.02)
    token = await chat.open()
    gate = chat.agent.hold("slow")
    headers = {"Authorization": f"Bearer {token}", **STREAM}

    body = {"id": ID, "text": "slow"}
    async with chat.http.post(f"{chat.url}/chat/messages", headers=headers, json=body) as response:
        stream = Stream(response)
        started = [(await stream.frame()).event for _ in range(4)]
        gate.set()
        rest = await stream.rest()

    assert started == ["typing", "", "", ""]
    assert [frame.event for frame in rest] == ["message", "done"]


async def test_turn_that_takes_too_long_is_told_as_a_frame(start) -> None:
    """A stream waits no longer than any request, heartbeats included; the turn goes on."""
    chat: Chat = await start(turn_seconds=0.2, heartbeat_seconds=0.15)
    token = await chat.open()
    gate = chat.agent.hold("slow")
    begun = asyncio.get_running_loop().time()

    answer = await ask(chat, token, "slow")

    assert asyncio.get_running_loop().time() - begun < 0.34
    _, error, _ = frames_of(answer.body)
    assert error.data["type"].endswith(":turn-too-slow")
    gate.set()
    assert (await chat.say(token, "slow", ID)).texts == ["You said: slow"]
    assert len(chat.agent.seen) == 1


async def test_client_that_drops_in_mid_answer_gets_it_by_the_same_id(chat: Chat, token: str) -> None:
    """A lost stream cancels nothing."""
    gate = chat.agent.hold("hello")
    headers = {"Authorization": f"Bearer {token}", **STREAM}
    body = {"id": ID, "text": "hello"}
    async with chat.http.post(f"{chat.url}/chat/messages", headers=headers, json=body) as response:
        assert (await Stream(response).frame()).event == "typing"
        response.close()
    await asyncio.sleep(0.05)

    gate.set()

    assert events_of(await ask(chat, token, "hello"))[-2:] == ["message", "done"]
    assert len(chat.agent.seen) == 1


async def test_red_flag_that_gets_no_turn_is_streamed(start) -> None:
    """Who asks for a stream gets the emergency message as a stream too."""
    chat: Chat = await start(conversation_limit=Limit(per_minute=1, burst=1))
    token = await chat.open()
    await chat.say(token, "a")

    for text in (f"I {RED_FLAG}", f"I {RED_FLAG}" + " so much" * 200):
        message, done = frames_of((await ask(chat, token, text, str(uuid.uuid4()))).body)
        assert (message.event, message.data["kind"], done.event) == ("message", "emergency", "done")


async def test_red_flag_of_a_failing_turn_is_streamed(chat: Chat, token: str) -> None:
    """An emergency gets its message where the turn brings none."""
    chat.agent.failing.add(f"boom {RED_FLAG}")

    answer = await ask(chat, token, f"boom {RED_FLAG}")

    assert [frame.data.get("text") for frame in frames_of(answer.body)] == [None, "Call 999.", None]


async def test_refusals_come_before_the_stream(chat: Chat, token: str) -> None:
    """What is refused at once is a problem document with its own status."""
    check_problem(await ask(chat, "bad", "hello"), 401, "no-session")
    check_problem(await ask(chat, token, "a" * 1001), 413, "text-too-long")
    check_problem(await chat.post(token, headers={**STREAM, **JSON}, data=b"{"), 400, "bad-json")
