"""GET /chat/history, POST /chat/feedback and DELETE /chat/conversation."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from tests.channels.conftest import Chat
from tests.channels.test_chat_errors import ID, MARKER, check_problem

OTHER_ID = "5e7c1f57-4a39-4c0e-b0a6-0f1d7b1f3c55"


async def rate(chat: Chat, token: str, **fields: Any) -> int:
    """Returns the status of a rating."""
    return (await chat.call("POST", "feedback", token, json=fields)).status


def ratings(chat: Chat) -> list[tuple]:
    """Returns seq, helpful and comment of all ratings of kept conversations."""
    engine = create_engine(f"sqlite:///{chat.folder / 'conversations.db'}")
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT seq, helpful, comment FROM feedback")).all()
    engine.dispose()
    return [tuple(row) for row in rows]


async def test_history_holds_both_sides(chat: Chat, token: str) -> None:
    """What the visitor said stands before its answer, as text with the client's id, a press by its title."""
    await chat.say(token, "hello", ID)
    await chat.post(token, json={"id": OTHER_ID, "button": "topic:pain"})

    messages = await chat.history(token)

    assert [(m["seq"], m["role"], m["text"]) for m in messages] == [
        (1, "assistant", "Hello."),
        (2, "assistant", "A computer program."),
        (3, "user", "hello"),
        (4, "assistant", "You said: hello"),
        (5, "user", "Does it hurt?"),
        (6, "assistant", "You said: Does it hurt?"),
    ]
    assert set(messages[2]) == {"seq", "role", "time", "id", "text"}
    assert (messages[2]["id"], messages[4]["id"]) == (ID, OTHER_ID)


async def test_history_holds_what_was_told(chat: Chat) -> None:
    """The messages of the session and of the answer are the same ones."""
    session = (await chat.request("POST", "/chat/session")).data
    answer = (await chat.say(session["token"], "hello")).data

    messages = await chat.history(session["token"])

    assert messages[:2] == session["messages"]
    assert messages[3:] == answer["messages"]


async def test_history_begins_after_the_number(chat: Chat, token: str) -> None:
    """`after` leaves out what the client has."""
    assert [m["seq"] for m in await chat.history(token, "?after=1")] == [2]
    assert await chat.history(token, "?after=2147483647") == []


@pytest.mark.parametrize("value", [MARKER, "-1", "1.5", "2147483648", "1" * 5000, "²", "٣"])
async def test_bad_number_is_refused(chat: Chat, token: str, value: str) -> None:
    """Only a whole number is one."""
    answer = await chat.call("GET", "history", token, params={"after": value})

    check_problem(answer, 400, "bad-field")
    assert answer.data["field"] == "after"


async def test_history_is_that_of_the_token(chat: Chat, token: str) -> None:
    """Nobody reads another conversation."""
    await chat.say(await chat.open(), "my secret")

    assert "my secret" not in str(await chat.history(token))


async def test_failed_message_is_in_the_history_once_it_is_answered(chat: Chat, token: str) -> None:
    """A turn that was tried again leaves its message and its answer."""
    chat.agent.failing.add("boom")
    await chat.say(token, "boom", ID)
    chat.agent.mend()
    await chat.say(token, "boom", ID)

    messages = (await chat.history(token))[2:]

    assert (messages[-2]["role"], messages[-1]["text"]) == ("user", "You said: boom")


@pytest.mark.parametrize("consent", ["ephemeral", "keep"])
async def test_erased_conversation_is_gone_for_its_token(chat: Chat, consent: str) -> None:
    """After 204 every route answers 401 to the token, and erasing again is no error."""
    token = await chat.open(json={"consent": consent})
    await chat.say(token, "hello", ID)

    erased = await chat.call("DELETE", "conversation", token)
    again = await chat.call("DELETE", "conversation", token)

    assert [(one.status, one.body) for one in (erased, again)] == [(204, b"")] * 2
    for answer in (
        await chat.call("GET", "history", token),
        await chat.call("GET", "events", token),
        await chat.say(token, "hello", ID),
        await chat.say(token, "cannot breathe" + " so much" * 200),
        await chat.call("POST", "session/renew", token),
        await chat.call("PATCH", "session", token, json={"consent": "keep"}),
        await chat.call("PATCH", "session", token, json={"improve": True}),
        await chat.call("POST", "feedback", token, json={"seq": 1, "helpful": True}),
    ):
        check_problem(answer, 401, "no-session")
        assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert len(chat.agent.seen) == 1


