"""Reads a request's body in bounded size and time, and lets go of one that is not wanted."""

import asyncio
import contextlib

from sanic import HTTPResponse, Request
from sanic.exceptions import InvalidUsage, PayloadTooLarge, SanicException

from assistant.channels.problem import Problem

# How long, and how much of, an unwanted body is thrown away before the connection ends.
LINGER_SECONDS = 2
LINGER_BYTES = 64 * 1024 * 1024


async def read_body(request: Request, most_bytes: int, most_seconds: float) -> bytes:
    """Returns the body, b"" if there is none.

    The route must be registered with `ignore_body`, else Sanic has read the
    body already, up to a limit of its own. Raises Problem for a body that is
    too large (seen from Content-Length before a byte of it is read) or too slow.
    """
    stream = request.stream
    stream.request_max_size = most_bytes
    if not stream.request_body:
        return b""
    try:
        await asyncio.wait_for(request.receive_body(), most_seconds)
    except PayloadTooLarge as error:
        raise Problem("body-too-large", f"Send at most {most_bytes:,} bytes.") from error
    except InvalidUsage as error:
        give_up(request)
        raise Problem("bad-request", "Send a well-formed body.") from error
    except asyncio.TimeoutError as error:
        give_up(request)
        raise Problem("request-timeout", f"Send the whole body within {most_seconds:g} seconds.") from error
    return request.body


def give_up(request: Request) -> None:
    """Leaves a body that has no end, or none in sight, unread; the connection closes after the answer."""
    request.stream.request_body = None
    request.stream.keep_alive = False


async def answer_and_discard(request: Request, response: HTTPResponse) -> None:
    """Sends `response` at once, then discards what still comes of the body and closes.

    A connection closed over unread bytes is reset, and the client may lose the
    answer with it (RFC 9112, section 9.6).
    """
    request.stream.keep_alive = False
    request.stream.expecting_continue = False
    sent = await request.respond(response)
    await sent.send(end_stream=True)
    with contextlib.suppress(asyncio.TimeoutError, SanicException):
        await asyncio.wait_for(_discard(request), LINGER_SECONDS)
    give_up(request)


async def _discard(request: Request) -> None:
    request.stream.request_max_size = LINGER_BYTES
    async for _ in request.stream:
        pass
