"""The page at `/`, over HTTP and in a real browser, before a chat API that gives canned answers."""

import asyncio
import os
import re
import threading
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from socket import socket
from typing import Any

import pytest
from sanic import HTTPResponse, Request, Sanic
from sanic.response import json as json_response

from assistant.server.page import CONTENT_TYPES, FOLDER, attach_page
from tests.server.browser import CHROMIUM, SHIFT, Browser, Tab

INFO = {
    "clinic": "Rowan House Clinic",
    "demo": True,
    "phone": "020 7946 0958",
    "phone_url": "tel:02079460958",
    "emergency": "999",
    "emergency_url": "tel:999",
    "short_line": "If it is an emergency, call 999.",
    "notice": {"version": "2026-11-22", "text": "This is a computer program."},
    "languages": ["en"],
    "starters": [{"id": "topic:what_is", "title": "What is mesotherapy?", "topic": "what_is"}],
    "unreviewed_note": "Not yet checked by a clinician.",
}
REPLY = {
    "kind": "answer",
    "urgency": "none",
    "topic": None,
    "premise": None,
    "text": "",
    "more": "",
    "next_step": "",
    "evidence": None,
    "sources": [],
    "reviewed": None,
    "buttons": [],
    "lang": "en",
    "role": "assistant",
    "time": "2026-11-22T10:00:00Z",
}
WELCOME = {**REPLY, "seq": 1, "kind": "smalltalk", "text": "Hello. I am a computer program."}
ANSWER = {
    **REPLY,
    "topic": "cellulite_effectiveness",
    "text": "We do **not** know that it helps.\n\n- One study had 20 women.\n- It found no difference.",
    "more": "See the [review](https://example.org/review).",
    "next_step": "Ask which study the clinic relies on.",
    "evidence": {"level": "contrary", "words": "One small study found no difference."},
    "sources": [
        {
            "id": "S1",
            "title": "A review",
            "publisher": "J Test",
            "year": 2021,
            "url": "https://example.org/s1",
        },
        {"id": "S2", "title": "A book", "publisher": "Test Press", "year": 2004, "url": None},
    ],
    "reviewed": {"on": None, "by": None, "note": "Not yet checked by a clinician."},
    "buttons": [
        {"id": "topic:cost", "title": "What does it cost?", "topic": "cost"},
        {"id": "link:booking", "title": "Book a visit", "url": "https://example.org/book"},
    ],
}
COST = {**REPLY, "topic": "cost", "text": "Prices differ."}
EMERGENCY = {
    **REPLY,
    "kind": "emergency",
    "urgency": "now",
    "text": "Call 999 now. It can be a serious allergic reaction.",
    "buttons": [
        {"id": "topic:pain", "title": "Does it hurt?", "topic": "pain"},
        {"id": "tel:emergency", "title": "Call 999", "url": "tel:999"},
    ],
}
OUT_OF_SCOPE = {**REPLY, "kind": "out_of_scope", "text": "I only know about mesotherapy."}
MARKUP = "<img src=x onerror=alert(1)><script>alert(2)</script>"
HOSTILE = {
    **REPLY,
    "text": f"{MARKUP} [one](javascript:alert(3)) **[two](java\tscript:alert(4))** [three](//example.org)",
    "more": f"{MARKUP} [four](data:text/html,{MARKUP})",
    "next_step": MARKUP,
    "evidence": {"level": "weak", "words": MARKUP},
    "sources": [
        {"id": "S1", "title": MARKUP, "publisher": MARKUP, "year": 2021, "url": "javascript:alert(5)"},
        {"id": "S2", "title": "Plain", "publisher": "", "year": 2021, "url": "http://example.org/"},
    ],
    "reviewed": {"on": None, "by": None, "note": MARKUP},
    "buttons": [
        {"id": "link:bad", "title": "Bad", "url": "JavaScript:alert(6)"},
        {"id": "say:x", "title": MARKUP},
    ],
}
REPLIES = {
    "cellulite": ANSWER,
    "topic:cost": COST,
    "approved": {**COST, "premise": "It is not one approved product."},
    "breathe": EMERGENCY,
    "hostile": HOSTILE,
    "kind words": ANSWER,
}
PROBLEM = {
    "title": "Raw title",
    "detail": "Raw detail",
    "emergency": "Ring 112 at once.",
    "phone": "0131 496 0000",
}


