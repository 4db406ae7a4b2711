"""The widget's files at `/widget/`: made once at the start, compressed, open to pages of every origin."""

import base64
import gzip
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from sanic import HTTPResponse, Request, Sanic
from sanic.response import empty, raw, text

from assistant.server.bundle import compact, joined

FOLDER = Path(__file__).parents[2] / "widget"
SCRIPT = "text/javascript; charset=utf-8"
METHODS = ("GET", "HEAD")
ENTRY = "mesoguide.js"
PANEL = "panel.js"
# The entry keeps its address for ever, so a browser asks again after an hour; what it loads has a
# version in its address and never changes.
ENTRY_CACHE = "public, max-age=3600, stale-while-revalidate=86400"
VERSION_CACHE = "public, max-age=31536000, immutable"
# These files hold nothing of a visitor: any page may load them, and only listed origins may chat.
OPEN = {"Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin"}


@dataclass(frozen=True)
class File:
    """A body as it is sent, plain and compressed, with its media type and the ETag of its bytes."""

    body: bytes
    zipped: bytes
    content_type: str
    etag: str

    @classmethod
    def of(cls, body: bytes, content_type: str) -> "File":
        """Returns the file with all that is worked out from its bytes."""
        return cls(body, gzip.compress(body, 9, mtime=0), content_type, hashlib.sha256(body).hexdigest()[:32])

    @property
    def integrity(self) -> str:
        """The value for a script tag's `integrity`."""
        return f"sha384-{base64.b64encode(hashlib.sha384(self.body).digest()).decode()}"

    def answer(self, request: Request, headers: dict[str, str]) -> HTTPResponse:
        """Returns the file as the browser takes it, or 304 without a body when it has these bytes."""
        is_zipped = "gzip" in request.headers.get("accept-encoding", "")
        etag = f'"{self.etag}{"-gzip" if is_zipped else ""}"'
        headers = {"X-Content-Type-Options": "nosniff", **headers, "Vary": "Accept-Encoding", "ETag": etag}
        if etag in request.headers.get("if-none-match", ""):
            return empty(status=304, headers=headers)
        if is_zipped:
            headers["Content-Encoding"] = "gzip"
        return raw(self.zipped if is_zipped else self.body, content_type=self.content_type, headers=headers)


@dataclass(frozen=True)
class Widget:
    """The entry and, by their path below `/widget/<version>/`, the files that it loads."""

    entry: File
    version: str
    files: dict[str, File]


def build_widget(folder: Path = FOLDER) -> Widget:
    """Returns the widget as it is served; reads the files once, now."""
    panel = compact(joined(folder / PANEL), exports=("create",))
    files = {PANEL: File.of(panel.encode("utf-8"), SCRIPT)}
    for locale in sorted((folder / "locales").glob("*.json")):
        words = json.loads(locale.read_text(encoding="utf-8"))
        body = json.dumps(words, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
        files[f"locales/{locale.name}"] = File.of(body, "application/json")
    version = hashlib.sha256("".join(file.etag for file in files.values()).encode()).hexdigest()[:12]
    # By naming the version, the entry's own hash stands for all of the widget.
    entry = compact(joined(folder / ENTRY)).replace(f'"./{PANEL}"', f'"./{version}/{PANEL}"')
    return Widget(File.of(entry.encode("utf-8"), SCRIPT), version, files)


def attach_widget(app: Sanic, widget: Widget) -> None:
    """Adds `GET /widget/mesoguide.js` and `GET /widget/<version>/…`."""

    @app.route(f"/widget/{ENTRY}", methods=METHODS, name="widget")
    async def entry(request: Request) -> HTTPResponse:
        return widget.entry.answer(request, {**OPEN, "Cache-Control": ENTRY_CACHE})

    @app.route("/widget/<version>/<name:path>", methods=METHODS, name="widget_file")
    async def part(request: Request, version: str, name: str) -> HTTPResponse:
        file = widget.files.get(name)
        if file is None:
            return text("Not found", status=404)
        # A page that was loaded before an update may still ask for the old version: it gets the new one.
        cache = VERSION_CACHE if version == widget.version else "no-store"
        return file.answer(request, {**OPEN, "Cache-Control": cache})
