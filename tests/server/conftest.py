"""A copy of the project for tests that change its files."""

import shutil
from pathlib import Path

import pytest

from tests.conftest import ROOT

PARTS = ("actions", "assistant", "data")
FILES = ("config.yml", "domain.yml", "endpoints.yml", "requirements.txt", "requirements-encoder.txt")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the project that a test may break, with the models that are built."""
    root = tmp_path / "project"
    for part in PARTS:
        shutil.copytree(ROOT / part, root / part, ignore=shutil.ignore_patterns("__pycache__"))
    for file in FILES:
        shutil.copy(ROOT / file, root / file)
    (root / "models").mkdir()
    for built in ("encoder", "spacy", "known_words.txt", "mesoguide.tar.gz"):
        (root / "models" / built).symlink_to(ROOT / "models" / built)
    return root
