"""docs/knowledge.md tells all that a writer of content may use."""

import re
from pathlib import Path

import pytest

from assistant.knowledge.button import LINKS, PHONES
from assistant.knowledge.collect import KINDS
from assistant.knowledge.document import read
from assistant.knowledge.placeholder import FROM_CLINIC, FROM_ENTRY, FROM_HOURS, FROM_NUMBERS, LISTS
from assistant.knowledge.schema import Schema
from tests.knowledge.folder import REAL, ROOT


@pytest.fixture(scope="module")
def page() -> str:
    """The page for writers of content."""
    return (ROOT / "docs" / "knowledge.md").read_text(encoding="utf-8")


def test_every_placeholder_is_documented(page: str) -> None:
    """The table holds each placeholder, and no other."""
    names = {*FROM_NUMBERS, *FROM_CLINIC, *FROM_HOURS, *LISTS, *FROM_ENTRY}

    assert set(re.findall(r"`\{(\w+)\}`", page)) == names


def test_every_button_is_documented(page: str) -> None:
    """The table holds each link and phone button, and no other."""
    assert set(re.findall(r"`link:(\w+)`", page)) == set(LINKS)
    assert set(re.findall(r"`tel:(\w+)`", page)) == set(PHONES)


def test_every_kind_of_file_is_documented_and_has_a_schema(page: str) -> None:
    """Files, schemas and page agree."""
    for kind in KINDS:
        assert f"`{'topics/*' if kind == 'topics' else kind}.yml`" in page
        assert (REAL / "schema" / f"{kind}.yml").exists()


def test_example_entry_has_the_right_shape(page: str, tmp_path: Path) -> None:
    """What the page shows can be copied."""
    file = tmp_path / "example.yml"
    file.write_text(page.split("```yaml\n")[1].split("```")[0], encoding="utf-8")

    assert Schema(REAL / "schema" / "topics.yml").problems(read(file)) == []
