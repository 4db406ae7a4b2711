"""Starts the chat processes, starts a dead one again, stops them all cleanly."""

import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import FrameType

from assistant.server.listener import hold_port
from assistant.settings import Settings
from assistant.storage.passing import forget_passing

Report = Callable[[str], None]

READY = b"r"
# The products of one message are too small to share; threads that wait for each other cost both cores.
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
TICK_SECONDS = 0.2
# A worker that dies again and again must not keep the machine busy with starting it.
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 30.0
STEADY_SECONDS = 60.0
STOP_SECONDS = 30.0


@dataclass
class _Worker:
    """One chat process; times are seconds of the monotonic clock."""

    process: subprocess.Popen[bytes]
    started: float
    ready_pipe: int
    is_ready: bool = False


class Supervisor:
    """Keeps `settings.workers` chat processes running.

    The parent holds the port and loads nothing of Rasa. Each worker listens on a socket of its
    own (SO_REUSEPORT), so the kernel spreads connections over them.

    Args:
        settings: the workers read the same environment.
        report: gets one line for start, readiness and stop.
    """

    def __init__(self, settings: Settings, report: Report) -> None:
        """See class; starts nothing."""
        self._settings = settings
        self._report = report
        self._workers: list[_Worker] = []
        self._pauses = [FIRST_PAUSE] * settings.workers
        self._stopping = False
        self._signal = 0
        self._told_ready = False

    def run(self) -> int:
        """Returns the exit code.

        0 after SIGINT or SIGTERM, 128 and the signal's number where it came before the chat was
        ready, 1 if a worker could not start and has said why.

        Raises SetupError when the port cannot be used.
        """
        started = time.monotonic()
        holders = hold_port(self._settings)
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._stop)
        forget_passing(self._settings.state_dir)
        self._report("Starting MesoGuide (a few seconds) …")
        try:
            self._workers = [self._start(index) for index in range(self._settings.workers)]
            while not self._stopping:
                if not self._look(started):
                    return 1
        finally:
            self._end()
            for holder in holders:
                holder.close()
            forget_passing(self._settings.state_dir)
        if not self._told_ready:
            self._report("mesoguide: stopped")
            return 128 + self._signal
        self._report("MesoGuide has stopped.")
        return 0

    def _start(self, index: int) -> _Worker:
        reading, writing = os.pipe()
        command = [sys.executable, "-m", "assistant.server", "worker", "--ready-fd", str(writing)]
        process = subprocess.Popen(
            command,
            pass_fds=[writing],
            cwd=self._settings.root,
            env={**ONE_THREAD, **os.environ},
            start_new_session=True,
        )
        os.close(writing)
        return _Worker(process, time.monotonic(), reading)

    def _look(self, started: float) -> bool:
        """Waits a moment; sees who is ready and who has died. Returns whether to go on."""
        pipes = {
            one.ready_pipe: one for one in self._workers if not one.is_ready and one.process.poll() is None
        }
        readable, _, _ = select.select(list(pipes), [], [], TICK_SECONDS)
        for pipe in readable:
            if os.read(pipe, 1) == READY:
                pipes[pipe].is_ready = True
        if not self._told_ready and all(worker.is_ready for worker in self._workers):
            self._told_ready = True
            address = f"http://{self._settings.host}:{self._settings.port}"
            self._report(
                f"MesoGuide is ready after {time.monotonic() - started:.1f} s: {address}  (Ctrl-C stops it)"
            )
        for index, worker in enumerate(self._workers):
            code = worker.process.poll()
            if code is None or self._stopping:
                continue
            if not self._told_ready:
                return False
            self._replace(index, worker, code)
        return True

    def _replace(self, index: int, worker: _Worker, code: int) -> None:
        """Starts another process in place of a dead one, when it has rested long enough."""
        since_start = time.monotonic() - worker.started
        if since_start > STEADY_SECONDS:
            self._pauses[index] = FIRST_PAUSE
        if since_start < self._pauses[index]:
            return
        self._pauses[index] = min(LONGEST_PAUSE, self._pauses[index] * 2)
        self._report(f"mesoguide: worker {index + 1} ended with code {code}; starting it again")
        os.close(worker.ready_pipe)
        self._workers[index] = self._start(index)

    def _stop(self, number: int, _: FrameType | None) -> None:
        self._stopping = True
        self._signal = number

    def _end(self) -> None:
        for worker in self._workers:
            if worker.process.poll() is None:
                worker.process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        for worker in self._workers:
            try:
                worker.process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                worker.process.kill()
                worker.process.wait()
            os.close(worker.ready_pipe)
