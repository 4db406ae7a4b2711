"""Problem documents for what Sanic refuses before, or instead of, calling a route of the chat."""

from collections.abc import Callable

import structlog
from sanic import HTTPResponse, Request, Sanic
from sanic.exceptions import (
    HeaderExpectationFailed,
    MethodNotSupported,
    NotFound,
    PayloadTooLarge,
    SanicException,
    ServiceUnavailable,
)

from assistant.channels.log_entry import failure
from assistant.channels.problem import Problem

log = structlog.get_logger()

ErrorHandler = Callable[[Request, Exception], HTTPResponse | None]


def cover(app: Sanic, prefix: str, refuse: Callable[[Request, Problem], HTTPResponse]) -> None:
    """Lets `refuse` answer every error under `prefix`; other paths keep the handlers they have.

    Call it when all handlers of the app are registered. A blueprint's own
    error handlers would not do: Sanic 21.12 asks them only after it has found a
    route of the blueprint.
    """
    handlers = app.error_handler.cached_handlers
    earlier = {kind: handler for (kind, route), handler in handlers.items() if route is None}
    for kind in {*earlier, Exception}:
        app.error_handler.add(kind, _covered(prefix, refuse, earlier.get(kind)))


def _covered(
    prefix: str, refuse: Callable[[Request, Problem], HTTPResponse], earlier: ErrorHandler | None
) -> ErrorHandler:
    def handle(request: Request, exception: Exception) -> HTTPResponse | None:
        if request.path == prefix or request.path.startswith(prefix + "/"):
            return refuse(request, _problem(request, exception))
        # Sanic goes on with its own answer when a handler returns None.
        return earlier(request, exception) if earlier else None

    return handle


def _problem(request: Request, exception: Exception) -> Problem:
    if isinstance(exception, NotFound):
        return Problem("not-found", "Look up the paths in the documentation of the chat API.")
    if isinstance(exception, MethodNotSupported):
        allow = ", ".join(sorted(exception.headers["Allow"].split(", ")))
        return Problem("method-not-allowed", "Use a method named in Allow.", headers={"Allow": allow})
    if isinstance(exception, PayloadTooLarge):
        return Problem("body-too-large", "Send a smaller request.")
    if isinstance(exception, HeaderExpectationFailed):
        return Problem("expectation-failed", "Send no Expect header, or 100-continue.")
    if isinstance(exception, ServiceUnavailable):
        return Problem("unavailable", "Try again later.", headers={"Retry-After": "5"})
    if request.route is None or (isinstance(exception, SanicException) and exception.status_code < 500):
        return Problem("bad-request", "Send a well-formed HTTP/1.1 request.")
    log.error("chat.request.fail", **failure(exception))
    return Problem("failed", "Try again later.")
