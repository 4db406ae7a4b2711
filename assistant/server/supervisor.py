"""Starts the chat, the projector and the console, starts a dead process again, stops them all cleanly."""

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
WORKER = ("assistant.server", "worker")
PROJECTOR = ("assistant.server", "projector")
CONSOLE = ("assistant.console",)
# The products of one message are too small to share; threads that wait for each other cost both cores.
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
TICK_SECONDS = 0.2
# A worker that dies again and again must not keep the machine busy with starting it.
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 30.0
STEADY_SECONDS = 60.0
STOP_SECONDS = 30.0


@dataclass
class _Child:
    """One process; times are seconds of the monotonic clock."""

    name: str
    command: tuple[str, ...]
    process: subprocess.Popen[bytes]
    started: float
    ready_pipe: int
    pause: float = FIRST_PAUSE
    is_ready: bool = False


class Supervisor:
    """Keeps `settings.workers` chat processes, one projector and one staff console running.

    The parent holds the port and loads nothing of Rasa. Each worker listens on a socket of its
    own (SO_REUSEPORT), so the kernel spreads connections over them. Projector and console start when
    the chat is ready, which does not wait for them, nor stop when they cannot start.

    Args:
        settings: the workers read the same environment.
        report: gets one line for start, readiness and stop.
    """

    def __init__(self, settings: Settings, report: Report) -> None:
        """See class; starts nothing."""
        self._settings = settings
        self._report = report
        self._children: list[_Child] = []
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
            for place in range(1, self._settings.workers + 1):
                self._children.append(self._start(f"worker {place}", WORKER))
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

    def _start(self, name: str, command: tuple[str, ...]) -> _Child:
        reading, writing = os.pipe()
        process = subprocess.Popen(
            [sys.executable, "-m", *command, "--ready-fd", str(writing)],
            pass_fds=[writing],
            cwd=self._settings.root,
            env={**ONE_THREAD, **os.environ},
            start_new_session=True,
        )
        os.close(writing)
        return _Child(name, command, process, time.monotonic(), reading)

    def _look(self, started: float) -> bool:
        """Waits a moment; sees who is ready and who has died. Returns whether to go on."""
        pipes = {
            one.ready_pipe: one for one in self._children if not one.is_ready and one.process.poll() is None
        }
        readable, _, _ = select.select(list(pipes), [], [], TICK_SECONDS)
        for pipe in readable:
            if os.read(pipe, 1) == READY:
                pipes[pipe].is_ready = True
        if not self._told_ready and all(child.is_ready for child in self._children):
            self._told_ready = True
            address = f"http://{self._settings.host}:{self._settings.port}"
            self._report(
                f"MesoGuide is ready after {time.monotonic() - started:.1f} s: {address}  (Ctrl-C stops it)"
            )
            self._children.append(self._start("projector", PROJECTOR))
            if self._settings.console_port:
                self._children.append(self._start("console", CONSOLE))
        for index, child in enumerate(self._children):
            code = child.process.poll()
            if code is None or self._stopping:
                continue
            if not self._told_ready:
                return False
            self._replace(index, child, code)
        return True

    def _replace(self, index: int, child: _Child, code: int) -> None:
        """Starts another process in place of a dead one, when it has rested long enough."""
        since_start = time.monotonic() - child.started
        if since_start > STEADY_SECONDS:
            child.pause = FIRST_PAUSE
        if since_start < child.pause:
            return
        self._report(f"mesoguide: {child.name} ended with code {code}; starting it again")
        os.close(child.ready_pipe)
        self._children[index] = self._start(child.name, child.command)
        self._children[index].pause = min(LONGEST_PAUSE, child.pause * 2)

    def _stop(self, number: int, _: FrameType | None) -> None:
        self._stopping = True
        self._signal = number

    def _end(self) -> None:
        for child in self._children:
            if child.process.poll() is None:
                child.process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        for child in self._children:
            try:
                child.process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                child.process.kill()
                child.process.wait()
            os.close(child.ready_pipe)
