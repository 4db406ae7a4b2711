"""Tests of asking over HTTP, against a small server that speaks the chat API."""

import json
import sys
import textwrap
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock, Thread

import pytest
import requests

from assistant.errors import SetupError
from benchmarks.evaluation.__main__ import ask_all, main
from benchmarks.evaluation.client import LONGEST_WAIT, TRIES, ChatClient
from benchmarks.evaluation.question import Question
from benchmarks.evaluation.server import running_server


class _ChatServer(ThreadingHTTPServer):
    """Answers each message with its text, its token and how many turns the session had."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.lock = Lock()
        self.turns: dict[str, list[dict[str, str]]] = {}
        self.busy = 0  # how many times a message is answered 429
        self.retry_after = "7"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    server: _ChatServer

    def do_GET(self) -> None:
        self._answer(200 if self.path == "/chat/info" else 404, {"emergency": "999"})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        with self.server.lock:
            self._post(body)

    def _post(self, body: dict[str, str]) -> None:
        if self.path == "/chat/session":
            token = f"token-{len(self.server.turns)}"
            self.server.turns[token] = []
            return self._answer(201, {"token": token, "messages": []})
        turns = self.server.turns.get(self.headers.get("Authorization", "").removeprefix("Bearer "))
        if turns is None or self.headers["Accept"] != "application/json":
            return self._answer(401, {"title": "No session"})
        if self.server.busy:
            self.server.busy -= 1
            return self._answer(429, {"title": "Slow down"}, {"Retry-After": self.server.retry_after})
        if body["text"] == "too long":
            return self._answer(413, {"title": "Too long"})
        if body["text"] == "broken":
            return self._answer(200, {"answer": "not a list of messages"})
        turns.append(body)
        said = {"role": "user", "kind": "notice", "text": body["text"]}
        reply = {"role": "assistant", "kind": "answer", "topic": f"topic_{len(turns)}", "text": body["text"]}
        return self._answer(200, {"messages": [said, reply]})

    def _answer(self, status: int, body: object, headers: dict[str, str] | None = None) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:
        """Keeps the test's output clean."""


@pytest.fixture
def server() -> Iterator[_ChatServer]:
    """A chat server on a free port."""
    chat = _ChatServer()
    thread = Thread(target=chat.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield chat
    chat.shutdown()
    thread.join()
    chat.server_close()


def test_turns_share_one_session(server: _ChatServer) -> None:
    """All turns of a line go to one session under fresh ids; the last reply is kept, without the echo."""
    exchange = ChatClient(server.url).ask(Question(1, "follow_up", ("First?", "Second?"), ("x",)))

    assert exchange.reply.kinds == ["answer"] and exchange.reply.topics == ["topic_2"]
    assert len(exchange.seconds) == 2
    assert [[turn["text"] for turn in turns] for turns in server.turns.values()] == [["First?", "Second?"]]
    first, second = server.turns["token-0"]
    assert first["id"] != second["id"]


def test_each_line_has_its_own_session(server: _ChatServer) -> None:
    """Every question is the first turn of a new session, and results keep the order of the lines."""
    questions = [Question(line, "in_scope", (f"Question {line}",), ("topic_1",)) for line in range(1, 9)]

    results = ask_all(ChatClient(server.url), questions)

    assert [result.question.line for result in results] == list(range(1, 9))
    assert {result.outcome for result in results} == {"right"}
    assert [len(turns) for turns in server.turns.values()] == [1] * 8


def test_429_is_waited_for(server: _ChatServer) -> None:
    """The client waits as long as Retry-After says and sends the same message again."""
    server.busy, waits = 2, list[float]()

    exchange = ChatClient(server.url, waits.append).ask(Question(1, "in_scope", ("Cost?",), ("topic_1",)))

    assert exchange.reply.topics == ["topic_1"] and waits == [7.0, 7.0]
    assert len(exchange.seconds) == 1


@pytest.mark.parametrize(
    ("retry_after", "wait"), [("9999", LONGEST_WAIT), ("Sat, 1 Jan 2050", 1.0), ("0", 0.1)]
)
def test_waiting_is_bounded(retry_after: str, wait: float, server: _ChatServer) -> None:
    """Neither a long nor an unreadable Retry-After, nor endless 429s, can hold the run up for good."""
    server.busy, server.retry_after, waits = 1000, retry_after, list[float]()

    exchange = ChatClient(server.url, waits.append).ask(Question(1, "in_scope", ("Cost?",), ("topic_1",)))

    assert exchange.reply.status == 429
    assert waits == [wait] * (TRIES - 1)


def test_failures_are_told_in_the_reply(server: _ChatServer) -> None:
    """A problem document, an answer without messages and a dead server are told apart."""
    client = ChatClient(server.url)

    problem = client.ask(Question(1, "adversarial", ("too long", "next"))).reply
    broken = client.ask(Question(2, "refusal", ("broken",))).reply
    dead = ChatClient("http://127.0.0.1:9").ask(Question(3, "refusal", ("Anyone?",))).reply

    assert (problem.status, problem.problem, problem.failure) == (413, {"title": "Too long"}, "")
    assert "no list of messages" in broken.failure
    assert dead.status == 0 and "ConnectionError" in dead.failure


def test_command_writes_report(
    server: _ChatServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The command ends with 0 although lines are wrong, prints the table and writes the report."""
    questions, out = tmp_path / "questions.jsonl", tmp_path / "results" / "report.json"
    lines = [{"text": text, "kind": "in_scope", "expect": text} for text in ("topic_1", "cost")]
    questions.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")

    code = main([str(questions), "--out", str(out), "--url", server.url + "/"])

    report = json.loads(out.read_text(encoding="utf-8"))
    assert code == 0
    assert "line 2 in_scope: wrong, wanted cost, got answer:topic_1" in capsys.readouterr().out
    assert report["kinds"]["in_scope"]["right"]["count"] == 1 and len(report["sha256"]) == 64
    assert report["misses"][0]["turns"] == ["cost"]


def test_no_server_ends_with_code_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An address where nothing answers is one message and code 1, not a list of errors."""
    questions = tmp_path / "questions.jsonl"
    questions.write_text('{"text": "What dose?", "kind": "refusal"}\n', encoding="utf-8")

    code = main([str(questions), "--url", "http://127.0.0.1:9"])

    captured = capsys.readouterr()
    assert code == 1 and captured.out == "" and "127.0.0.1" in captured.err


SMALL_SERVER = """
    import http.server, os, pathlib
    assert os.environ["MESOGUIDE_RATE_LIMIT"] == "0"
    pathlib.Path(os.environ["MESOGUIDE_STATE_DIR"]).mkdir()
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")
    http.server.HTTPServer(("127.0.0.1", int(os.environ["MESOGUIDE_PORT"])), Handler).serve_forever()
"""


def test_own_server_is_started_and_stopped() -> None:
    """A server of its own answers inside the block, with the limit off, and is gone after it."""
    command = (sys.executable, "-c", textwrap.dedent(SMALL_SERVER))

    with running_server(command, start_seconds=20) as url:
        assert ChatClient(url).info() == {}

    with pytest.raises(requests.ConnectionError):
        ChatClient(url).info()


def test_server_that_does_not_start_shows_its_output() -> None:
    """If the server ends at once, the error tells its code and last words without waiting out the time."""
    command = (sys.executable, "-c", "print('no model found'); raise SystemExit(3)")

    with pytest.raises(SetupError, match=r"(?s)code 3.*no model found"), running_server(command):
        pass
