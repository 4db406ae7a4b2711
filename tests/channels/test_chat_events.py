"""GET /chat/events: every message as it comes."""

import asyncio
from contextlib import AsyncExitStack

import pytest

from assistant.storage.conversation_log import ConversationLog
from tests.channels.conftest import UNLIMITED, Chat, Frame, Stream, running
from tests.channels.test_chat_errors import MARKER, check_problem


async def take(stream: Stream, count: int) -> list[Frame]:
    """Returns the next frames that are no comments."""
    return [await stream.next() for _ in range(count)]


def said(frames: list[Frame]) -> list[tuple[str, str, str]]:
    """Returns id, role and text of each message."""
    return [(frame.id, frame.data["role"], frame.data["text"]) for frame in frames]


async def test_second_tab_sees_what_the_first_says(chat: Chat, token: str) -> None:
    """What is said anywhere comes to every stream, the visitor's own words too, and no message twice."""
    async with chat.events(token) as stream:
        opening = await take(stream, 2)
        await chat.say(token, "hello")
        turn = await take(stream, 2)
        await chat.say(token, "again")
        next_turn = await take(stream, 2)

    assert said(opening) == [("1", "assistant", "Hello."), ("2", "assistant", "A computer program.")]
    assert said(turn) == [("3", "user", "hello"), ("4", "assistant", "You said: hello")]
    assert [frame.id for frame in next_turn] == ["5", "6"]
    assert {frame.event for frame in opening + turn + next_turn} == {"message"}


async def test_stream_resumes_after_the_last_event(chat: Chat, token: str) -> None:
    """A client that comes back gets what it missed; the header goes before the query."""
    await chat.say(token, "hello")

    async with chat.events(token, {"Last-Event-ID": "3"}, "?after=1") as stream:
        assert (await stream.next()).id == "4"
    async with chat.events(token, query="?after=3") as stream:
        assert (await stream.next()).id == "4"


async def test_stream_begins_with_a_comment(chat: Chat, token: str) -> None:
    """The headers come at once, also where there is nothing to tell."""
    async with chat.events(token, {"Last-Event-ID": "2"}) as stream:
        assert stream.response.headers["Content-Type"] == "text/event-stream; charset=utf-8"
        assert stream.response.headers["Cache-Control"] == "no-store"
        assert (await stream.frame()).event == ""


async def test_silent_stream_gets_heartbeats(start) -> None:
    """A stream on which nothing happens sends comments."""
    chat: Chat = await start(heartbeat_seconds=0.02)

    async with chat.events(await chat.open(), query="?after=2") as stream:
        assert [(await stream.frame()).event for _ in range(4)] == [""] * 4


async def test_more_messages_than_are_read_at_once_all_come(
    chat: Chat, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A long conversation does not wait for the next heartbeat in the middle."""
    whole = ConversationLog.messages
    monkeypatch.setattr(ConversationLog, "messages", lambda log, key, after: whole(log, key, after, 2))
    for text in "abc":
        await chat.say(token, text)

    async with chat.events(token) as stream:
        assert [frame.id for frame in await take(stream, 8)] == [str(seq) for seq in range(1, 9)]


@pytest.mark.parametrize("value", [MARKER, "-1", "1.5", "2147483648", "1" * 5000, "²"])
async def test_bad_number_is_refused(chat: Chat, token: str, value: str) -> None:
    """A number that cannot be used is told by the name under which it came."""
    queried = await chat.call("GET", "events", token, params={"after": value})
    check_problem(queried, 400, "bad-field")
    assert queried.data["field"] == "after"
    if value.isascii():
        resumed = await chat.call("GET", "events", token, headers={"Last-Event-ID": value})
        check_problem(resumed, 400, "bad-field")
        assert resumed.data["field"] == "last-event-id"


async def test_streams_of_a_conversation_are_limited(start) -> None:
    """One more than allowed gets 429; another conversation is free; one that drops makes room."""
    chat: Chat = await start(streams=3)
    token, other = await chat.open(), await chat.open()
    async with AsyncExitStack() as stack:
        streams = [await stack.enter_async_context(chat.events(token)) for _ in range(3)]
        for stream in streams:
            await stream.frame()

        refused = await chat.call("GET", "events", token)
        async with chat.events(other):
            pass
        streams[0].response.close()
        await asyncio.sleep(0.1)
        async with chat.events(token) as stream:
            assert (await stream.next()).id == "1"

    check_problem(refused, 429, "too-many-requests")
    assert refused.headers["Retry-After"] == "5"


async def test_limit_holds_for_streams_that_are_opened_at_once(start) -> None:
    """Many requests at the same time do not slip past the limit."""
    chat: Chat = await start(streams=2, heartbeat_seconds=0.05)
    token = await chat.open()
    headers = {"Authorization": f"Bearer {token}"}

    responses = await asyncio.gather(
        *(chat.http.get(f"{chat.url}/chat/events", headers=headers) for _ in range(8))
    )

    assert sorted(response.status for response in responses) == [200] * 2 + [429] * 6
    for response in responses:
        response.close()


async def test_dropped_streams_leave_nothing_behind(chat: Chat, token: str) -> None:
    """However often a client comes and goes, the limit stays as far away as before."""
    for _ in range(3 * UNLIMITED.streams):
        async with chat.events(token) as stream:
            await stream.frame()
        await asyncio.sleep(0.02)

    async with chat.events(token) as stream:
        assert (await stream.next()).id == "1"


async def test_stream_ends_when_the_token_expires(start) -> None:
    """A stream lives no longer than its token, to the second, and says that it is done."""
    chat: Chat = await start(token_seconds=1)
    token = await chat.open()

    async with chat.events(token) as stream:
        frames = await stream.rest()

    assert [frame.event for frame in frames] == ["message", "message", "done"]
    check_problem(await chat.call("GET", "events", token), 401, "no-session")


async def test_stream_ends_when_the_server_stops() -> None:
    """A stop waits for no heartbeat; each stream gets its end."""
    async with running() as chat, chat.events(await chat.open()) as stream:
        await take(stream, 2)
        await asyncio.wait_for(chat.stop(), 1)
        frames = await stream.rest()

    assert [frame.event for frame in frames] == ["done"]


async def test_stream_of_an_erased_conversation_ends(chat: Chat, token: str) -> None:
    """Who still listens is told at once that there is no such conversation any more."""
    async with chat.events(token) as stream:
        await take(stream, 2)
        await chat.call("DELETE", "conversation", token)
        error, done = await stream.rest()

    assert (error.event, error.data["status"], error.data["emergency"]) == ("error", 401, "999")
    assert done.event == "done"


async def test_emergency_outside_of_a_turn_comes_to_the_other_tab(chat: Chat, token: str) -> None:
    """What the channel itself says is news too."""
    async with chat.events(token, query="?after=2") as stream:
        await stream.frame()
        await chat.say(token, "cannot breathe" + " so much" * 200)

        assert (await stream.next()).data["kind"] == "emergency"
