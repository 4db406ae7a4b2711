"""What holds when the server was started again, and when nothing can be stored."""

import asyncio
import shutil
import time
from pathlib import Path

from assistant.channels.chat import RECOVER_SECONDS
from assistant.channels.rate_limit import Limit
from assistant.storage.place import open_log
from tests.channels.conftest import RED_FLAG, Chat, frames_of, running
from tests.channels.test_chat_errors import ID, check_problem


def break_storage(chat: Chat) -> None:
    """Takes the database away, and the folder of the spool too."""
    (chat.folder / "conversations.db").rename(chat.folder / "away.db")
    shutil.rmtree(chat.folder / "spool")
    (chat.folder / "spool").write_text("no folder", encoding="utf-8")


def mend_storage(chat: Chat) -> None:
    """Undoes `break_storage`."""
    (chat.folder / "spool").unlink()
    (chat.folder / "spool").mkdir()
    (chat.folder / "away.db").rename(chat.folder / "conversations.db")


async def test_repeated_id_gets_the_same_answer_after_a_restart(tmp_path: Path) -> None:
    """The database remembers what was answered, and numbers go on."""
    async with running(keep_in=tmp_path) as chat:
        token = await chat.open(json={"consent": "keep"})
        first = await chat.say(token, "hello", ID)

    async with running(keep_in=tmp_path) as chat:
        again = await chat.say(token, "hello", ID)
        more = await chat.say(token, "more")

        assert again.data == first.data
        assert [message.text for message in chat.agent.seen] == ["more"]
        assert more.data["messages"][0]["seq"] == 6
        assert [message["seq"] for message in await chat.history(token)] == [1, 2, 3, 4, 5, 6]


async def test_emergency_outside_of_a_turn_is_remembered_over_a_restart(tmp_path: Path) -> None:
    """What the channel itself answered is not answered twice either."""
    text = f"I {RED_FLAG}" + " so much" * 200
    async with running(keep_in=tmp_path) as chat:
        token = await chat.open(json={"consent": "keep"})
        first = await chat.say(token, text, ID)

    async with running(keep_in=tmp_path) as chat:
        assert (await chat.say(token, text, ID)).data == first.data


async def test_message_that_an_ended_server_left_is_answered_by_the_next(tmp_path: Path) -> None:
    """What was received is answered at start-up without its client, which gets it by the same id."""
    async with running(keep_in=tmp_path) as chat:
        token = await chat.open(json={"consent": "keep"})
        conversation_id = chat.tokens.session(token).conversation_id
    left = open_log(tmp_path / "conversations.db", lambda: time.time() - 2 * RECOVER_SECONDS)
    await left.receive(conversation_id, ID, {"text": "hello", "button": "", "choices": {}})
    left.close()

    async with running(keep_in=tmp_path) as chat:
        async with chat.events(token, query="?after=3") as stream:
            recovered = (await stream.next()).data

        assert (await chat.say(token, "hello", ID)).data["messages"] == [recovered]
        assert recovered["text"] == "You said: hello"
        assert len(chat.agent.seen) == 1


async def test_message_that_cannot_be_stored_is_refused_with_the_numbers(chat: Chat) -> None:
    """Without database and spool there is no turn, but the emergency line; later the same id is good."""
    token = await chat.open(json={"consent": "keep"})
    break_storage(chat)

    refused = await chat.say(token, "hello", ID)
    streamed = await chat.say(token, "hello", ID, headers={"Accept": "text/event-stream"})

    for answer in (refused, streamed):
        check_problem(answer, 503, "unavailable")
        assert answer.headers["Retry-After"] == "2"
    assert chat.agent.seen == []
    mend_storage(chat)
    await asyncio.sleep(1.1)
    assert (await chat.say(token, "hello", ID)).texts == ["You said: hello"]


async def test_red_flag_that_cannot_be_stored_is_answered(chat: Chat) -> None:
    """An emergency gets its message whatever fails; 0 tells that it is not in the conversation."""
    token = await chat.open(json={"consent": "keep"})
    break_storage(chat)
    text = f"I {RED_FLAG}"

    answers = [await chat.say(token, text, ID), await chat.say(token, text + " so much" * 200)]
    stream = await chat.say(token, text, ID, headers={"Accept": "text/event-stream"})

    for answer in answers:
        assert (answer.status, answer.texts) == (200, ["Call 999."])
        [message] = answer.data["messages"]
        assert (message["seq"], message["role"]) == (0, "assistant")
    message, done = frames_of(stream.body)
    assert (message.data["text"], message.id, done.event) == ("Call 999.", "", "done")


async def test_red_flag_over_the_limit_that_cannot_be_stored_is_answered(start) -> None:
    """Two failures at once keep nobody from the emergency message."""
    chat: Chat = await start(conversation_limit=Limit(per_minute=1, burst=1))
    token = await chat.open(json={"consent": "keep"})
    await chat.say(token, "a")
    break_storage(chat)

    assert (await chat.say(token, f"I {RED_FLAG}")).texts == ["Call 999."]


async def test_session_is_started_when_nothing_can_be_stored(chat: Chat) -> None:
    """A visitor is still welcomed and can be told what to do in an emergency."""
    break_storage(chat)

    answer = await chat.request("POST", "/chat/session", json={"consent": "keep"})

    assert (answer.status, answer.texts) == (201, ["Hello.", "A computer program."])
    assert (await chat.say(answer.data["token"], RED_FLAG)).texts == ["Call 999."]


async def test_other_routes_say_that_storage_is_down(chat: Chat) -> None:
    """Nothing is claimed to be erased, changed or rated that is not."""
    token = await chat.open(json={"consent": "keep"})
    break_storage(chat)

    for answer in (
        await chat.call("GET", "history", token),
        await chat.call("DELETE", "conversation", token),
        await chat.call("PATCH", "session", token, json={"consent": "ephemeral"}),
        await chat.call("POST", "feedback", token, json={"seq": 1, "helpful": True}),
    ):
        check_problem(answer, 503, "unavailable")
        assert answer.headers["Retry-After"] == "5"
    assert (await chat.call("POST", "session/renew", token)).status == 200
    async with chat.events(token) as stream:
        error, done = await stream.rest()
    assert (error.event, error.data["status"], done.event) == ("error", 503, "done")


async def test_passing_conversation_does_not_need_the_database(chat: Chat, token: str) -> None:
    """What is not kept is in memory, so an outage of the disk leaves it alone."""
    break_storage(chat)

    assert (await chat.say(token, "hello")).texts == ["You said: hello"]
    assert (await chat.call("DELETE", "conversation", token)).status == 204
