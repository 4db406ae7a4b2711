"""A process that serves has no TensorFlow in it."""

import ast
import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

from assistant.errors import SetupError
from assistant.server.without_tensorflow import STAND_INS, keep_tensorflow_out
from tests.conftest import ROOT

SERVING = """
import asyncio, sys
from pathlib import Path
from assistant.server.without_tensorflow import keep_tensorflow_out
keep_tensorflow_out()
from assistant.server.action_endpoint import InProcessActions
from assistant.server.agent import load_agent
from assistant.server.app import create_app
from assistant.server.steps import model_file
from assistant.settings import Settings
settings = Settings.from_environment(Path.cwd())
agent = load_agent(settings, model_file(settings.root), InProcessActions("actions"))
understood = asyncio.run(agent.parse_message("what is mesotherapy?"))
loaded = [name for name in sys.modules if name.split(".")[0] in ("tensorflow", "keras")]
print(understood["intent"]["name"], loaded, sys.modules["tensorflow"])
"""


def test_a_serving_process_answers_without_tensorflow(tmp_path: Path, monkeypatch) -> None:
    """Agent, app and model load and understand a question; no module of TensorFlow is there."""
    monkeypatch.setenv("MESOGUIDE_STATE_DIR", str(tmp_path))

    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", SERVING], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert done.stdout.splitlines()[-1:] == ["ask_what_is ['tensorflow'] None"], done.stderr


def test_stand_ins_have_what_rasa_takes_from_the_real_modules() -> None:
    """Rasa's train_utils imports from the replaced modules these names, and no others."""
    path = _source("rasa.utils.train_utils")
    taken = {
        node.module: tuple(alias.name for alias in node.names)
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.ImportFrom) and node.module in STAND_INS
    }

    assert taken == STAND_INS


def test_stand_ins_take_the_place_of_modules_that_need_tensorflow() -> None:
    """Each replaced module still imports TensorFlow; when one does not, its stand-in can go."""
    for name in STAND_INS:
        assert "tensorflow" in _source(name).read_text(encoding="utf-8"), name


def test_too_late_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where TensorFlow is loaded already, nothing is replaced."""
    monkeypatch.setitem(sys.modules, "tensorflow", sys)

    with pytest.raises(SetupError):
        keep_tensorflow_out()


def _source(module: str) -> Path:
    """Returns the file of a module without importing it."""
    (package,) = importlib.util.find_spec("rasa").submodule_search_locations
    return Path(package).joinpath(*module.split(".")[1:]).with_suffix(".py")