@dataclass
class Site:
    """The server under test and what its canned chat API was sent."""

    url: str
    info: dict[str, Any] = field(default_factory=lambda: dict(INFO))
    sessions: int = 0
    sent: list[dict[str, Any]] = field(default_factory=list)

    def answer(self, token: str, body: dict[str, Any]) -> tuple[dict, int, dict[str, str]]:
        """Returns body, status and headers; some words in a text make the first try fail."""
        again = any(earlier["id"] == body["id"] for earlier in self.sent)
        self.sent.append(body)
        said = body.get("text") or body["button"]
        if "expired" in said and token == "token-1":
            return PROBLEM, 401, {}
        if "broken" in said and not again:
            return PROBLEM, 500, {}
        if "crowd" in said and not again:
            return PROBLEM, 429, {"Retry-After": "2"}
        if len(said) > 1000:
            return PROBLEM, 413, {}
        reply = next((REPLIES[word] for word in REPLIES if word in said), OUT_OF_SCOPE)
        seq = 0 if "unstored" in said else 1 + 2 * len(self.sent)
        return {"messages": [{**reply, "seq": seq}]}, 200, {}


def _app(site: Site) -> Sanic:
    app = Sanic(f"page-{uuid.uuid4().hex}", configure_logging=False)
    attach_page(app, lambda: site.info)

    @app.post("/chat/session")
    async def session(request: Request) -> HTTPResponse:
        site.sessions += 1
        token = f"token-{site.sessions}"
        return json_response({"token": token, "expires_in": 1800, "messages": [WELCOME]}, status=201)

    @app.post("/chat/messages")
    async def messages(request: Request) -> HTTPResponse:
        body, status, headers = site.answer(request.token or "", request.json)
        return json_response(body, status=status, headers=headers)

    return app


@pytest.fixture(scope="module")
def server() -> Iterator[Site]:
    """A site on a loopback port, served by a thread of its own."""
    listener = socket()
    listener.bind(("127.0.0.1", 0))
    site = Site(f"http://127.0.0.1:{listener.getsockname()[1]}/")
    app = _app(site)
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
    """The site with nothing sent yet and the usual info."""
    server.info, server.sessions, server.sent = dict(INFO), 0, []
    return server


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """One Chromium for all tests."""
    if not CHROMIUM.exists():
        assert not os.environ.get("CI"), "CI must have the browser; .ci/run installs it"
        pytest.skip(f"{CHROMIUM} is not installed; it comes with Debian's package chromium")
    browser = Browser(tmp_path_factory.mktemp("chromium"))
    yield browser
    browser.close()


@pytest.fixture
def tab(browser: Browser, site: Site) -> Iterator[Tab]:
    """The page as a phone shows it; at the end the console has to be without complaint."""
    tab = Tab(browser)
    tab.open(site.url)
    tab.wait("!document.querySelector('#starters').hidden")
    yield tab
    assert tab.complaints() == []
    tab.close()


def _ask(tab: Tab, text: str) -> None:
    """Types, presses Enter and waits for a reply or a failure."""
    count = "document.querySelectorAll('.reply, .failure').length"
    before = tab.value(count)
    tab.value("document.querySelector('#question').focus()")
    tab.type(text)
    tab.press("Enter")
    tab.wait(f"{count} > {before}")


def _get(url: str, **headers: str) -> tuple[int, Any, str]:
    """Returns status, headers and body, whatever the status."""
    fields = {name.replace("_", "-"): value for name, value in headers.items()}
    request = urllib.request.Request(url, headers=fields)
    try:
        with urllib.request.urlopen(request) as response:
            return response.status, response.headers, response.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read().decode()


