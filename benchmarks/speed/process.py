"""Child processes that end with this one, whatever happens; Linux only."""

import ctypes
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

STOP_SECONDS = 15.0
KILLED_SECONDS = 0.02  # for the kernel to end a process
LAST_LINES = 15
OWN_PREFIXES = ("MESOGUIDE_", "RASA_", "SANIC_", "PYTHONPATH", "ACTION_SERVER_")


@contextmanager
def child(
    command: Sequence[str], folder: Path, environment: Mapping[str, str], output: Path
) -> Iterator[subprocess.Popen[bytes]]:
    """A process at the head of a session of its own; at the end the whole session is ended.

    Args:
        command: program and arguments.
        folder: its working directory.
        environment: variables set beside those of this process; settings of
            MesoGuide, Rasa and Sanic are not passed on.
        output: file for what it prints.
    """
    with output.open("wb") as log:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=_clean_environment() | dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=_end_with_parent(),
        )
    try:
        yield process
    finally:
        end(process)


def end(process: subprocess.Popen[bytes]) -> None:
    """Ends the process as Ctrl-C does, and after 15 seconds by force, with all that it has started."""
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    deadline = time.monotonic() + STOP_SECONDS
    while (left := members(process.pid)) and time.monotonic() < deadline:
        for member in left:
            _kill(member)
        time.sleep(KILLED_SECONDS)


def members(session: int) -> list[int]:
    """The ids of the running processes of a session and of their children, ascending.

    A worker has a session of its own, so that Ctrl-C reaches it through its supervisor only.
    """
    running = {}
    for folder in Path("/proc").iterdir():
        fields = _stat_fields(folder) if folder.name.isdigit() else []
        if fields and fields[0] not in "ZX":
            running[int(folder.name)] = (int(fields[1]), int(fields[3]))
    found = {process for process, (_, of_session) in running.items() if of_session == session}
    while more := {process for process, (parent, _) in running.items() if parent in found} - found:
        found |= more
    return sorted(found)


def free_port() -> int:
    """A port of the loopback address that nothing uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def last_lines(output: Path) -> str:
    """The last lines of a process's output, for an error message."""
    lines = output.read_text(encoding="utf-8", errors="replace").splitlines()
    return "\n".join("  " + line for line in lines[-LAST_LINES:])


def stop_tidily() -> None:
    """Lets SIGINT, SIGTERM and SIGHUP end the run with all clean-up, which a second one does not disturb."""
    signals = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

    def stop(number: int, _: FrameType | None) -> None:
        for each in signals:
            signal.signal(each, signal.SIG_IGN)
        print("bench: stopping", file=sys.stderr, flush=True)
        raise SystemExit(128 + number)

    for each in signals:
        signal.signal(each, stop)


def _clean_environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(OWN_PREFIXES)}
    return kept | {
        "RASA_TELEMETRY_ENABLED": "false",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "PYTHONWARNINGS": "ignore",
        "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    }


def _end_with_parent() -> Callable[[], None] | None:
    """Lets the kernel end the child even if this process is killed (PR_SET_PDEATHSIG).

    The kernel watches the thread that starts the child, so it must be the main one.
    """
    if threading.current_thread() is not threading.main_thread():
        return None
    libc = ctypes.CDLL(None)

    def prepare() -> None:
        # an ignored signal stays ignored in a child, and Ctrl-C must reach it
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        libc.prctl(1, signal.SIGKILL)

    return prepare


def _stat_fields(folder: Path) -> list[str]:
    """State, parent, group, session … of /proc/<id>/stat; empty if the process has gone."""
    try:
        return (folder / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    except OSError:
        return []


def _kill(process: int) -> None:
    try:
        os.kill(process, signal.SIGKILL)
    except ProcessLookupError:
        return
