"""The widget and the page at `/` as they come over HTTP."""

import asyncio
import base64
import gzip
import hashlib
import threading
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from socket import socket
from typing import Any

import pytest
import requests
from sanic import Sanic

from assistant.server.page import attach_page
from assistant.server.widget import Widget, attach_widget, build_widget
from tests.widget.stub_server import INFO

KILOBYTE = 1000


@dataclass
class Site:
    """A server with the widget and the page."""

    url: str
    widget: Widget
    info: dict[str, Any] = field(default_factory=lambda: dict(INFO))

    def get(self, path: str, **headers: str) -> requests.Response:
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        return requests.get(self.url + path, headers=names, timeout=5)


@pytest.fixture(scope="module")
def server() -> Iterator[Site]:
    """A site on a loopback port, served by a thread of its own."""
    listener = socket()
    listener.bind(("127.0.0.1", 0))
    site = Site(f"http://127.0.0.1:{listener.getsockname()[1]}/", build_widget())
    app = Sanic(f"page-{uuid.uuid4().hex}", configure_logging=False)
    attach_widget(app, site.widget)
    attach_page(app, lambda: site.info, site.widget)
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    running = loop.run_until_complete(app.create_server(sock=listener, return_asyncio_server=True))
    loop.run_until_complete(running.startup())
    asyncio.set_event_loop(None)
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    yield site
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    listener.close()
    loop.close()


@pytest.fixture
def site(server: Site) -> Site:
    """The site with the usual info."""
    server.info = dict(INFO)
    return server


def test_the_entry_loads_one_version_that_never_changes(site: Site) -> None:
    """The entry is asked for again after an hour; the panel it names is kept for a year."""
    entry = site.get("widget/mesoguide.js")
    panel = site.get(f"widget/{site.widget.version}/panel.js")

    assert f'import("./{site.widget.version}/panel.js")' in entry.text
    assert "max-age=3600" in entry.headers["Cache-Control"]
    assert panel.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert {one.headers["Content-Type"] for one in (entry, panel)} == {"text/javascript; charset=utf-8"}
    assert {one.headers["Access-Control-Allow-Origin"] for one in (entry, panel)} == {"*"}


def test_an_old_version_gets_the_new_panel_and_no_promise(site: Site) -> None:
    """A page that was loaded before an update goes on."""
    old = site.get("widget/0123456789ab/panel.js")

    assert old.status_code == 200 and old.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", ["widget/mesoguide.js", "", "page/page.css"])
def test_bytes_that_the_browser_has_are_not_sent_again(site: Site, path: str) -> None:
    """The ETag of an answer gets a 304 without a body, another one gets the file; each coding has its own."""
    zipped, plain = site.get(path, Accept_Encoding="gzip"), site.get(path, Accept_Encoding="identity")

    assert zipped.headers["Content-Encoding"] == "gzip" and "Content-Encoding" not in plain.headers
    assert zipped.content == plain.content and zipped.headers["ETag"] != plain.headers["ETag"]
    again = site.get(path, Accept_Encoding="gzip", If_None_Match=zipped.headers["ETag"])
    assert (again.status_code, again.content) == (304, b"")
    assert site.get(path, If_None_Match='"other"').status_code == 200


@pytest.mark.parametrize(
    "path", ["widget/v/nothing.js", "widget/v/..%2Fmesoguide.js", "widget/v/package.json", "page/index.html"]
)
def test_only_the_listed_files_are_served(site: Site, path: str) -> None:
    """A name outside the list is not looked for on the disk."""
    assert site.get(path).status_code == 404


def test_the_whole_widget_is_small(site: Site) -> None:
    """At most 12 kB compressed, 3 of them at the start, and 1 for each language."""
    sizes = {name: len(file.zipped) for name, file in site.widget.files.items()}
    entry = len(site.widget.entry.zipped)

    assert entry <= 3 * KILOBYTE
    assert entry + sizes.pop("panel.js") <= 12 * KILOBYTE
    assert {name: size for name, size in sizes.items() if size > KILOBYTE} == {}


def test_what_is_served_is_the_same_each_time() -> None:
    """Two workers, and a restart, name the same version and the same hash."""
    one, other = build_widget(), build_widget()

    assert (one.version, one.entry.integrity) == (other.version, other.entry.integrity)
    assert gzip.decompress(one.entry.zipped) == one.entry.body


def test_the_page_pins_the_entry(site: Site) -> None:
    """The script tag carries the hash of what is served."""
    digest = hashlib.sha384(site.get("widget/mesoguide.js").content).digest()

    assert site.widget.entry.integrity in site.get("").text
    assert site.widget.entry.integrity == f"sha384-{base64.b64encode(digest).decode()}"


def test_the_numbers_are_there_without_script(site: Site) -> None:
    """Clinic, emergency number, clinic phone, notice and the demonstration line are in the HTML itself."""
    html = site.get("").text

    assert 'href="tel:999"' in html and 'href="tel:02079460958"' in html
    assert all(INFO[key] in html for key in ("clinic", "emergency", "phone", "short_line"))
    assert INFO["notice"]["text"] in html and "Demonstration" in html


def test_a_real_clinic_has_no_demonstration_line(site: Site) -> None:
    """The line goes away with the placeholder values."""
    site.info["demo"] = False

    assert "Demonstration" not in site.get("").text


def test_content_is_escaped(site: Site) -> None:
    """Markup in a clinic's name or a starter reaches the browser as text."""
    site.info["clinic"] = "<script>alert(1)</script>"
    site.info["starters"] = [{"id": '"><b>', "title": "<b>"}]
    site.info["phone_url"] = "javascript:alert(1)"

    html = site.get("").text

    assert "<script>alert" not in html and "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert "<li><b></li>" not in html
    assert "javascript:" not in html and "020 7946 0958" in html


def test_the_page_allows_nothing_from_elsewhere(site: Site) -> None:
    """Nothing may be loaded, framed, submitted or turned into script."""
    headers = site.get("").headers

    policy = headers["Content-Security-Policy"].split("; ")
    assert {"default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'"} <= set(
        policy
    )
    assert {"base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"} <= set(policy)
    assert {"require-trusted-types-for 'script'", "trusted-types 'none'"} <= set(policy)
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff" and "Set-Cookie" not in headers
