"""The server starts, stops, and says in one sentence why it cannot."""

import re
import shutil
import signal
import socket
import time
from pathlib import Path

import pytest
import requests

from tests.conftest import ROOT, Server


def _fails(root: Path, tmp_path: Path, **settings: str) -> str:
    """Starts a server that must not start; returns the one sentence it printed."""
    server = Server.start(tmp_path, root, **settings)
    assert server.process.wait(60) == 1
    log = server.log.read_text(encoding="utf-8")
    assert "Traceback" not in log, log
    (sentence,) = [line for line in log.splitlines() if line.startswith("mesoguide: ")]
    return sentence


def test_starts_answers_and_stops(tmp_path: Path) -> None:
    """A question is answered over HTTP, and Ctrl-C ends the process with exit code 0."""
    server = Server.start(tmp_path)
    server.wait_until_ready()

    answer = server.conversation().say("what is mesotherapy?")
    page = requests.get(server.url, timeout=5)
    code = server.stop()

    assert answer[0]["topic"] == "what_is" and page.status_code == 200
    assert code == 0
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", server.port)) != 0


def test_log_of_a_start_is_clean(tmp_path: Path) -> None:
    """Starting and stopping warns of nothing but telephone numbers that nobody has verified."""
    server = Server.start(tmp_path)
    server.wait_until_ready()
    server.stop()

    log = server.log.read_text(encoding="utf-8")

    assert "ready after" in log and "stopped" in log
    told = [line for line in log.splitlines() if "knowledge.numbers.due" not in line]
    assert not re.search(r"warning|error|Traceback", "\n".join(told), re.IGNORECASE), log


def test_port_in_use_is_told_with_another_one(tmp_path: Path) -> None:
    """The sentence names the port and how to choose another."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        sentence = _fails(ROOT, tmp_path, MESOGUIDE_PORT=str(port))

    assert f"Port {port}" in sentence and "MESOGUIDE_PORT=" in sentence


def test_two_servers_on_one_port_are_not_both_ready(tmp_path: Path) -> None:
    """Of two that start at the same moment one says that the port is in use."""
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    first = Server.start(tmp_path / "a")
    second = Server.start(tmp_path / "b", MESOGUIDE_PORT=str(first.port))

    codes = []
    deadline = time.monotonic() + 30
    while not codes and time.monotonic() < deadline:
        codes = [server.process.returncode for server in (first, second) if server.process.poll() is not None]
        time.sleep(0.1)
    first.stop(), second.stop()

    assert codes == [1]


@pytest.mark.parametrize("seconds", [0, 1, 3])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_stop_during_the_start_ends_it(tmp_path: Path, seconds: float, number: int) -> None:
    """Ctrl-C while the model loads ends the process without a traceback."""
    server = Server.start(tmp_path)
    deadline = time.monotonic() + 30
    while "Starting" not in server.log.read_text(encoding="utf-8") and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(seconds)

    server.process.send_signal(number)
    code = server.process.wait(20)

    log = server.log.read_text(encoding="utf-8")
    # a fast machine may be ready by then, and stops as a running server does
    assert code == (0 if "is ready" in log else 128 + number)
    assert "Traceback" not in log


def test_made_up_clinic_is_not_shown_to_the_world(tmp_path: Path) -> None:
    """Placeholder values run on loopback only."""
    assert "clinic.yml" in _fails(ROOT, tmp_path, MESOGUIDE_HOST="0.0.0.0")


@pytest.mark.parametrize("content", ["tracker_store: [", "- a", ""])
def test_broken_endpoints_file_is_told(project: Path, tmp_path: Path, content: str) -> None:
    """A file that is no mapping of endpoints is named."""
    (project / "endpoints.yml").write_text(content, encoding="utf-8")

    assert "endpoints.yml" in _fails(project, tmp_path)


def test_missing_pipeline_is_told(project: Path, tmp_path: Path) -> None:
    """Without the spaCy pipeline the sentence says how to build it."""
    (project / "models" / "spacy").unlink()

    assert "spaCy pipeline" in _fails(project, tmp_path)


def test_missing_model_is_told_with_the_command(project: Path, tmp_path: Path) -> None:
    """Without a trained model the sentence says how to train one."""
    (project / "models" / "mesoguide.tar.gz").unlink()

    assert "make build" in _fails(project, tmp_path)


def test_damaged_model_is_told(project: Path, tmp_path: Path) -> None:
    """A model file that is no archive does not end in a traceback."""
    model = project / "models" / "mesoguide.tar.gz"
    model.unlink()
    model.write_bytes(b"not an archive")

    assert "could not be loaded" in _fails(project, tmp_path)


@pytest.mark.parametrize("damage", ["missing", "cut"])
def test_missing_or_damaged_encoder_is_told(project: Path, tmp_path: Path, damage: str) -> None:
    """The encoder's files are checked when the model is loaded."""
    encoder = project / "models" / "encoder"
    encoder.unlink()
    if damage == "cut":
        shutil.copytree(ROOT / "models" / "encoder", encoder)
        (file,) = encoder.glob("*.onnx")
        file.write_bytes(file.read_bytes()[:1000])

    assert "encoder" in _fails(project, tmp_path)


def test_wrong_store_class_is_told(project: Path, tmp_path: Path) -> None:
    """A misspelt tracker store does not become a store in memory."""
    endpoints = project / "endpoints.yml"
    text = endpoints.read_text(encoding="utf-8").replace(
        "ConversationTrackerStore", "ConversatonTrackerStore"
    )
    endpoints.write_text(text, encoding="utf-8")

    sentence = _fails(project, tmp_path)

    assert "ConversatonTrackerStore" in sentence and "endpoints.yml" in sentence


def test_broken_knowledge_file_is_told_with_file_and_line(project: Path, tmp_path: Path) -> None:
    """The sentence names the file, the line and the entry."""
    file = project / "data" / "knowledge" / "topics" / "basics.yml"
    file.write_text(
        file.read_text(encoding="utf-8").replace("id: what_is", "id: 'What Is'", 1), encoding="utf-8"
    )

    assert re.search(r"basics\.yml:\d+", _fails(project, tmp_path))


def test_bad_setting_is_told(tmp_path: Path) -> None:
    """A port that is no number stops the start."""
    assert "MESOGUIDE_TRUSTED_PROXIES" in _fails(ROOT, tmp_path, MESOGUIDE_TRUSTED_PROXIES="many")


def test_state_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    """A file in the place of the state folder is named."""
    blocked = tmp_path / "file"
    blocked.write_text("", encoding="utf-8")

    assert str(blocked) in _fails(ROOT, tmp_path, MESOGUIDE_STATE_DIR=str(blocked / "state"))
