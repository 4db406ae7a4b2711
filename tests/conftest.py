"""The real server and, where its programs are installed, PostgreSQL; each started once for all tests."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import requests
from sanic import Sanic

ROOT = Path(__file__).parents[1]
START_SECONDS = 60
PARTS = ("actions", "assistant", "data", "widget")
FILES = ("config.yml", "domain.yml", "endpoints.yml", "requirements.txt", "requirements-encoder.txt")


def free_port() -> int:
    """Returns a port of the loopback address that nothing uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@dataclass
class Server:
    """A running `python -m assistant.server serve`."""

    port: int
    state_dir: Path
    log: Path
    process: subprocess.Popen
    url: str = field(init=False)

    def __post_init__(self) -> None:
        self.url = f"http://127.0.0.1:{self.port}"

    @classmethod
    def start(cls, folder: Path, root: Path = ROOT, **settings: str) -> "Server":
        """Starts a server with its state and log in `folder`; does not wait."""
        port = free_port()
        log = folder / "server.log"
        environment = {
            **os.environ,
            "MESOGUIDE_PORT": str(port),
            "MESOGUIDE_STATE_DIR": str(folder / "state"),
            "MESOGUIDE_RATE_LIMIT": "0",
            # its own tests start it
            "MESOGUIDE_CONSOLE_PORT": "0",
            **settings,
        }
        command = [sys.executable, "-W", "ignore", "-m", "assistant.server", "serve"]
        with log.open("wb") as stream:
            process = subprocess.Popen(command, cwd=root, env=environment, stdout=stream, stderr=stream)
        return cls(port, folder / "state", log, process)

    def wait_until_ready(self) -> None:
        """Returns when the server says that it is ready; fails with the log when it does not.

        Questions are answered a moment before that, but a signal in that moment still ends a start.
        """
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            if "is ready after" in self.log.read_text(encoding="utf-8"):
                return
            time.sleep(0.05)
        pytest.fail(f"the server did not start:\n{self.log.read_text(encoding='utf-8')}")

    def stop(self) -> int:
        """Stops it as Ctrl-C does; returns the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        try:
            return self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise

    def conversation(self, **session: Any) -> "Conversation":
        """Opens a session."""
        answer = requests.post(f"{self.url}/chat/session", json=session, timeout=10)
        assert answer.status_code == 201, answer.text
        return Conversation(self.url, answer.json())


class Conversation:
    """One visitor's session."""

    def __init__(self, url: str, session: dict[str, Any]) -> None:
        self.url = url
        self.welcome = session["messages"]
        self.token = session["token"]

    def post(self, body: dict[str, Any]) -> requests.Response:
        """Sends one message document as it is."""
        headers = {"Authorization": f"Bearer {self.token}", "Accept": "application/json"}
        return requests.post(f"{self.url}/chat/messages", json=body, headers=headers, timeout=30)

    def say(self, text: str) -> list[dict[str, Any]]:
        """Sends a text; returns the messages that answer it."""
        return self._messages({"text": text})

    def press(self, button: str) -> list[dict[str, Any]]:
        """Presses a button by its id; returns the messages that answer it."""
        return self._messages({"button": button})

    def _messages(self, content: dict[str, str]) -> list[dict[str, Any]]:
        answer = self.post({"id": str(uuid.uuid4()), **content})
        assert answer.status_code == 200, answer.text
        return answer.json()["messages"]


@pytest.fixture(scope="session", autouse=True)
def _sanic_test_mode() -> Iterator[None]:
    """Several Sanic apps may start in one process only in this mode."""
    Sanic.test_mode = True
    yield
    Sanic.test_mode = False


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The real server with the built model, shared by all tests."""
    running = Server.start(tmp_path_factory.mktemp("server"))
    running.wait_until_ready()
    yield running
    running.stop()


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the project that a test may break, with the models that are built."""
    root = tmp_path / "project"
    for part in PARTS:
        shutil.copytree(
            ROOT / part, root / part, ignore=shutil.ignore_patterns("__pycache__", "node_modules")
        )
    for file in FILES:
        shutil.copy(ROOT / file, root / file)
    (root / "models").mkdir()
    for built in ("encoder", "spacy", "known_words.txt", "mesoguide.tar.gz"):
        (root / "models" / built).symlink_to(ROOT / "models" / built)
    return root


def _postgresql() -> Path | None:
    """Returns the folder of PostgreSQL's programs."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"))
    return found[-1].parent if found else None


@pytest.fixture(scope="session")
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a server of our own on a socket; skips where there is none."""
    programs = _postgresql()
    if programs is None:
        pytest.skip("PostgreSQL is not installed")
    # the path of a socket may have 107 characters at most
    folder = Path(f"/tmp/mesoguide-postgresql-{os.getpid()}")
    folder.mkdir(mode=0o777)
    user = None
    if os.geteuid() == 0:
        # PostgreSQL refuses to run as root
        user = pwd.getpwnam("postgres").pw_uid
        os.chown(folder, user, -1)
    run = {"user": user, "check": True, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    data = folder / "data"
    initdb = [
        programs / "initdb",
        "-D",
        data,
        "-A",
        "trust",
        "-U",
        "test",
        "--no-sync",
        "-E",
        "UTF8",
        "--locale=C",
    ]
    subprocess.run(initdb, **run)
    options = f"-c listen_addresses= -c unix_socket_directories={folder} -c fsync=off"
    subprocess.run(
        [programs / "pg_ctl", "-D", data, "-w", "-o", options, "-l", folder / "log", "start"], **run
    )
    yield f"postgresql://test@/postgres?host={folder}"
    subprocess.run([programs / "pg_ctl", "-D", data, "-m", "immediate", "stop"], **run)
    shutil.rmtree(folder)