def test_the_numbers_are_there_without_script(site: Site) -> None:
    """Clinic, emergency number, clinic phone, notice and the demonstration line are in the HTML itself."""
    status, headers, html = _get(site.url)

    assert (status, headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert 'href="tel:999"' in html
    assert 'href="tel:02079460958"' in html
    assert all(INFO[key] in html for key in ("clinic", "emergency", "phone", "short_line"))
    assert INFO["notice"]["text"] in html
    assert "Demonstration" in html


def test_a_real_clinic_has_no_demonstration_line(site: Site) -> None:
    """The line goes away with the placeholder values."""
    site.info["demo"] = False

    assert "Demonstration" not in _get(site.url)[2]


def test_content_is_escaped(site: Site) -> None:
    """Markup in a clinic's name or a starter reaches the browser as text."""
    site.info["clinic"] = "<script>alert(1)</script>"
    site.info["starters"] = [{"id": '"><b>', "title": "<b>"}]

    html = _get(site.url)[2]

    assert "<script>alert" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert '<b>"' not in html and 'data-id=""' not in html


def test_a_number_that_is_no_tel_address_is_shown_without_a_link(site: Site) -> None:
    """Only `tel:` is put behind the phone number."""
    site.info["phone_url"] = "javascript:alert(1)"

    html = _get(site.url)[2]

    assert "javascript:" not in html
    assert "020 7946 0958" in html


@pytest.mark.parametrize("path", ["", "page/page.js", "page/page.css", "page/nothing.js"])
def test_every_answer_carries_the_policy(site: Site, path: str) -> None:
    """Nothing may be loaded, framed, submitted or turned into script from elsewhere."""
    headers = _get(site.url + path)[1]

    policy = headers["Content-Security-Policy"].split("; ")
    assert {"default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'"} <= set(
        policy
    )
    assert {"base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"} <= set(policy)
    assert "require-trusted-types-for 'script'" in policy
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Set-Cookie"] is None


@pytest.mark.parametrize("name", ["nothing.js", "index.html", "..%2Fpage.py", "%2e%2e%2fpage.py"])
def test_only_the_listed_files_are_served(site: Site, name: str) -> None:
    """A name outside the list is not looked for on the disk."""
    assert _get(f"{site.url}page/{name}")[0] == 404


@pytest.mark.parametrize("path", ["", *(f"page/{name}" for name in CONTENT_TYPES)])
def test_bytes_that_the_browser_has_are_not_sent_again(site: Site, path: str) -> None:
    """The ETag of an answer gets a 304 without a body, another one gets the file."""
    tag = _get(site.url + path)[1]["ETag"]

    assert _get(site.url + path, If_None_Match=tag)[::2] == (304, "")
    assert _get(site.url + path, If_None_Match='"other"')[0] == 200


def test_the_scripts_hold_no_words_for_visitors() -> None:
    """Sentences stand in index.html, where a translator finds them; no script writes markup."""
    for name in ("page.js", "render.js", "transport.js"):
        source = (FOLDER / name).read_text(encoding="utf-8")
        script = re.sub(r"/\*.*?\*/|^\s*//.*?$", "", source, flags=re.DOTALL | re.MULTILINE)

        assert re.findall(r"""["'`][A-Z][a-z]+ [a-z]+ ?""", script) == []
        assert re.findall(r"innerHTML|outerHTML|insertAdjacent|document\.write|eval\(", script) == []
        assert re.findall(r"localStorage|sessionStorage|cookie|indexedDB", script) == []


def _contrast(one: str, other: str) -> float:
    """Returns the contrast ratio of two #rrggbb colours as WCAG 2.2 defines it (1 to 21)."""
    luminances = []
    for colour in (one, other):
        parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        luminances.append(0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2])
    darker, lighter = sorted(luminances)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_colours_can_be_read(scheme: int) -> None:
    """Text reaches 4.5:1 on every ground it stands on, edges of controls 3:1, by day and by night."""
    css = (FOLDER / "page.css").read_text(encoding="utf-8")
    palette = re.findall(r":root \{(.*?)\n\s*\}", css, flags=re.DOTALL)[scheme]
    colours = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", palette)) | {"white": "#ffffff"}
    grounds = ["paper", "surface", "tint", "care-tint", "alarm-tint", "hush-tint"]
    text = [("ink", ground) for ground in grounds]
    text += [("quiet", ground) for ground in ("paper", "surface")]
    text += [("accent", ground) for ground in ("paper", "surface", "tint")]
    text += [("on-accent", "accent"), ("white", "alarm-fill"), ("white", "hush-fill"), ("care", "surface")]
    text += [("alarm", "alarm-tint"), ("hush", "hush-tint"), ("accent", "care-tint")]
    edges = [("edge", "surface"), ("edge", "paper"), ("alarm", "paper"), ("care", "paper"), ("hush", "paper")]

    low = [pair for pair in text if _contrast(colours[pair[0]], colours[pair[1]]) < 4.5]
    low += [pair for pair in edges if _contrast(colours[pair[0]], colours[pair[1]]) < 3]

    assert low == []


def test_the_program_says_first_what_it_is(tab: Tab) -> None:
    """The welcome of the session and the starters stand there before anything is typed."""
    assert tab.text(".reply .text") == "Hello. I am a computer program."
    assert tab.text("#starters button") == "What is mesotherapy?"
    assert tab.text("#not-started") == ""