async def test_message_whose_conversation_is_erased_meanwhile_gets_no_answer(chat: Chat, token: str) -> None:
    """A turn that ends after the erasing writes nothing and says nothing."""
    gate = chat.agent.hold("hello")
    waiting = asyncio.create_task(chat.say(token, "hello", ID))
    await asyncio.sleep(0.05)
    await chat.call("DELETE", "conversation", token)
    gate.set()

    check_problem(await waiting, 401, "no-session")
    check_problem(await chat.call("GET", "history", token), 401, "no-session")


async def test_nothing_of_an_erased_conversation_is_in_the_files(chat: Chat) -> None:
    """Database, its log and the spool hold no word of it."""
    token = await chat.open(json={"consent": "keep"})
    await chat.say(token, f"a secret {MARKER}")
    await rate(chat, token, seq=1, helpful=False, comment=f"a comment {MARKER}")

    await chat.call("DELETE", "conversation", token)
    engine = create_engine(f"sqlite:///{chat.folder / 'conversations.db'}")
    with engine.connect() as connection:
        connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
    engine.dispose()

    files = [file for file in chat.folder.rglob("*") if file.is_file()]
    assert [file.name for file in files if MARKER.encode() in file.read_bytes()] == []


async def test_rating_is_stored_and_the_latest_counts(chat: Chat) -> None:
    """A visitor may change their mind; the comment is cleaned and may be left out."""
    token = await chat.open(json={"consent": "keep"})
    await chat.say(token, "hello")

    assert await rate(chat, token, seq=4, helpful=False, comment="too\u200b long \ud800") == 204
    assert await rate(chat, token, seq=1, helpful=True, comment="") == 204
    assert ratings(chat) == [(4, 0, "too long"), (1, 1, "")]
    assert await rate(chat, token, seq=4, helpful=True) == 204
    assert sorted(ratings(chat)) == [(1, 1, ""), (4, 1, "")]


@pytest.mark.parametrize(
    ("field", "fields"),
    [
        ("seq", {"helpful": True}),
        ("seq", {"seq": None, "helpful": True}),
        ("seq", {"seq": "1", "helpful": True}),
        ("seq", {"seq": 1.0, "helpful": True}),
        ("seq", {"seq": True, "helpful": True}),
        ("seq", {"seq": 0, "helpful": True}),
        ("seq", {"seq": -1, "helpful": True}),
        ("seq", {"seq": 2**31, "helpful": True}),
        ("seq", {"seq": 10**100, "helpful": True}),
        ("seq", {"seq": [1], "helpful": True}),
        ("seq", {"seq": 99, "helpful": True}),
        ("seq", {"seq": 3, "helpful": True}),
        ("helpful", {"seq": 1}),
        ("helpful", {"seq": 1, "helpful": 1}),
        ("helpful", {"seq": 1, "helpful": "yes"}),
        ("helpful", {"seq": 1, "helpful": None}),
        ("comment", {"seq": 1, "helpful": True, "comment": None}),
        ("comment", {"seq": 1, "helpful": True, "comment": 5}),
        ("comment", {"seq": 1, "helpful": True, "comment": [MARKER]}),
        ("comment", {"seq": 1, "helpful": True, "comment": "a" * 1001}),
        ("comment", {"seq": 1, "helpful": True, "comment": "\ufdfa" * 900}),
    ],
    ids=lambda value: str(value)[:60],
)
async def test_bad_field_of_a_rating_is_named(
    chat: Chat, token: str, field: str, fields: dict[str, Any]
) -> None:
    """A wrong field, an unknown number and the visitor's own message are refused."""
    await chat.say(token, "hello")

    answer = await chat.call("POST", "feedback", token, json=fields)

    check_problem(answer, 400, "bad-field")
    assert answer.data["field"] == field
