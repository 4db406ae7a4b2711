"""Rate limits on a running server, with a clock that the test moves."""

import pytest

from assistant.channels.rate_limit import Limit
from tests.channels.conftest import RED_FLAG, Answer, Chat
from tests.channels.test_chat_errors import ID, check_problem

ONE_PER_MINUTE = Limit(per_minute=1, burst=2)


def check_limited(answer: Answer, seconds: int) -> None:
    """Asserts that the answer tells the client to wait."""
    check_problem(answer, 429, "too-many-requests")
    assert answer.headers["Retry-After"] == str(seconds)


async def test_conversation_is_limited(start) -> None:
    """After its burst a conversation waits for the time in Retry-After; another one is free."""
    chat: Chat = await start(conversation_limit=ONE_PER_MINUTE)
    token, other = await chat.open(), await chat.open()

    assert [(await chat.say(token, text)).status for text in "ab"] == [200, 200]
    chat.clock.seconds += 20
    check_limited(await chat.say(token, "c"), 40)
    assert (await chat.say(other, "d")).status == 200
    chat.clock.seconds += 40
    assert (await chat.say(token, "e")).status == 200
    assert [message.text for message in chat.agent.seen] == ["a", "b", "d", "e"]


async def test_address_is_limited_over_all_its_conversations(start) -> None:
    """Many conversations from one address share its limit."""
    chat: Chat = await start(address_limit=ONE_PER_MINUTE)

    statuses = [(await chat.say(await chat.open(), "hello")).status for _ in range(3)]

    assert statuses == [200, 200, 429]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "history"),
        ("GET", "events"),
        ("POST", "session/renew"),
        ("PATCH", "session"),
        ("DELETE", "conversation"),
        ("POST", "feedback"),
    ],
)
async def test_every_route_with_a_token_counts_under_the_address(start, method: str, path: str) -> None:
    """The routes share one bucket for each address, whatever the token."""
    chat: Chat = await start(address_limit=ONE_PER_MINUTE)
    token, other = await chat.open(), await chat.open()
    await chat.say(token, "a")
    await chat.call("GET", "history", token)

    check_limited(await chat.call(method, path, other, json={}), 60)
    check_limited(await chat.call(method, path, "bad", json={}), 60)
    chat.clock.seconds += 60
    answer = await chat.http.request(
        method, f"{chat.url}/chat/{path}", headers={"Authorization": f"Bearer {other}"}, json={}
    )
    assert answer.status in (200, 204, 400)
    answer.close()


async def test_info_is_never_limited(start) -> None:
    """The numbers to call can always be read."""
    chat: Chat = await start(address_limit=ONE_PER_MINUTE, session_limit=ONE_PER_MINUTE)

    assert {(await chat.request("GET", "/chat/info")).status for _ in range(5)} == {200}


async def test_new_sessions_of_an_address_are_limited(start) -> None:
    """One address cannot open any number of conversations."""
    chat: Chat = await start(session_limit=ONE_PER_MINUTE)
    await chat.open()
    await chat.open()

    check_limited(await chat.request("POST", "/chat/session"), 60)
    chat.clock.seconds += 60
    await chat.open()


async def test_address_behind_a_proxy_is_the_visitors(start) -> None:
    """With one trusted proxy the last forwarded address counts, and what a visitor claims does not."""
    chat: Chat = await start(session_limit=Limit(per_minute=1, burst=1), trusted_proxies=1)

    async def session(forwarded_for: str) -> int:
        return (
            await chat.request("POST", "/chat/session", headers={"X-Forwarded-For": forwarded_for})
        ).status

    assert [await session(chain) for chain in ("192.0.2.1", "192.0.2.2", "192.0.2.9, 192.0.2.1")] == [
        201,
        201,
        429,
    ]


async def test_forwarded_address_without_a_proxy_is_not_believed(start) -> None:
    """Without a trusted proxy a visitor cannot take another address to get round a limit."""
    chat: Chat = await start(session_limit=Limit(per_minute=1, burst=1))

    answers = [
        await chat.request("POST", "/chat/session", headers={"X-Forwarded-For": f"192.0.2.{number}"})
        for number in range(2)
    ]

    assert [answer.status for answer in answers] == [201, 429]


async def test_red_flag_over_the_limit_is_answered(start) -> None:
    """An emergency is answered without a turn whichever limit is used up, the same for the same id."""
    for limit in ({"conversation_limit": ONE_PER_MINUTE}, {"address_limit": ONE_PER_MINUTE}):
        chat: Chat = await start(**limit)
        token = await chat.open()
        assert [(await chat.say(token, text)).status for text in "abc"] == [200, 200, 429]

        answer = await chat.say(token, f"I {RED_FLAG}", ID)

        assert (answer.status, answer.texts) == (200, ["Call 999."])
        assert answer.data["messages"][0]["seq"] == 7
        assert (await chat.say(token, f"I {RED_FLAG}", ID)).data == answer.data
        assert len(chat.agent.seen) == 2


async def test_button_over_the_limit_is_refused(start) -> None:
    """A press has no text that could hold a red flag."""
    chat: Chat = await start(conversation_limit=Limit(per_minute=1, burst=1))
    token = await chat.open()
    await chat.say(token, "a")

    check_limited(await chat.post(token, json={"id": ID, "button": "topic:pain"}), 60)


async def test_repeated_message_is_answered_over_the_limit(start) -> None:
    """An answer that is there already costs nothing, so a retry gets it."""
    chat: Chat = await start(conversation_limit=Limit(per_minute=1, burst=1))
    token = await chat.open()
    first = await chat.say(token, "a", ID)

    assert (await chat.say(token, "a", ID)).data == first.data