def test_a_question_gets_its_answer_with_all_parts(tab: Tab, site: Site) -> None:
    """Text, evidence, next step and review are in sight; more and sources open on request."""
    _ask(tab, "Does it help with cellulite?")

    answer = tab.text(".reply:last-of-type .card")
    assert "We do not know that it helps." in answer
    assert "Evidence: One small study found no difference." in answer
    assert "Next step Ask which study the clinic relies on." in answer
    assert "Not yet checked by a clinician." in answer
    assert "Test Press" not in answer
    assert tab.value("[...document.querySelectorAll('.reply:last-of-type .text li')].length") == 2
    assert tab.text(".reply:last-of-type strong") == "not"
    tab.click(".sources summary")
    assert "A book Test Press, 2004" in tab.text(".sources")
    link = tab.value("(({href, rel, target}) => [href, rel, target])(document.querySelector('.sources a'))")
    assert link == ["https://example.org/s1", "noopener noreferrer", "_blank"]
    assert [set(sent) for sent in site.sent] == [{"id", "text"}]
    assert site.sent[0]["text"] == "Does it help with cellulite?"


def test_a_correction_stands_before_the_answer(tab: Tab) -> None:
    """What the question took for true is put right first."""
    _ask(tab, "Since it's approved, how much is it?")

    card = tab.text(".reply:last-of-type .card")
    assert card.startswith("It is not one approved product. Prices differ.")
    assert tab.text(".reply:last-of-type .premise") == "It is not one approved product."


def test_parts_that_a_reply_does_not_have_leave_nothing_behind(tab: Tab) -> None:
    """An out-of-scope reply is its text only: no empty evidence line, fold or box."""
    _ask(tab, "Who won the match?")

    last = "document.querySelector('.reply:last-of-type .card')"
    assert tab.text(".reply:last-of-type .card") == "I only know about mesotherapy."
    assert tab.value(f"{last}.childElementCount") == 1
    assert tab.value(f"{last}.getAttribute('role')") is None


def test_a_follow_up_button_is_sent_as_a_button(tab: Tab, site: Site) -> None:
    """The id goes to the server, the title stands in the conversation, links stay links."""
    _ask(tab, "cellulite")

    tab.click(".reply:last-of-type button.choice")
    tab.wait("document.querySelectorAll('.reply').length === 3")

    assert {key: value for key, value in site.sent[1].items() if key != "id"} == {"button": "topic:cost"}
    assert len({uuid.UUID(sent["id"]) for sent in site.sent}) == 2
    assert tab.text(".user:nth-last-of-type(2) .text") == "What does it cost?"
    assert tab.text(".reply:last-of-type .text") == "Prices differ."
    assert tab.value("document.querySelector('a.choice').href") == "https://example.org/book"


def test_a_starter_is_sent_as_a_button(tab: Tab, site: Site) -> None:
    """One press asks the question."""
    tab.click("#starters button")
    tab.wait("document.querySelectorAll('.reply').length === 2")

    assert site.sent[0]["button"] == "topic:what_is"


def test_an_emergency_is_an_alert_that_begins_with_a_large_call_button(tab: Tab) -> None:
    """It interrupts a screen reader, and dialling is the first thing in it."""
    _ask(tab, "I cannot breathe")

    first = "document.querySelector('.reply:last-of-type [role=alert]').querySelector('a, button, p')"
    assert tab.value(f"{first}.getAttribute('href')") == "tel:999"
    assert tab.value(f"{first}.getBoundingClientRect().height") >= 56
    assert ("alert", "") in tab.accessible()
    assert ("link", "Call 999") in tab.accessible()
    box = tab.value(f"(({{top, bottom}}) => [top, bottom, innerHeight])({first}.getBoundingClientRect())")
    assert box[0] > 0 and box[1] < box[2]


def test_a_screen_reader_finds_its_way(tab: Tab) -> None:
    """Conversation, numbers, question and Send have roles and names; speakers are headings."""
    _ask(tab, "cellulite")

    found = tab.accessible()
    expected = [("log", "Conversation"), ("textbox", "Your question"), ("button", "Send"), ("main", "")]
    expected += [("link", "Emergency 999"), ("link", "Clinic 020 7946 0958"), ("navigation", "Phone numbers")]
    assert [node for node in expected if node not in found] == []
    headings = [name.split()[0] for role, name in found if role == "heading"]
    assert headings == ["Questions", "Assistant", "You", "Assistant"]


