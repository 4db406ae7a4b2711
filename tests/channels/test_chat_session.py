"""POST /chat/session/renew and PATCH /chat/session."""

import asyncio
from typing import Any

import pytest

from tests.channels.conftest import Chat
from tests.channels.test_chat_errors import ID, JSON, MARKER, check_problem


async def change(chat: Chat, token: str, **fields: Any) -> str:
    """Returns the token after a change."""
    answer = await chat.call("PATCH", "session", token, json=fields)
    assert answer.status == 200, answer.body
    assert set(answer.data) == {"token", "expires_in", "consent"}
    return answer.data["token"]


def texts(messages: list[dict]) -> list[str]:
    """Returns what was said."""
    return [message["text"] for message in messages]


async def test_renewed_token_goes_on_with_the_same_conversation(start) -> None:
    """A client that renews in time never loses its conversation or its choices."""
    chat: Chat = await start(token_seconds=2)
    choices = {"consent": "keep", "improve": True, "notice": "1", "locale": "en-GB"}
    token = await chat.open(json=choices)
    before = chat.tokens.session(token)
    await asyncio.sleep(1)

    answer = await chat.call("POST", "session/renew", token)

    after = chat.tokens.session(answer.data["token"])
    assert (answer.status, answer.data["expires_in"], answer.data["consent"]) == (200, 2, "keep")
    assert (after.conversation_id, after.choices) == (before.conversation_id, choices)
    assert after.expires > before.expires


async def test_expired_token_cannot_be_renewed(start) -> None:
    """Who comes too late starts anew."""
    chat: Chat = await start(token_seconds=1)
    token = await chat.open()
    await asyncio.sleep(1.1)

    check_problem(await chat.call("POST", "session/renew", token), 401, "no-session")
    check_problem(await chat.call("PATCH", "session", token, json={}), 401, "no-session")
    check_problem(await chat.call("DELETE", "conversation", token), 401, "no-session")


async def test_from_ephemeral_to_keep_what_was_said_is_kept(chat: Chat, token: str) -> None:
    """The conversation goes on with its messages and numbers under a new token; the old one is of no use."""
    await chat.say(token, "hello", ID)
    before = await chat.history(token)

    kept = await change(chat, token, consent="keep")

    assert await chat.history(kept) == before
    assert chat.tokens.session(kept).conversation_id.startswith("k-")
    assert chat.tokens.session(kept).choices["consent"] == "keep"
    check_problem(await chat.call("GET", "history", token), 401, "no-session")
    assert (await chat.say(kept, "more")).data["messages"][0]["seq"] == 6


async def test_from_keep_to_ephemeral_everything_is_erased(chat: Chat) -> None:
    """Withdrawing leaves an empty conversation and no token for the old one."""
    token = await chat.open(json={"consent": "keep"})
    await chat.say(token, "hello")

    passing = await change(chat, token, consent="ephemeral")

    assert await chat.history(passing) == []
    assert chat.tokens.session(passing).conversation_id.startswith("e-")
    check_problem(await chat.call("GET", "history", token), 401, "no-session")
    assert (await chat.say(passing, "anew")).texts == ["You said: anew"]
    assert texts(await chat.history(passing)) == ["anew", "You said: anew"]


async def test_other_choices_change_without_a_new_conversation(chat: Chat, token: str) -> None:
    """What is not sent stays; the next turn gets the choices as they are now."""
    before = chat.tokens.session(token)

    changed = await change(chat, token, improve=True, locale="de-AT")

    assert chat.tokens.session(changed).conversation_id == before.conversation_id
    await chat.say(changed, "hello")
    assert chat.agent.seen[0].metadata == {**before.choices, "improve": True, "locale": "de-AT"}


async def test_change_waits_for_the_turn_that_runs(chat: Chat, token: str) -> None:
    """An answer that is on its way is kept with the rest."""
    gate = chat.agent.hold("slow")
    asking = asyncio.create_task(chat.say(token, "slow", ID))
    await asyncio.sleep(0.05)
    changing = asyncio.create_task(change(chat, token, consent="keep"))
    await asyncio.sleep(0.05)

    gate.set()

    assert (await asking).texts == ["You said: slow"]
    assert texts(await chat.history(await changing))[2:] == ["slow", "You said: slow"]


async def test_only_one_of_two_changes_at_once_holds(chat: Chat, token: str) -> None:
    """A conversation is not doubled."""
    answers = await asyncio.gather(
        *(chat.call("PATCH", "session", token, json={"consent": "keep"}) for _ in range(3))
    )

    assert sorted(answer.status for answer in answers) == [200, 401, 401]


async def test_stream_of_the_conversation_that_ended_is_told(chat: Chat, token: str) -> None:
    """Another tab learns at once that its token is of no use."""
    async with chat.events(token, query="?after=2") as stream:
        await stream.frame()
        await change(chat, token, consent="keep")

        assert (await stream.next()).data["status"] == 401


@pytest.mark.parametrize(
    ("field", "fields"),
    [
        ("consent", {"consent": MARKER}),
        ("consent", {"consent": None}),
        ("consent", {"consent": ["keep"]}),
        ("improve", {"improve": 1, "consent": "keep"}),
        ("notice", {"notice": "n" * 65}),
        ("notice", {"notice": None}),
        ("locale", {"locale": f"<{MARKER}>"}),
    ],
    ids=str,
)
async def test_bad_choice_changes_nothing(chat: Chat, token: str, field: str, fields: dict[str, Any]) -> None:
    """A wrong field is named, and the conversation stays as it is."""
    answer = await chat.call("PATCH", "session", token, json=fields)

    check_problem(answer, 400, "bad-field")
    assert answer.data["field"] == field
    assert texts(await chat.history(token)) == ["Hello.", "A computer program."]


@pytest.mark.parametrize("body", [b"", b"[]", b"{"])
async def test_change_needs_a_json_object(chat: Chat, token: str, body: bytes) -> None:
    """Nothing to change is a mistake of the client."""
    check_problem(await chat.call("PATCH", "session", token, data=body, headers=JSON), 400, "bad-json")
