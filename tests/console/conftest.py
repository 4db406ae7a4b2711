"""A running console over a filled read model, and people who sign in."""

import base64
import hashlib
import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyotp
import pytest
import requests

from assistant.console import account
from assistant.console.access import FULL, ROLES
from assistant.console.secret import hash_password
from assistant.console.session import begin_session
from assistant.review.change import set_tags
from assistant.review.database import ReviewDatabase
from assistant.review.facet import Property
from assistant.review.projection import NewMessage, NewRating, News, write_news
from assistant.review.question_group import begin_group, join_group
from assistant.review.rollup import add_counts
from tests.conftest import ROOT, free_port

START_SECONDS = 30
PASSWORD = "violet kettle marsh"
HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'{{7*7}} javascript:alert(3)"
REPLY = "It **stings** a little.\n\n- one\n- two"
CSRF = re.compile(r'name="csrf" value="([^"]+)"')


def question(number: int, time: float, text: str, **more: Any) -> News:
    """Returns a conversation of a question and a reply, as the projector writes it."""
    kind, topic, urgency = more.get("kind", "answer"), more.get("topic", "pain"), more.get("urgency", "none")
    intent = more.get("intent", f"ask_{topic}" if topic else "out_of_scope")
    ranking = [[intent, 0.8], ["ask_aftercare", 0.1], ["ask_needle_fear", 0.05]]
    detail = {"ranking": ranking, "entities": [{"entity": "symptom", "value": "pain"}], "questions": []}
    trace = {
        "intent": intent, "confidence": 0.8, "score": more.get("score", 0.8), "decided_by": "classifier",
        "rule": more.get("rule"), "level": None, "action": "action_answer_topic", "policy": "RulePolicy",
        "language": "en", "model": "m", "seconds": 0.02, "detail": json.dumps(detail),
    }  # fmt: skip
    body = {
        "kind": kind, "urgency": urgency, "topic": topic, "text": more.get("reply", REPLY),
        "more": "Most people say it passes.", "next_step": "Ask the clinic.", "evidence": None,
        "sources": [{"id": "s", "title": "A small study", "publisher": "A journal", "year": 2019}],
        "buttons": [{"id": "b", "title": "Does it last?"}],
    }  # fmt: skip
    messages = [
        NewMessage(1, "user", time, text, trace=trace, queues=more.get("queues", ())),
        NewMessage(2, "assistant", time + 1, "", json.dumps(body), kind, urgency, topic, 1),
    ]
    properties = {Property("kind", kind): (2, 2), Property("intent", intent): (1, 1)}
    if topic:
        properties[Property("topic", topic)] = (2, 2)
    if urgency != "none":
        properties[Property("urgency", urgency)] = (2, 2)
    ratings = (
        [NewRating(2, more["helpful"], more.get("comment", ""), time + 5, 1)] if "helpful" in more else []
    )
    return News(
        log_id=f"k-{number}", started=time, channel=more.get("channel", "web"), improve=True, last_event=3,
        last_seq=2, messages=messages, ratings=ratings, properties=properties, language="en",
        confidence=more.get("score", 0.8),
    )  # fmt: skip


def fill(review: ReviewDatabase, now: float) -> None:
    """Writes 38 conversations: an emergency, a wish for a person, no answers, hostile texts."""
    news = [question(n, now - n * 7200 - 60, f"does it hurt much number {n}") for n in range(1, 31)]
    news += [
        question(31, now - 50, "I want to talk to a person", kind="handoff", topic=None,
                 intent="request_human", queues=("person",)),
        question(32, now - 40, "my throat is swelling and I cannot breathe", kind="emergency", urgency="now",
                 topic=None, intent="report_emergency", rule="swelling_breath", queues=("urgent",)),
        question(33, now - 30, HOSTILE, kind="out_of_scope", topic=None, score=0.05, queues=("unanswered",),
                 reply=HOSTILE, helpful=False, comment=HOSTILE),
        question(34, now - 25, "can I bring my dog", kind="out_of_scope", topic=None, score=0.1,
                 queues=("unanswered",)),
        question(35, now - 20, "is my dog allowed in", kind="out_of_scope", topic=None, score=0.1,
                 queues=("unanswered",)),
        question(36, now - 15, "will it hurt the next day", score=0.2, queues=("unsure",)),
        question(37, now - 10, "does it burn", helpful=False, comment="not what I asked"),
        question(38, now - 5, "does it work for knees", topic="arthritis", helpful=True, channel="telegram"),
    ]  # fmt: skip
    counts: Counter = Counter()
    ids: dict[str, dict[int, int]] = {}
    with review.write() as connection:
        for one in news:
            ids[one.log_id] = write_news(connection, one, counts)
        add_counts(connection, counts)
        group = begin_group(connection, ids["k-34"][1], b"v", now)
        join_group(connection, group, ids["k-34"][1], now)
        join_group(connection, group, ids["k-35"][1], now)
        set_tags(connection, 1, ["call back"])