def test_a_reply_enters_the_log_once_and_whole(tab: Tab) -> None:
    """A screen reader gets each reply in one piece: nothing in it changes after it came."""
    tab.value("""void (window.seen = [], new MutationObserver((records) => seen.push(...records.map(
        (record) => [record.target.id, record.addedNodes[0]?.className]
    ))).observe(document.querySelector('#log'), {subtree: true, childList: true, characterData: true}))""")

    _ask(tab, "cellulite")

    assert tab.value("seen") == [["log", "message user"], ["log", "message reply"]]


def test_markup_and_script_addresses_stay_text(tab: Tab, site: Site) -> None:
    """Whatever bot or visitor write, the page gains no element from it and no link but https, tel, mailto."""
    _ask(tab, f"hostile {MARKUP} **bold**")

    log = "document.querySelector('#log')"
    assert tab.value(f"{log}.querySelectorAll('img, script, iframe, [onerror]').length") == 0
    assert tab.value(f"[...{log}.querySelectorAll('a')].map((a) => a.href)") == []
    assert tab.text(".user .text") == f"hostile {MARKUP} **bold**"
    reply = tab.value("document.querySelector('.reply:last-of-type').textContent")
    assert reply.count("<img src=x onerror=alert(1)>") == 9
    assert all(word in reply for word in ("one", "two", "three", "four"))
    assert "Bad" not in reply


def test_a_failure_can_be_tried_again_as_the_same_message(tab: Tab, site: Site) -> None:
    """After a 500 the page tells the emergency line and the phone, nothing raw, and resends the id."""
    _ask(tab, "broken kind words")

    failure = tab.text(".failure[role=alert]")
    assert "Ring 112 at once." in failure and "0131 496 0000" in failure
    assert "Raw" not in failure
    assert tab.value("document.querySelector('.failure a[href=\\'tel:01314960000\\']') !== null")
    tab.click(".retry")
    tab.wait("document.querySelectorAll('.reply').length === 2")
    assert len({sent["id"] for sent in site.sent}) == 1 and len(site.sent) == 2
    assert tab.text(".failure") == ""
    assert "We do not know" in tab.text(".reply:last-of-type")
    assert tab.value("document.activeElement.className") == "message user"


def test_a_busy_server_is_waited_for(tab: Tab, site: Site) -> None:
    """A 429 is told with its seconds, and the message goes out again by itself."""
    tab.value("document.querySelector('#question').focus()")
    tab.type("crowd kind words")
    tab.press("Enter")

    tab.wait("document.querySelector('#status').innerText.includes('Seconds to wait: 2')")
    tab.wait("document.querySelectorAll('.reply').length === 2")

    assert len({sent["id"] for sent in site.sent}) == 1 and len(site.sent) == 2
    assert tab.text("#status") == ""


def test_an_expired_session_is_renewed_without_a_word(tab: Tab, site: Site) -> None:
    """A 401 opens one new session and sends the same message; no second welcome appears."""
    _ask(tab, "expired kind words")

    assert site.sessions == 2
    assert len({sent["id"] for sent in site.sent}) == 1 and len(site.sent) == 2
    assert tab.value("document.querySelectorAll('.reply').length") == 2
    assert tab.text(".failure") == ""


def test_a_text_that_is_too_long_is_sent_whole_and_comes_back(tab: Tab, site: Site) -> None:
    """The server sees the end of it too, for red flags; when it refuses, nothing has to be typed again."""
    text = "so long " * 126

    _ask(tab, text)

    assert site.sent[0]["text"] == text.strip()
    assert "too long" in tab.text(".failure")
    assert tab.value("document.querySelector('.retry')") is None
    assert tab.value("document.querySelector('#question').value") == text.strip()
    assert "1,000 characters" in tab.text("#left")


def test_shift_enter_starts_a_new_line(tab: Tab, site: Site) -> None:
    """Only Enter alone sends, and blanks are not sent at all."""
    tab.value("document.querySelector('#question').focus()")
    tab.press("Enter")
    tab.type("first")
    tab.press("Enter", SHIFT)
    tab.type("second")
    assert tab.value("document.querySelector('#question').value") == "first\nsecond"

    tab.press("Enter")
    tab.wait("document.querySelectorAll('.reply').length === 2")

    assert [sent["text"] for sent in site.sent] == ["first\nsecond"]


