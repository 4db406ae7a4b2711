"""The console's web server: every route of the table behind the gate."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

from sanic import HTTPResponse, Request, Sanic, response
from sanic.exceptions import SanicException

from assistant.console.gate import Gate, Route
from assistant.console.visit import Parts

STYLE = Path(__file__).parent / "static" / "console.css"
THREADS = 4
LARGEST_BODY = 64 * 1024
# Pictures from `data:` are plots and the square that telephones read; there is no script at all.
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "style-src 'self'",
        "img-src 'self' data:",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    # not no-referrer: forms would then be sent from "null"
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "X-Robots-Tag": "noindex",
}


def create_app(routes: tuple[Route, ...], gate: Gate, parts: Parts) -> Sanic:
    """Returns the app; reads the style sheet."""
    app = Sanic("console", configure_logging=False)
    app.config.REQUEST_MAX_SIZE = LARGEST_BODY
    app.config.PROXIES_COUNT = parts.settings.trusted_proxies or None
    pool = ThreadPoolExecutor(THREADS, thread_name_prefix="console")
    style = STYLE.read_text(encoding="utf-8")

    @app.on_request
    async def check_host(request: Request) -> HTTPResponse | None:
        # another name that leads here may belong to a page that wants to read ours
        if f"{parts.address.split('://')[0]}://{request.headers.get('host', '')}" != parts.address:
            return response.text(f"The console is at {parts.address}\n", status=421)
        return None

    @app.on_response
    async def add_headers(request: Request, sent: HTTPResponse) -> None:
        for name, value in HEADERS.items():
            sent.headers[name] = value
        sent.headers.setdefault("Cache-Control", "no-store")
        if gate.is_secure:
            sent.headers["Strict-Transport-Security"] = "max-age=31536000"

    @app.get("/static/console.css")
    async def send_style(request: Request) -> HTTPResponse:
        return response.text(
            style, content_type="text/css; charset=utf-8", headers={"Cache-Control": "no-cache"}
        )

    @app.exception(SanicException)
    async def refuse(request: Request, error: SanicException) -> HTTPResponse:
        # without its message, which may quote the address
        status = getattr(error, "status_code", None) or 500
        return gate.page("error.html", {"key": "missing" if status == 404 else "failed"}, None, status)

    for route in routes:
        _attach(app, route, gate, pool)
    return app


def _attach(app: Sanic, route: Route, gate: Gate, pool: ThreadPoolExecutor) -> None:
    async def handle(request: Request, **numbers: Any) -> HTTPResponse:
        work = partial(gate.answer, route, request, numbers)
        return await asyncio.get_running_loop().run_in_executor(pool, work)

    name = f"{route.method.lower()}_{route.action.replace('.', '_')}"
    app.add_route(handle, route.path, methods=[route.method], name=name)
