"""A knowledge folder of three entries, and what it loads to."""

from pathlib import Path

import pytest

from assistant.knowledge import Knowledge, load
from tests.knowledge.folder import make_folder


@pytest.fixture
def knowledge_folder(tmp_path: Path) -> Path:
    """A small complete folder that the test may change."""
    return make_folder(tmp_path / "knowledge")


@pytest.fixture
def knowledge(knowledge_folder: Path) -> Knowledge:
    """The content of the small folder."""
    return load(knowledge_folder)
