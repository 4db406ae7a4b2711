"""Starts a MesoGuide server for one evaluation and stops it afterwards."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests

from assistant.errors import SetupError
from benchmarks.evaluation.client import ChatClient

PROJECT = Path(__file__).resolve().parents[2]
COMMAND = (sys.executable, "-m", "assistant.server", "serve")
START_SECONDS = 60.0
STOP_SECONDS = 15.0
LAST_LINES = 15  # of the server's output, shown when it does not start


@contextmanager
def running_server(command: tuple[str, ...] = COMMAND, start_seconds: float = START_SECONDS) -> Iterator[str]:
    """The address of a server of its own: free port, no rate limit, its state in a temporary folder.

    Raises SetupError if GET /chat/info does not answer 200 in time.
    """
    with tempfile.TemporaryDirectory(prefix="mesoguide-evaluation-") as folder:
        url = f"http://127.0.0.1:{(port := _free_port())}"
        output = Path(folder) / "output.txt"
        environment = os.environ | {
            "MESOGUIDE_HOST": "127.0.0.1",
            "MESOGUIDE_PORT": str(port),
            "MESOGUIDE_RATE_LIMIT": "0",
            "MESOGUIDE_CONSOLE_PORT": "0",
            "MESOGUIDE_STATE_DIR": str(Path(folder) / "state"),
        }
        with output.open("wb") as log:
            process = subprocess.Popen(
                command,
                cwd=PROJECT,
                env=environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            try:
                _wait_until_ready(process, url, output, start_seconds)
                yield url
            finally:
                _stop(process)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_ready(process: subprocess.Popen[bytes], url: str, output: Path, start_seconds: float) -> None:
    client, deadline = ChatClient(url), time.monotonic() + start_seconds
    while time.monotonic() < deadline and process.poll() is None:
        try:
            client.info()
            return
        except requests.RequestException:
            time.sleep(0.2)
    lines = output.read_text(encoding="utf-8", errors="replace").splitlines()[-LAST_LINES:]
    state = "still starting" if process.poll() is None else f"ended with code {process.returncode}"
    raise SetupError(
        f"The server for the evaluation did not answer GET /chat/info in {start_seconds:.0f} s ({state}). "
        "Its last output:\n" + "\n".join(lines)
    )


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        # The group holds nothing but this server and the workers it has started.
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
