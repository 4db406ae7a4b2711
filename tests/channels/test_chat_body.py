"""Bodies that are too large or too slow."""

import asyncio
import time

import pytest
import requests

from tests.channels.conftest import Chat
from tests.channels.test_chat_errors import JSON, check_problem, parsed

HEAD = b"POST /chat/session HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"


async def test_body_over_the_limit_is_refused(chat: Chat, token: str) -> None:
    """16 kB pass (and are then no JSON), one byte more does not; with a length or in chunks."""

    async def chunks(size: int):
        for _ in range(size):
            yield b"x"

    check_problem(await chat.post(token, data=b"x" * 16_384, headers=JSON), 400, "bad-json")
    check_problem(await chat.post(token, data=b"x" * 16_385, headers=JSON), 413, "body-too-large")
    check_problem(await chat.post(token, data=chunks(16_385), headers=JSON), 413, "body-too-large")
    check_problem(await chat.request("GET", "/chat/info", data=b"x" * 16_385), 413, "body-too-large")


async def test_large_body_is_refused_before_it_is_sent(chat: Chat) -> None:
    """The declared length is enough; the client need not send a byte, and the connection ends."""
    started = time.monotonic()
    reader, writer = await asyncio.open_connection("127.0.0.1", chat.port)
    writer.write(HEAD + b"Content-Length: 10000000\r\n\r\n")

    head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 1)

    assert time.monotonic() - started < 1
    assert b" 413 " in head
    assert b"connection: close" in head.lower()
    writer.close()


async def test_client_that_sends_ten_megabytes_gets_the_answer(chat: Chat) -> None:
    """A client that only looks for the answer when it has sent everything is not cut off before."""
    started = time.monotonic()

    response = await asyncio.to_thread(
        requests.post, f"{chat.url}/chat/session", data=b"x" * 10_000_000, headers=JSON, timeout=10
    )

    assert response.status_code == 413
    assert response.json()["emergency"] == "999"
    assert time.monotonic() - started < 2


async def test_large_body_does_not_hold_the_connection(chat: Chat) -> None:
    """A client that neither sends nor leaves is let go after two seconds."""
    started = time.monotonic()

    answer = parsed(await chat.raw(HEAD + b"Content-Length: 20000\r\n\r\n"))

    check_problem(answer, 413, "body-too-large")
    assert 1.5 < time.monotonic() - started < 3


@pytest.mark.parametrize("path", ["/chat/nowhere", "/chat/info"])
async def test_large_body_to_a_wrong_place_is_not_read(chat: Chat, path: str) -> None:
    """A path or a method that is not there is no way to make the server read much."""
    request = HEAD.replace(b"/chat/session", path.encode()) + b"Content-Length: 10000000\r\n\r\n"

    answer = parsed(await chat.raw(request))

    assert answer.status in (404, 405)


async def test_slow_body_is_refused(start) -> None:
    """A body that does not arrive in time is told so."""
    chat = await start(body_seconds=0.2)

    answer = parsed(await chat.raw(HEAD + b"Content-Length: 20\r\n\r\n{"))

    check_problem(answer, 408, "request-timeout")


async def test_connection_goes_on_after_a_refused_small_body(chat: Chat) -> None:
    """A refusal that read the body leaves the connection open for the next request."""
    body = b"Content-Length: 2\r\n\r\n[]"
    reader, writer = await asyncio.open_connection("127.0.0.1", chat.port)
    writer.write(HEAD + body + HEAD + b"Connection: close\r\n" + body)

    answers = await asyncio.wait_for(reader.read(), 5)

    assert answers.count(b"HTTP/1.1 400") == 2
    writer.close()
