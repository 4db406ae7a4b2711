"""The same against the real server: eight visitors over HTTP, `kill -9` for all its processes."""

import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import requests

from benchmarks.crash.harness import Round
from benchmarks.speed.process import child, free_port, last_lines

ROOT = Path(__file__).resolve().parents[2]
COMMAND = (sys.executable, "-W", "ignore", "-m", "assistant.server", "serve")
CLIENTS = 8
START_SECONDS = 120.0
ANSWER_SECONDS = 120.0
LIFE_SECONDS = 3.0
TEXTS = (
    "hello",
    "what is mesotherapy",
    "does it hurt?",
    "how long do the bruises last?",
    "thank you",
    "zxqv 💉",
)


@dataclass
class Visitor:
    """One conversation, which sends the next message when it has the answer to the last.

    Attributes:
        told: text and answer of each message, in order.
        problems: what went wrong.
    """

    url: str
    random: random.Random
    token: str = ""
    told: list[tuple[str, list[dict[str, Any]]]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def open(self) -> None:
        """Opens a kept session."""
        answer = requests.post(f"{self.url}/chat/session", json={"consent": "keep"}, timeout=10)
        answer.raise_for_status()
        self.token = answer.json()["token"]

    def talk(self, stopping: threading.Event) -> None:
        """Sends one message after the other until told to stop."""
        while not stopping.is_set() and not self.problems:
            self.say(f"{self.random.choice(TEXTS)} {len(self.told)}")

    def say(self, text: str) -> None:
        """Sends one message, again and again with the same id until it is answered."""
        body = {"id": str(uuid.UUID(int=self.random.getrandbits(128))), "text": text}
        deadline = time.monotonic() + ANSWER_SECONDS
        while time.monotonic() < deadline:
            try:
                answer = requests.post(
                    f"{self.url}/chat/messages", json=body, headers=self._headers(), timeout=20
                )
            except requests.RequestException:
                time.sleep(0.1)
                continue
            if answer.status_code == 200:
                self.told.append((text, answer.json()["messages"]))
                return
            time.sleep(0.1)
        self.problems.append(f"message {len(self.told)} was not answered in {ANSWER_SECONDS:.0f} s")

    def judge(self) -> list[str]:
        """Returns what is wrong with the history that the server shows."""
        history: list[dict[str, Any]] = []
        while more := self._history(history[-1]["seq"] if history else 0):
            history += more
        asked = [one["text"] for one in history if one["role"] == "user"]
        answers = [one for one in history if one["role"] == "assistant"]
        found = list(self.problems)
        if asked != [text for text, _ in self.told]:
            found.append(f"sent {len(self.told)} messages, the history has {len(asked)} or another order")
        told = [message for _, messages in self.told for message in messages]
        if answers[len(answers) - len(told) :] != told:
            found.append(f"was told {len(told)} answers, the history has {len(answers)}, or others")
        if any(not messages for _, messages in self.told):
            found.append("an answer was empty")
        if any(one["seq"] >= two["seq"] for one, two in pairwise(history)):
            found.append("numbers do not rise")
        return found

    def _history(self, after: int) -> list[dict[str, Any]]:
        answer = requests.get(f"{self.url}/chat/history?after={after}", headers=self._headers(), timeout=20)
        answer.raise_for_status()
        return list(answer.json()["messages"])

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}", "Accept": "application/json"}


def run_server_round(kills: int, seed: int, deadline: float) -> Round:
    """Kills the server so many times while visitors talk; compares what they were told with the history."""
    folder = Path(tempfile.mkdtemp(prefix="mesoguide-crash-server-"))
    rounds = random.Random(seed)
    port = free_port()
    environment = {
        "MESOGUIDE_PORT": str(port),
        "MESOGUIDE_STATE_DIR": str(folder / "state"),
        "MESOGUIDE_RATE_LIMIT": "0",
        "MESOGUIDE_CONSOLE_PORT": "0",
    }
    url = f"http://127.0.0.1:{port}"
    visitors = [Visitor(url, random.Random(f"{seed} {number}")) for number in range(CLIENTS)]
    stopping = threading.Event()
    threads: list[threading.Thread] = []
    done = 0
    while True:
        is_last = done == kills or time.monotonic() >= deadline
        with child(COMMAND, ROOT, environment, folder / f"server-{done}.txt") as process:
            _wait(process, url, folder / f"server-{done}.txt")
            if not threads:
                for visitor in visitors:
                    visitor.open()
                threads = [
                    threading.Thread(target=one.talk, args=(stopping,), daemon=True) for one in visitors
                ]
                for thread in threads:
                    thread.start()
            if not is_last:
                time.sleep(rounds.uniform(0.0, LIFE_SECONDS))
                _kill_all(process)
                done += 1
                continue
            stopping.set()
            for thread in threads:
                thread.join(ANSWER_SECONDS + START_SECONDS)
            for visitor in visitors:
                visitor.say("and one more")
            found = [f"visitor {place}: {one}" for place, each in enumerate(visitors) for one in each.judge()]
            break
    if found:
        found.append(f"look into {folder}")
    else:
        shutil.rmtree(folder)
    return Round(done, sum(len(one.told) for one in visitors), 0, 0, found)


def _kill_all(process: subprocess.Popen[bytes]) -> None:
    """Kills the server and its workers, which are its children, at one moment."""
    workers = _children(process.pid)
    for number in (process.pid, *workers):
        with suppress(ProcessLookupError):
            os.kill(number, signal.SIGKILL)
    process.wait()
    while any(Path(f"/proc/{number}").exists() for number in workers):
        time.sleep(0.01)


def _children(parent: int) -> list[int]:
    found = []
    for folder in Path("/proc").iterdir():
        with suppress(OSError):
            if folder.name.isdigit():
                stat = (folder / "stat").read_text(encoding="utf-8", errors="replace")
                if stat.rpartition(")")[2].split()[1] == str(parent):
                    found.append(int(folder.name))
    return found


def _wait(process: subprocess.Popen[bytes], url: str, output: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if requests.get(f"{url}/chat/info", timeout=2).ok:
                return
        except requests.RequestException:
            time.sleep(0.05)
    raise RuntimeError(f"the server did not start:\n{last_lines(output)}")
