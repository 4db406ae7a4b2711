"""Loaded content cannot be changed, and its version follows the files."""

from collections.abc import Iterator, Mapping
from dataclasses import FrozenInstanceError, fields, is_dataclass
from datetime import date, time
from pathlib import Path
from typing import Any

import pytest

from assistant.knowledge import Knowledge, load
from tests.knowledge.folder import change


def _values(value: Any) -> Iterator[Any]:
    yield value
    if is_dataclass(value):
        for field in fields(value):
            yield from _values(getattr(value, field.name))
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _values(item)
    elif isinstance(value, (tuple, list)):
        for item in value:
            yield from _values(item)


def test_nothing_in_the_content_can_be_changed(knowledge: Knowledge) -> None:
    """Every value at every depth is a frozen dataclass, tuple, read-only mapping or scalar."""
    for value in _values(knowledge):
        assert not isinstance(value, (list, dict, set)), value
        if is_dataclass(value):
            with pytest.raises(FrozenInstanceError):
                setattr(value, fields(value)[0].name, None)
        elif isinstance(value, Mapping):
            with pytest.raises(TypeError):
                value["new"] = 1  # type: ignore[index]


def test_values_have_their_types(knowledge: Knowledge) -> None:
    """Dates, times and numbers are read as such, times and country codes as they are written."""
    entry = knowledge.entries["what_is"]

    assert (entry.written, entry.version, entry.safety_topic) == (date(2026, 1, 31), 1, False)
    assert knowledge.clinic.hours["monday"][1] == (time(13, 30), time(17, 0))
    assert knowledge.clinic.closures[0].last == date(2027, 1, 3)
    assert knowledge.sources["S3"].year is None


def test_country_code_that_yaml_takes_for_false_is_text(knowledge_folder: Path) -> None:
    """NO is Norway."""
    change(knowledge_folder, "safety.yml", "  GB:", "  NO:")
    change(knowledge_folder, "clinic.yml", "country: GB", "country: NO")

    assert load(knowledge_folder).numbers.emergency == "999"


def test_entries_come_in_a_fixed_order(knowledge: Knowledge) -> None:
    """Files by name, entries as written."""
    assert list(knowledge.entries) == ["what_is", "arthritis", "side_effects_common"]


def test_version_follows_the_content(knowledge: Knowledge, knowledge_folder: Path) -> None:
    """The same files give the same version; one changed sign gives another."""
    same = load(knowledge_folder).version
    change(knowledge_folder, "clinic.yml", "name: Sample Clinic", "name: Simple Clinic")

    assert same == knowledge.version
    assert load(knowledge_folder).version != same


def test_numbers_are_those_of_the_clinics_country(knowledge: Knowledge) -> None:
    """A clinic in Britain shows 999."""
    assert knowledge.numbers is knowledge.safety.numbers["GB"]
