"""The page at `/`: a made-up clinic's page with the widget in it, readable without script."""

from collections.abc import Callable, Mapping
from pathlib import Path

from jinja2 import Environment, StrictUndefined, Template
from sanic import HTTPResponse, Request, Sanic
from sanic.response import text

from assistant.server.widget import METHODS, File, Widget

FOLDER = Path(__file__).parent / "page"
STYLE = "page.css"
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
        "trusted-types 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Referrer-Policy": "no-referrer",
    # The files carry no version in their names, so the browser asks each time and mostly gets a 304.
    "Cache-Control": "no-cache",
}


def attach_page(app: Sanic, info: Callable[[], Mapping], widget: Widget) -> None:
    """Adds `GET /` and its style sheet; reads the files once, now.

    Args:
        app: a server that has not started and does not answer `/` yet.
        info: what `GET /chat/info` answers; asked at each request, so that
            changed content shows at the next load.
        widget: what the page's script tag loads.
    """
    template = _template()
    style = File.of((FOLDER / STYLE).read_bytes(), "text/css; charset=utf-8")

    @app.route("/", methods=METHODS, name="page")
    async def page(request: Request) -> HTTPResponse:
        html = template.render(_words(info()), integrity=widget.entry.integrity)
        return File.of(html.encode("utf-8"), "text/html; charset=utf-8").answer(request, HEADERS)

    @app.route("/page/<name>", methods=METHODS, name="page_file")
    async def page_file(request: Request, name: str) -> HTTPResponse:
        return style.answer(request, HEADERS) if name == STYLE else text("Not found", status=404)


def _template() -> Template:
    jinja = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return jinja.from_string((FOLDER / "index.html").read_text(encoding="utf-8"))


def _words(info: Mapping) -> dict:
    """Returns the template's variables: the info, without addresses that do not dial a number."""
    urls = {key: info[key] or "" for key in ("phone_url", "emergency_url")}
    return {**info, **{key: url if url.startswith("tel:") else "" for key, url in urls.items()}}
