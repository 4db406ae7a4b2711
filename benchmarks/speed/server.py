"""Starts the servers that are compared, each with an empty state, and ends them."""

import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from subprocess import Popen
from uuid import uuid4

import requests

from benchmarks.speed.error import MeasureError, RefusedSettingError
from benchmarks.speed.message import MESSAGES
from benchmarks.speed.process import child, free_port, last_lines, members
from benchmarks.speed.stock_project import endpoints
from benchmarks.speed.training import MODEL

START_SECONDS = 240.0
ASK_AGAIN_SECONDS = 0.02
FIRST = MESSAGES[1]


@dataclass(frozen=True)
class Running:
    """A server that answers.

    Attributes:
        kind: which visitor speaks to it, see `visitor.KINDS`.
        url: where it is, without a path.
        start_seconds: from the start of its processes to the first reply.
        session: id of its process session, without the action server's.
    """

    kind: str
    url: str
    start_seconds: float
    session: int

    def processes(self) -> list[int]:
        """The ids of its processes, ascending."""
        return members(self.session)


@contextmanager
def stock(project: Path, state: Path) -> Iterator[Running]:
    """Stock Rasa and its action server, started at the same moment.

    Args:
        project: folder of the trained project.
        state: an empty folder for database and output.
    """
    port, actions_port = free_port(), free_port()
    (state / "endpoints.yml").write_text(endpoints(actions_port, state / "rasa.db"), encoding="utf-8")
    rasa = [sys.executable, "-m", "rasa", "run"]
    serve = [
        "--model",
        MODEL,
        "--endpoints",
        str(state / "endpoints.yml"),
        "--credentials",
        "credentials.yml",
    ]
    serve += ["--interface", "127.0.0.1", "--port", str(port)]
    actions = ["actions", "--actions", "actions", "--port", str(actions_port)]
    local = {"SANIC_HOST": "127.0.0.1"}
    started, url = time.monotonic(), f"http://127.0.0.1:{port}"
    with (
        child([*rasa, *actions], project, local, state / "actions.txt"),
        child([*rasa, *serve], project, {}, state / "rasa.txt") as process,
    ):
        _wait_for_reply(process, state / "rasa.txt", lambda: _ask_rest(url))
        yield Running("rest", url, time.monotonic() - started, process.pid)


@contextmanager
def mesoguide(root: Path, state: Path, workers: int) -> Iterator[Running]:
    """MesoGuide as `make serve` starts it, without rate limits.

    Args:
        root: the project's folder.
        state: an empty folder for state and output.
        workers: above 1, the setting MESOGUIDE_WORKERS.

    Raises RefusedSettingError when the server does not know that setting.
    """
    port = free_port()
    settings = {
        "MESOGUIDE_PORT": str(port),
        "MESOGUIDE_STATE_DIR": str(state / "state"),
        "MESOGUIDE_RATE_LIMIT": "0",
        "MESOGUIDE_CONSOLE_PORT": "0",
    }
    if workers > 1:
        settings["MESOGUIDE_WORKERS"] = str(workers)
    command = [sys.executable, "-m", "assistant.server", "serve"]
    started, url = time.monotonic(), f"http://127.0.0.1:{port}"
    with child(command, root, settings, state / "server.txt") as process:
        _wait_for_reply(process, state / "server.txt", lambda: _ask_chat(url))
        yield Running("chat", url, time.monotonic() - started, process.pid)


def _wait_for_reply(process: Popen[bytes], output: Path, ask: Callable[[], bool]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if ask():
                return
        except (requests.RequestException, ValueError, KeyError):
            pass
        time.sleep(ASK_AGAIN_SECONDS)
    lines = last_lines(output)
    if "is not a setting" in lines:
        raise RefusedSettingError(f"The server refused a setting:\n{lines}")
    code = process.poll()
    state = (
        f"gave no reply in {START_SECONDS:.0f} s"
        if code is None
        else f"ended with code {code} before its first reply"
    )
    raise MeasureError(f"A server {state}. It printed:\n{lines}")


def _ask_rest(url: str) -> bool:
    messages = _post(f"{url}/webhooks/rest/webhook", {"sender": "first", "message": FIRST}).json()
    return bool(messages)


def _ask_chat(url: str) -> bool:
    token = _post(f"{url}/chat/session", {"consent": "keep"}).json()["token"]
    message = {"id": str(uuid4()), "text": FIRST}
    return bool(_post(f"{url}/chat/messages", message, f"Bearer {token}").json()["messages"])


def _post(address: str, body: Mapping[str, str], authorization: str = "") -> requests.Response:
    with requests.Session() as http:
        # no proxy and no .netrc of whoever runs this
        http.trust_env = False
        headers = {"Authorization": authorization} if authorization else {}
        answer = http.post(address, json=body, headers=headers, timeout=START_SECONDS)
    answer.raise_for_status()
    return answer