def test_the_keyboard_reaches_everything_in_order(tab: Tab) -> None:
    """Numbers first, then what can be asked, then the question and Send."""
    stops = []
    for _ in range(5):
        tab.press("Tab")
        stops.append(
            tab.value(
                "document.activeElement.innerText.replace(/\\s+/g, ' ').trim() || document.activeElement.id"
            )
        )

    assert stops == ["Emergency 999", "Clinic 020 7946 0958", "What is mesotherapy?", "question", "Send"]


def test_nothing_is_kept_in_the_browser(tab: Tab) -> None:
    """After a conversation there is no cookie and nothing in the browser's stores."""
    _ask(tab, "cellulite")

    assert tab.value("[document.cookie, localStorage.length, sessionStorage.length]") == ["", 0, 0]
    assert tab.value("indexedDB.databases()") == []


def test_a_message_id_is_a_uuid_on_plain_http_too(tab: Tab) -> None:
    """Where `crypto.randomUUID` does not exist, random bytes make a version 4 UUID."""
    made = tab.value("""(async () => {
        Object.defineProperty(crypto, "randomUUID", {value: undefined});
        const {newId} = await import("/page/transport.js");
        return [newId(), newId()];
    })()""")

    assert {uuid.UUID(one).version for one in made} == {4}
    assert made[0] != made[1]


@pytest.mark.parametrize(("size", "rest"), [((320, 568), 0.6), ((320, 256), 0.4), ((390, 844), 0.7)])
def test_small_windows_hold_everything(tab: Tab, site: Site, size: tuple[int, int], rest: float) -> None:
    """Nothing runs out sideways, targets are at least 44 px, and the bars leave room for reading.

    320 by 256 is a window of 1280 by 1024 at 400 %.
    """
    tab.open(site.url, size)
    tab.wait("!document.querySelector('#starters').hidden")
    for text in ("cellulite", "breathe", "broken " + "long" * 60):
        _ask(tab, text)
    tab.value("document.querySelectorAll('details').forEach((fold) => { fold.open = true; })")

    assert tab.value("document.documentElement.scrollWidth") == size[0]
    controls = "[...document.querySelectorAll('.dial, .choice, .call, summary, .send, textarea')]"
    small = "({offsetWidth, offsetHeight}) => offsetWidth < 44 || offsetHeight < 44"
    assert tab.value(f"{controls}.filter({small}).map((control) => control.innerText)") == []
    bars = "[...document.querySelectorAll('#help, #composer')]"
    fixed = "(bar) => getComputedStyle(bar).position === 'sticky' ? bar.offsetHeight : 0"
    assert sum(tab.value(f"{bars}.map({fixed})")) <= (1 - rest) * size[1]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_follows_the_colour_scheme(tab: Tab, site: Site, scheme: str, tmp_path: Path) -> None:
    """By night the ground is dark and the writing light; pictures are left in the test's folder."""
    for size in ((390, 844), (1280, 900)):
        tab.open(site.url, size, prefers_color_scheme=scheme)
        tab.wait("!document.querySelector('#starters').hidden")
        _ask(tab, "cellulite")
        tab.screenshot(tmp_path / f"{size[0]}-{scheme}.png")

    ground = tab.value("getComputedStyle(document.documentElement).backgroundColor")
    assert (int(re.findall(r"\d+", ground)[0]) < 128) == (scheme == "dark")


def test_without_script_the_page_still_tells_whom_to_call(browser: Browser, site: Site) -> None:
    """The numbers and the reason are shown, and no field that would do nothing."""
    tab = Tab(browser)
    tab.call("Emulation.setScriptExecutionDisabled", value=True)
    tab.open(site.url)

    page = tab.text("body")
    assert "The chat needs JavaScript" in page
    assert "Emergency number: 999" in page and "call the clinic: 020 7946 0958" in page
    assert tab.value("document.querySelector('#composer').offsetHeight") == 0
    tab.close()


def test_emergencies_that_were_not_stored_are_all_shown(tab: Tab) -> None:
    """A reply without a number is no repetition of an earlier one."""
    for text in ("cannot breathe, unstored", "still cannot breathe, unstored"):
        _ask(tab, text)

    assert tab.value("document.querySelectorAll('.reply[data-kind=emergency]').length") == 2
    assert tab.value("document.querySelectorAll('.failure').length") == 0
