"""What the widget's tests need of Node and Chromium."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

WIDGET = ROOT / "widget"
CHROMIUM = Path("/usr/bin/chromium")


def _need(is_there: bool, what: str) -> None:
    if not is_there:
        assert not os.environ.get("CI"), f"CI must have {what}; .ci/run installs it"
        pytest.skip(f"{what} is missing")


@pytest.fixture(scope="session")
def node() -> str:
    """The path of Node, with the packages of widget/package.json installed."""
    found = shutil.which("node")
    _need(found is not None, "Node (apt-get install nodejs npm)")
    _need((WIDGET / "node_modules").is_dir(), "widget/node_modules (npm ci --prefix widget)")
    return str(found)


@pytest.fixture(scope="session")
def browser_test(node: str) -> "BrowserTest":
    """Runs one file of widget/test in Chromium."""
    _need(CHROMIUM.exists(), "/usr/bin/chromium (apt-get install chromium)")
    return BrowserTest(node)


class BrowserTest:
    """Runs files of widget/test with Node's test runner."""

    def __init__(self, node: str) -> None:
        self._node = node

    def __call__(self, name: str) -> None:
        """Fails with what the runner says when a test of that file fails."""
        command = [self._node, "--test", "--test-reporter=spec", f"test/{name}.test.js"]
        environment = {**os.environ, "PYTHON": sys.executable}
        done = subprocess.run(
            command, cwd=WIDGET, env=environment, capture_output=True, text=True, timeout=300
        )
        if done.returncode:
            pytest.fail(done.stdout[-6000:] + done.stderr[-2000:], pytrace=False)
