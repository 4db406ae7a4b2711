"""Which web pages may use a running server."""

import pytest

from tests.channels.conftest import Chat
from tests.channels.test_chat_errors import check_problem

CLINIC = "https://clinic.example"


@pytest.fixture
async def listed(start) -> Chat:
    """A server that lets pages of the clinic's site in."""
    return await start(origins=(CLINIC,))


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "https://clinic.example.evil.example", "*", ""]
)
@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/chat/info"), ("POST", "/chat/session"), ("OPTIONS", "/chat/messages")]
)
async def test_page_of_another_origin_is_refused(listed: Chat, method: str, path: str, origin: str) -> None:
    """A page that is neither ours nor listed gets 403 on every route, and no CORS header."""
    answer = await listed.request(method, path, headers={"Origin": origin})

    check_problem(answer, 403, "origin-refused")
    assert not [name for name in answer.headers if name.startswith("Access-Control")]


async def test_page_of_the_same_origin_is_served(listed: Chat) -> None:
    """The page that the server itself gave out may call it, without CORS headers."""
    answer = await listed.request("POST", "/chat/session", headers={"Origin": listed.url})

    assert answer.status == 201
    assert "Access-Control-Allow-Origin" not in answer.headers


async def test_page_behind_a_proxy_with_tls_is_the_same_origin(listed: Chat) -> None:
    """The scheme is the proxy's affair; the Host header tells where the page came from."""
    headers = {"Origin": "https://chat.example", "Host": "chat.example"}

    assert (await listed.request("POST", "/chat/session", headers=headers)).status == 201


async def test_listed_page_may_read_answers_and_errors(listed: Chat) -> None:
    """A listed origin is named in every response, never a wildcard, never with credentials."""
    token = await listed.open()
    headers = {"Origin": CLINIC}
    answers = [
        await listed.request("GET", "/chat/info", headers=headers),
        await listed.say(token, "hello", headers=headers),
        await listed.say("wrong", "hello", headers=headers),
        await listed.request("GET", "/chat/nowhere", headers=headers),
    ]

    assert [answer.status for answer in answers] == [200, 200, 401, 404]
    for answer in answers:
        assert answer.headers["Access-Control-Allow-Origin"] == CLINIC
        assert answer.headers["Access-Control-Expose-Headers"] == "Retry-After"
        assert "Access-Control-Allow-Credentials" not in answer.headers


async def test_listed_page_may_read_streams(listed: Chat) -> None:
    """A stream carries the same headers as any other answer."""
    token = await listed.open()
    headers = {"Origin": CLINIC, "Accept": "text/event-stream"}

    answer = await listed.say(token, "hello", headers=headers)
    async with listed.events(token, headers) as stream:
        opened = stream.response.headers

    for found in (answer.headers, opened):
        assert found["Access-Control-Allow-Origin"] == CLINIC
        assert found["Vary"] == "Origin"
        assert "Access-Control-Allow-Credentials" not in found


async def test_stream_is_refused_to_a_page_of_another_origin(listed: Chat) -> None:
    """A token does not help a page that is not listed."""
    token = await listed.open()

    answer = await listed.call("GET", "events", token, headers={"Origin": "https://evil.example"})

    check_problem(answer, 403, "origin-refused")


@pytest.mark.parametrize(
    ("path", "methods"),
    [
        ("session", "OPTIONS, PATCH, POST"),
        ("session/renew", "OPTIONS, POST"),
        ("history", "GET, OPTIONS"),
        ("events", "GET, OPTIONS"),
        ("conversation", "DELETE, OPTIONS"),
        ("feedback", "OPTIONS, POST"),
    ],
)
async def test_preflight_names_the_methods_of_the_path(listed: Chat, path: str, methods: str) -> None:
    """Browsers ask first for every request that carries a token."""
    answer = await listed.request("OPTIONS", f"/chat/{path}", headers={"Origin": CLINIC})

    assert (answer.status, answer.headers["Access-Control-Allow-Methods"]) == (204, methods)


async def test_preflight_of_a_listed_page_is_answered(listed: Chat) -> None:
    """A browser is told the methods and headers of the path, with 204 and no body."""
    answer = await listed.request(
        "OPTIONS",
        "/chat/messages",
        headers={
            "Origin": CLINIC,
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "authorization,content-type",
        },
    )

    assert (answer.status, answer.body) == (204, b"")
    assert answer.headers["Access-Control-Allow-Origin"] == CLINIC
    assert answer.headers["Access-Control-Allow-Methods"] == "OPTIONS, POST"
    assert answer.headers["Access-Control-Allow-Headers"] == "Authorization, Content-Type, Last-Event-ID"


async def test_large_body_of_a_refused_page_is_not_read(listed: Chat) -> None:
    """A refusal does not wait for the body."""
    request = (
        b"POST /chat/session HTTP/1.1\r\nHost: a\r\nOrigin: https://evil.example\r\n"
        b"Content-Length: 10000000000\r\n\r\n"
    )

    assert b" 403 " in await listed.raw(request)