@dataclass
class Console:
    """A running `python -m assistant.console`."""

    port: int
    state_dir: Path
    log: Path
    process: subprocess.Popen
    url: str = field(init=False)

    def __post_init__(self) -> None:
        self.url = f"http://127.0.0.1:{self.port}"

    @classmethod
    def start(cls, folder: Path, **settings: str) -> "Console":
        """Starts a console with its state in `folder`, and waits until it serves."""
        port = free_port()
        log = folder / "console.log"
        environment = {
            **os.environ,
            "MESOGUIDE_CONSOLE_PORT": str(port),
            "MESOGUIDE_STATE_DIR": str(folder / "state"),
            **settings,
        }
        with log.open("wb") as stream:
            process = subprocess.Popen(
                [sys.executable, "-W", "ignore", "-m", "assistant.console"],
                cwd=ROOT, env=environment, stdout=stream, stderr=stream,
            )  # fmt: skip
        console = cls(port, folder / "state", log, process)
        deadline = time.monotonic() + START_SECONDS
        while "staff console is at" not in console.text() and time.monotonic() < deadline:
            assert process.poll() is None, console.text()
            time.sleep(0.05)
        return console

    def text(self) -> str:
        """Returns what it has printed."""
        return self.log.read_text(encoding="utf-8")

    def stop(self) -> int:
        """Stops it as Ctrl-C does; returns the exit code."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(20)

    def rows(self, query: str, *values: object) -> list[tuple]:
        """Returns rows of its database."""
        with closing(sqlite3.connect(f"file:{self.state_dir / 'review.db'}?mode=ro", uri=True)) as connection:
            return connection.execute(query, values).fetchall()

    def audit(self) -> int:
        """Returns how many rows the audit has."""
        return self.rows("SELECT count(*) FROM audit")[0][0]


class Person:
    """Somebody with a browser; signed in where a session is given."""

    def __init__(self, console: Console, session: str = "") -> None:
        self.console = console
        self.browser = requests.Session()
        if session:
            self.browser.cookies.set(f"staff-{console.port}", session)

    def get(self, path: str, **options: Any) -> requests.Response:
        """Opens a page; redirects are not followed."""
        return self.browser.get(self.console.url + path, allow_redirects=False, timeout=20, **options)

    def post(
        self, path: str, data: dict[str, Any] | None = None, token: str | None = None, **options: Any
    ) -> requests.Response:
        """Sends a form with the token of this person's pages."""
        headers = {"Origin": self.console.url, **options.pop("headers", {})}
        values = {"csrf": self.token() if token is None else token, **(data or {})}
        return self.browser.post(
            self.console.url + path, values, headers=headers, allow_redirects=False, timeout=20, **options
        )

    def token(self) -> str:
        """Returns the token that stands in this person's forms."""
        secret = self.browser.cookies.get(f"staff-{self.console.port}")
        digest = hashlib.sha256(str(secret).encode()).hexdigest()
        found = self.console.rows("SELECT csrf FROM operator_session WHERE digest = ?", digest)
        return found[0][0] if found else ""


def add_person(review: ReviewDatabase, login: str, roles: tuple[str, ...]) -> tuple[str, str]:
    """Writes an account with a second factor; returns a session's secret and the factor's."""
    totp = base64.b32encode(login.encode().ljust(20, b"x")[:20]).decode()
    with review.write() as connection:
        number = account.create_operator(connection, login, f"Name of {login}", roles, "en", time.time())
        account.change_operator(connection, number, password_hash=hash_password(PASSWORD), totp_secret=totp)
        return begin_session(connection, number, FULL, time.time()), totp


@pytest.fixture(scope="module")
def review(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReviewDatabase]:
    """A filled read model, shared by the tests of a file."""
    folder = tmp_path_factory.mktemp("console")
    database = ReviewDatabase("", folder / "state")
    database.prepare()
    fill(database, time.time())
    yield database
    database.close()


@pytest.fixture(scope="module")
def console(review: ReviewDatabase) -> Iterator[Console]:
    """A running console over it."""
    assert review.file is not None
    running = Console.start(review.file.parent.parent)
    yield running
    running.stop()


@pytest.fixture(scope="module")
def people(review: ReviewDatabase, console: Console) -> dict[str, Person]:
    """A person for each role, by role, and `all` with every role but auditor; all signed in."""
    everything = tuple(role for role in ROLES if role != "auditor")
    wanted = {**{role: (role,) for role in ROLES}, "all": everything}
    return {
        name: Person(console, add_person(review, name.replace("_", "-"), roles)[0])
        for name, roles in wanted.items()
    }


def now() -> float:
    """Returns seconds since 1970."""
    return time.time()


def code_now(totp: str) -> str:
    """Returns the code that an authenticator app shows."""
    return pyotp.TOTP(totp).now()
