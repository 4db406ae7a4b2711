"""Kills workers at random moments while several conversations go on."""

import json
import os
import random
import select
import shutil
import signal
import socket
import tempfile
import time
import uuid
from dataclasses import dataclass
from pathlib import Path

from assistant.storage.passing import forget_passing
from benchmarks.crash.judge import Asked, problems, renumbered
from benchmarks.crash.worker import DOWN, start

WORKERS = 2
CONVERSATIONS = 6
MOST_STEPS = 300
DELAY_SECONDS = 0.030
OUTAGE_SHARE = 0.08
OUTAGE_KILLS = 4
RETRY_SECONDS = 15.0
FINISH_SECONDS = 60.0
ODD = ("plain", "né \u2028 💉", "'\"{}\\", "long" * 500)


@dataclass
class Round:
    """What came of one round.

    Attributes:
        kills: workers that ended by SIGKILL.
        messages: messages that were sent.
        outages: times that the database was down.
        renumbered: answers told in an outage under another number than was stored.
        problems: broken promises.
    """

    kills: int
    messages: int
    outages: int
    renumbered: int
    problems: list[str]


class Worker:
    """A worker process and what it has to answer."""

    def __init__(self, folder: Path, steps: int, others: list[socket.socket]) -> None:
        self.process, self.socket = start(folder, steps, others)
        self.kill_at: float | None = None
        self._rest = b""

    def send(self, asked: Asked) -> None:
        """Hands a message over; a worker that has just died loses it."""
        request = {"conversation": asked.conversation, "id": asked.id, "text": asked.text}
        try:
            self.socket.sendall(json.dumps(request).encode() + b"\n")
        except OSError:
            return

    def receive(self) -> list[dict] | None:
        """Returns the answers that have come, None when the worker has died."""
        try:
            data = self.socket.recv(1 << 20)
        except OSError:
            data = b""
        if not data:
            return None
        *lines, self._rest = (self._rest + data).split(b"\n")
        return [json.loads(line) for line in lines]

    def end(self) -> int:
        """Kills it and returns the signal that it has ended by."""
        os.kill(self.process, signal.SIGKILL)
        _, status = os.waitpid(self.process, 0)
        self.socket.close()
        return os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0


class Harness:
    """One round in a folder of its own."""

    def __init__(self, folder: Path, seed: int) -> None:
        self._folder = folder
        self._random = random.Random(seed)
        self._asked: dict[str, Asked] = {}
        self._open: dict[str, tuple[Asked, float]] = {}
        self._workers: list[Worker] = []
        self._moment = 0
        self._kills = 0
        self._outages = 0
        self._outage_until = 0
        self._is_ending = False

    def run(self, kills: int, deadline: float) -> Round:
        """Runs until so many workers were killed, or until the deadline; then lets all finish and judges."""
        self._folder.mkdir(parents=True, exist_ok=True)
        for _ in range(WORKERS):
            self._start()
        names = [f"k-{number}" for number in range(CONVERSATIONS)]
        while self._kills < kills and time.monotonic() < deadline:
            self._step(names)
        self._is_ending = True
        self._database_is_back()
        for worker in self._workers:
            worker.kill_at = None
        late = self._finish(names)
        for worker in self._workers:
            worker.end()
        asked = list(self._asked.values())
        found = late + problems(self._folder, asked)
        return Round(self._kills, len(asked), self._outages, renumbered(self._folder, asked), found)

    def _finish(self, names: list[str]) -> list[str]:
        """Waits for what is open; then each conversation goes on with one message more."""
        late = []
        for what in ("a message", "a message after all crashes"):
            deadline = time.monotonic() + FINISH_SECONDS
            while (self._open or self._spooled()) and time.monotonic() < deadline:
                self._step([])
            if self._open:
                late.append(f"{what} was not answered in {FINISH_SECONDS:.0f} s")
            if what == "a message":
                for name in names:
                    self._ask(name)
        return late

    def _spooled(self) -> bool:
        return any((self._folder / "spool").glob("*.jsonl"))

    def _step(self, names: list[str]) -> None:
        """Sends what is due, takes what has come, kills who is due."""
        busy = [asked.conversation for asked, _ in self._open.values()]
        for name in names:
            # now and then a second message before the first is answered
            if busy.count(name) < (2 if self._random.random() < 0.02 else 1):
                self._ask(name)
        now = time.monotonic()
        for asked, since in list(self._open.values()):
            if now - since > RETRY_SECONDS:
                self._send(asked)
        ready, _, _ = select.select([worker.socket for worker in self._workers], [], [], 0.002)
        for worker in list(self._workers):
            if worker.socket in ready:
                self._hear(worker)
        for worker in list(self._workers):
            if worker.kill_at is not None and time.monotonic() >= worker.kill_at:
                os.kill(worker.process, signal.SIGKILL)
                worker.kill_at = None

    def _ask(self, name: str) -> None:
        text = f"{len(self._asked)} {self._random.choice(ODD)}"
        asked = Asked(name, str(uuid.UUID(int=self._random.getrandbits(128))), text, self._next_moment())
        self._asked[asked.id] = asked
        self._send(asked)

    def _send(self, asked: Asked) -> None:
        asked.in_outage |= self._is_down()
        self._open[asked.id] = (asked, time.monotonic())
        first, *more = self._random.sample(self._workers, len(self._workers))
        first.send(asked)
        if self._random.random() < 0.05:
            for worker in more:
                worker.send(asked)
        if not self._is_ending and first.kill_at is None and self._random.random() < 0.1:
            first.kill_at = time.monotonic() + self._random.uniform(0.0, DELAY_SECONDS)

    def _hear(self, worker: Worker) -> None:
        answers = worker.receive()
        if answers is None:
            self._restart(worker)
            return
        for answer in answers:
            asked = self._asked[answer["id"]]
            if "error" in answer:
                self._send(asked)
                continue
            asked.in_outage |= self._is_down()
            asked.answers.append(answer["messages"])
            asked.told = asked.told or self._next_moment()
            self._open.pop(asked.id, None)

    def _restart(self, worker: Worker) -> None:
        self._workers.remove(worker)
        self._kills += worker.end() == signal.SIGKILL
        if self._is_down() and self._kills >= self._outage_until:
            self._database_is_back()
        elif not self._is_ending and self._random.random() < OUTAGE_SHARE:
            self._outages += 1
            self._outage_until = self._kills + OUTAGE_KILLS
            (self._folder / DOWN).touch()
        self._start()
        for asked, _ in list(self._open.values()):
            self._send(asked)

    def _start(self) -> None:
        steps = (
            self._random.randint(1, MOST_STEPS) if not self._is_ending and self._random.random() < 0.5 else 0
        )
        others = [worker.socket for worker in self._workers]
        self._workers.append(Worker(self._folder, steps, others))

    def _is_down(self) -> bool:
        return (self._folder / DOWN).exists()

    def _database_is_back(self) -> None:
        (self._folder / DOWN).unlink(missing_ok=True)
        for asked, _ in self._open.values():
            asked.in_outage = True

    def _next_moment(self) -> int:
        self._moment += 1
        return self._moment


def run_round(kills: int, seed: int, deadline: float) -> Round:
    """Runs one round in a temporary folder, which stays only when a promise was broken."""
    folder = Path(tempfile.mkdtemp(prefix="mesoguide-crash-"))
    result = Harness(folder / "state", seed).run(kills, deadline)
    forget_passing(folder / "state")
    if result.problems:
        result.problems.append(f"look into {folder}")
    else:
        shutil.rmtree(folder)
    return result
