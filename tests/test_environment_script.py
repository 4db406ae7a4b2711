"""The set-up script says in one sentence what is missing."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder with only what the script reads."""
    (tmp_path / "scripts").mkdir()
    shutil.copy(ROOT / "scripts" / "environment.sh", tmp_path / "scripts")
    for file in ("requirements.txt", "requirements-setup.txt", "requirements-dev.txt", ".python-version"):
        shutil.copy(ROOT / file, tmp_path / file)
    return tmp_path


def _run(checkout: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["scripts/environment.sh"],
        cwd=checkout,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
    )


def test_missing_python_is_told_with_three_ways_to_get_it(checkout: Path) -> None:
    """Without Python 3.10 nothing is made, and the exit code is not zero."""
    tools = checkout / "tools"
    tools.mkdir()
    for name in ("sh", "cat", "cksum", "tr", "dirname", "df", "awk", "date"):
        (tools / name).symlink_to(shutil.which(name) or "")

    done = _run(checkout, PATH=str(tools), PYENV_ROOT="/nowhere", HOME=str(checkout))

    assert done.returncode == 1 and not (checkout / ".venv").exists()
    assert done.stderr.startswith("mesoguide: Python 3.10 was not found.") and done.stderr.count("\n") == 1


def test_full_disk_is_told_before_anything_is_installed(checkout: Path) -> None:
    """Too little room stops the script with the room that is needed."""
    fake = checkout / "bin"
    fake.mkdir()
    (fake / "df").write_text("#!/bin/sh\necho x; echo 'fs 1 1 1000 1% /'\n", encoding="utf-8")
    (fake / "df").chmod(0o755)

    done = _run(checkout, PATH=f"{fake}:{os.environ['PATH']}")

    assert done.returncode == 1 and "4000 MB" in done.stderr and not (checkout / ".venv").exists()


def test_current_environment_is_left_alone(checkout: Path) -> None:
    """Where the stamp fits the files that it was made from, the script does and prints nothing."""
    files = ["requirements.txt", "requirements-setup.txt", ".python-version", "scripts/environment.sh"]
    whole = b"".join((checkout / file).read_bytes() for file in files)
    stamp = subprocess.run(["cksum"], input=whole, capture_output=True, check=True).stdout.decode()
    (checkout / ".venv").mkdir()
    (checkout / ".venv" / ".base").write_text("-".join(stamp.split()) + "\n", encoding="utf-8")

    done = _run(checkout, PYENV_ROOT="/nowhere")

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert [path.name for path in (checkout / ".venv").iterdir()] == [".base"]
