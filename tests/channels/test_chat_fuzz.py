"""Arbitrary bodies and numbers to the routes of the chat."""

import asyncio
import json
from string import printable
from typing import Any

import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.channels.conftest import Chat
from tests.channels.test_chat_errors import ID, JSON

MARKER = "zqmarkerzq"

marked = st.one_of(st.text(max_size=30).map(lambda text: MARKER + text), st.text(max_size=30))
values = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(), marked, st.just(ID), st.just("topic:pain")
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(marked, inner, max_size=3)),
    max_leaves=5,
)
fields = st.dictionaries(st.one_of(st.sampled_from(["id", "text", "button"]), marked), values, max_size=5)
likely = st.fixed_dictionaries({"id": st.one_of(st.uuids().map(str), values), "text": values})
bodies = st.one_of(
    st.one_of(fields, likely, values).map(lambda value: json.dumps(value).encode()),
    fields.map(lambda value: json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")),
    st.binary(max_size=200).map(lambda data: MARKER.encode() + data),
    st.text(printable, max_size=100).map(str.encode),
    st.tuples(fields.map(json.dumps), st.integers(0, 200)).map(lambda pair: pair[0].encode()[: pair[1]]),
)


def check(response: requests.Response) -> None:
    """Asserts what holds for every answer."""
    document: Any = response.json()
    if response.status_code == 200:
        assert document["messages"]
        return
    check_refusal(response, (400, 413))


def check_refusal(response: requests.Response, statuses: tuple[int, ...]) -> None:
    """Asserts that a refusal is one of these, carries the numbers and quotes nothing."""
    document: Any = response.json()
    assert response.status_code in statuses, response.text
    assert response.headers["Content-Type"] == "application/problem+json"
    assert document["emergency"] == "999"
    assert MARKER not in response.text + str(response.headers)


async def test_any_body_gets_an_answer_or_a_problem(chat: Chat, token: str) -> None:
    """No body makes the server fail; each gets JSON, errors carry the numbers and quote nothing."""
    session = requests.Session()
    session.headers.update(JSON, Authorization=f"Bearer {token}")

    @settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(bodies)
    def post(body: bytes) -> None:
        check(session.post(f"{chat.url}/chat/messages", data=body, timeout=5))

    await asyncio.to_thread(post)


async def test_any_text_is_answered_and_never_an_intent(chat: Chat, token: str) -> None:
    """Whatever a visitor types is taken as text; only one that is empty after cleaning is refused."""
    session = requests.Session()
    session.headers.update(Authorization=f"Bearer {token}")

    @settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(st.uuids(), st.one_of(st.text(max_size=1000), st.text("/ \u200b\t\uff0fa", max_size=20)))
    def say(message_id: Any, text: str) -> None:
        response = session.post(
            f"{chat.url}/chat/messages", json={"id": str(message_id), "text": text}, timeout=5
        )
        check(response)

    await asyncio.to_thread(say)

    assert chat.agent.seen
    assert not [
        message.text for message in chat.agent.seen if message.text.startswith("/") or not message.text
    ]


ratings = st.dictionaries(
    st.one_of(st.sampled_from(["seq", "helpful", "comment"]), marked), values, max_size=4
)
likely_ratings = st.fixed_dictionaries(
    {"seq": st.one_of(st.integers(-1, 6), values), "helpful": st.one_of(st.booleans(), values)},
    optional={"comment": st.one_of(marked, values)},
)
choices = st.dictionaries(
    st.one_of(st.sampled_from(["consent", "improve", "notice", "locale"]), marked),
    st.one_of(st.sampled_from(["keep", "ephemeral", "en-GB", ""]), values),
    max_size=4,
)


async def test_any_rating_is_stored_or_refused(chat: Chat, token: str) -> None:
    """No body makes /chat/feedback fail."""
    session = requests.Session()
    session.headers.update(JSON, Authorization=f"Bearer {token}")

    @settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(
        st.one_of(st.one_of(ratings, likely_ratings).map(lambda value: json.dumps(value).encode()), bodies)
    )
    def post(body: bytes) -> None:
        response = session.post(f"{chat.url}/chat/feedback", data=body, timeout=5)
        if response.status_code != 204:
            check_refusal(response, (400,))

    await asyncio.to_thread(post)


async def test_any_change_of_choices_is_made_or_refused(chat: Chat, token: str) -> None:
    """No body makes PATCH /chat/session fail; the conversation can be gone on with after each."""
    session = requests.Session()
    session.headers.update(JSON, Authorization=f"Bearer {token}")

    @settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(st.one_of(choices.map(lambda value: json.dumps(value).encode()), bodies))
    def patch(body: bytes) -> None:
        response = session.patch(f"{chat.url}/chat/session", data=body, timeout=5)
        if response.status_code != 200:
            check_refusal(response, (400,))
        else:
            session.headers["Authorization"] = f"Bearer {response.json()['token']}"
        assert session.get(f"{chat.url}/chat/history", timeout=5).status_code == 200

    await asyncio.to_thread(patch)


async def test_any_number_is_read_or_refused(chat: Chat, token: str) -> None:
    """Nothing in place of a number makes /chat/history or /chat/events fail."""
    session = requests.Session()
    session.headers.update(Authorization=f"Bearer {token}")
    texts = st.one_of(st.integers().map(str), marked, st.text("0123456789-+.e_ \u0663", max_size=12))

    @settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(texts, st.sampled_from(["history", "events"]))
    def get(value: str, path: str) -> None:
        url = f"{chat.url}/chat/{path}"
        with session.get(url, params={"after": value}, timeout=5, stream=True) as response:
            if response.status_code == 429:
                check_refusal(response, (429,))
            elif response.status_code != 200:
                check_refusal(response, (400,))
                assert response.json()["field"] == "after"

    await asyncio.to_thread(get)


async def test_any_bytes_after_the_last_event_are_read_or_refused(chat: Chat, token: str) -> None:
    """The header of a client that comes back may hold anything that HTTP lets through."""
    texts = st.one_of(st.integers().map(str), st.text(printable, max_size=12).map(str.strip))
    session = requests.Session()
    session.headers.update(Authorization=f"Bearer {token}")

    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(texts.filter(lambda text: not set(text) & set("\r\n\x0b\x0c")))
    def get(value: str) -> None:
        headers = {"Last-Event-ID": value}
        with session.get(f"{chat.url}/chat/events", headers=headers, timeout=5, stream=True) as response:
            if response.status_code != 200:
                check_refusal(response, (400, 429))

    await asyncio.to_thread(get)
