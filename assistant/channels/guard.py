"""Stands in front of every route of the chat: origin, body, problem documents, response headers."""

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import structlog
from sanic import HTTPResponse, Request

from assistant.channels.chat_setting import ChatSettings
from assistant.channels.event_stream import CONTENT_TYPE, EventStream, frame
from assistant.channels.log_entry import failure
from assistant.channels.origin import Origins
from assistant.channels.problem import Problem
from assistant.channels.request_body import answer_and_discard, read_body

log = structlog.get_logger()

Handler = Callable[[Request, bytes], Awaitable[HTTPResponse | EventStream]]

HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Vary": "Origin"}
PREFLIGHT_SECONDS = 600


def json_response(data: Any, status: int = 200, content_type: str = "application/json") -> HTTPResponse:
    """Returns `data` as JSON in UTF-8."""
    body = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode("utf-8")
    return HTTPResponse(body, status=status, content_type=content_type)


class Guard:
    """Makes Sanic handlers out of ours.

    Args:
        settings: limits of the channel.
        error_fields: the numbers that every problem document carries.
    """

    def __init__(self, settings: ChatSettings, error_fields: Callable[[], Mapping[str, str]]) -> None:
        self._settings = settings
        self._error_fields = error_fields
        self._origins = Origins(settings.origins)

    def route(self, handlers: Mapping[str, Handler]) -> Callable[[Request], Awaitable[HTTPResponse | None]]:
        """Returns the Sanic handler for one path, to be registered with `ignore_body`.

        Args:
            handlers: by method; OPTIONS is answered here.
        """

        async def chat_route(request: Request) -> HTTPResponse | None:
            try:
                answer = await self._answer(request, handlers)
                if isinstance(answer, HTTPResponse):
                    return self._finish(request, answer)
                await self._send(request, answer)
                return None
            except Exception as error:
                refused = self._failed(error)
            response = self.refuse(request, refused)
            if not request.stream.request_body:
                return response
            await answer_and_discard(request, response)
            return None

        return chat_route

    def refuse(self, request: Request, problem: Problem) -> HTTPResponse:
        """Returns the problem as a response, also for requests that reached no route."""
        log.info("chat.request.refuse", problem=problem.kind, status=problem.status)
        if request.stream is not None:
            # What Sanic still reads of an unread body.
            request.stream.request_max_size = self._settings.body_bytes
        document = problem.document(self._error_fields())
        response = json_response(document, problem.status, "application/problem+json")
        response.headers.update(problem.headers)
        return self._finish(request, response)

    async def _send(self, request: Request, stream: EventStream) -> None:
        """Sends the pieces of a stream and `done`; ends when the client drops.

        The status is sent by then, so a failure becomes a frame.
        """
        headers = self._finish(request, HTTPResponse(headers={"X-Accel-Buffering": "no"})).headers
        try:
            response = await request.respond(headers=headers, content_type=CONTENT_TYPE)
            await self._send_frames(response, stream)
        finally:
            stream.end()
        await response.send(frame("done"))
        await response.eof()

    async def _send_frames(self, response: HTTPResponse, stream: EventStream) -> None:
        try:
            async for piece in stream.frames:
                await response.send(piece)
        except Exception as error:
            await response.send(frame("error", self._failed(error).document(self._error_fields())))
        finally:
            await stream.frames.aclose()

    def _failed(self, error: Exception) -> Problem:
        if isinstance(error, Problem):
            return error
        log.error("chat.request.fail", **failure(error))
        return Problem("failed", "Try again later.")

    async def _answer(self, request: Request, handlers: Mapping[str, Handler]) -> HTTPResponse | EventStream:
        origin = request.headers.get("origin")
        if origin is not None and not self._is_welcome(request, origin):
            raise Problem("origin-refused", "Have this origin added to the server's list.")
        if request.method == "OPTIONS":
            return self._preflight([*handlers, "OPTIONS"])
        body = await read_body(request, self._settings.body_bytes, self._settings.body_seconds)
        return await handlers[request.method](request, body)

    def _is_welcome(self, request: Request, origin: str) -> bool:
        host = request.headers.get("host", "")
        return self._origins.is_same(origin, host) or self._origins.is_listed(origin)

    def _preflight(self, methods: list[str]) -> HTTPResponse:
        allow = ", ".join(sorted(methods))
        headers = {
            "Allow": allow,
            "Access-Control-Allow-Methods": allow,
            "Access-Control-Allow-Headers": "Authorization, Content-Type, Last-Event-ID",
            "Access-Control-Max-Age": str(PREFLIGHT_SECONDS),
        }
        return HTTPResponse(status=204, headers=headers)

    def _finish(self, request: Request, response: HTTPResponse) -> HTTPResponse:
        """Returns the response with the headers that all of ours carry."""
        response.headers.update(HEADERS)
        origin = request.headers.get("origin")
        if origin is not None and self._origins.is_listed(origin):
            response.headers["Access-Control-Allow-Origin"] = origin
            response.headers["Access-Control-Expose-Headers"] = "Retry-After"
        return response
