"""The page at `/` where a visitor can try the assistant; its words are in `page/index.html`."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, StrictUndefined, Template
from sanic import HTTPResponse, Request, Sanic
from sanic.response import empty, raw, text

FOLDER = Path(__file__).parent / "page"
CONTENT_TYPES = {
    "page.css": "text/css; charset=utf-8",
    "page.js": "text/javascript; charset=utf-8",
    "render.js": "text/javascript; charset=utf-8",
    "transport.js": "text/javascript; charset=utf-8",
}
# Images from `data:` are only the icon in the browser's tab.
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "connect-src 'self'",
        "img-src data:",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
    )
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    # The files carry no version in their names, so the browser asks each time and mostly gets a 304.
    "Cache-Control": "no-cache",
}
METHODS = ("GET", "HEAD")


@dataclass(frozen=True)
class _File:
    """A body as it is sent, with its media type and the ETag of its bytes."""

    body: bytes
    content_type: str
    etag: str

    @classmethod
    def of(cls, body: bytes, content_type: str) -> "_File":
        """Returns the file with its ETag worked out."""
        return cls(body, content_type, f'"{hashlib.sha256(body).hexdigest()[:32]}"')


def attach_page(app: Sanic, info: Callable[[], Mapping]) -> None:
    """Adds `GET /` and `GET /page/<name>`; reads the files once, now.

    Args:
        app: a server that has not started and does not answer `/` yet.
        info: what `GET /chat/info` answers; asked at each request, so that
            changed content shows at the next load.
    """
    template = _template()
    files = {name: _File.of((FOLDER / name).read_bytes(), kind) for name, kind in CONTENT_TYPES.items()}

    @app.route("/", methods=METHODS, name="page")
    async def page(request: Request) -> HTTPResponse:
        html = template.render(_words(info()))
        return _answer(request, _File.of(html.encode("utf-8"), "text/html; charset=utf-8"))

    @app.route("/page/<name>", methods=METHODS, name="page_file")
    async def page_file(request: Request, name: str) -> HTTPResponse:
        if name not in files:
            return text("Not found", status=404, headers=HEADERS)
        return _answer(request, files[name])


def _template() -> Template:
    jinja = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return jinja.from_string((FOLDER / "index.html").read_text(encoding="utf-8"))


def _words(info: Mapping) -> dict:
    """Returns the template's variables: the info, without addresses that do not dial a number."""
    urls = {key: info[key] or "" for key in ("phone_url", "emergency_url")}
    return {**info, **{key: url if url.startswith("tel:") else "" for key, url in urls.items()}}


def _answer(request: Request, file: _File) -> HTTPResponse:
    """Returns the file, or 304 without a body when the browser has these bytes already."""
    headers = {**HEADERS, "ETag": file.etag}
    if file.etag in request.headers.get("if-none-match", ""):
        return empty(status=304, headers=headers)
    return raw(file.body, content_type=file.content_type, headers=headers)
