"""The content that patients read."""

from datetime import datetime, timezone

import pytest

from assistant.knowledge import Knowledge, load, reply
from assistant.knowledge.report import content_report
from assistant.knowledge.validate import validate
from assistant.knowledge.wording import Wording
from tests.knowledge.folder import REAL, ROOT

NOW = datetime(2026, 12, 1, 10, 0, tzinfo=timezone.utc)


@pytest.fixture(scope="module")
def real() -> Knowledge:
    """The content of data/knowledge, loaded once."""
    return load(REAL)


def test_real_content_has_no_problems() -> None:
    """What `make validate` checks holds."""
    assert [str(problem) for problem in validate(REAL).problems] == []


def test_no_reviewer_is_invented(real: Knowledge) -> None:
    """Whoever signs an entry stands in clinic.yml with a register number."""
    people = {person.name for person in real.clinic.practitioners}

    assert {entry.reviewer for entry in real.entries.values()} - {""} <= people


def test_every_sentence_is_told_with_its_sources(real: Knowledge) -> None:
    """Each answer, in each variant, has a source."""
    for entry in real.entries.values():
        for subjects in [{}, *(variant.when for variant in entry.variants)]:
            told = reply.answer(real, entry.id, subjects, now=NOW)
            assert bool(told["sources"]) != entry.id.startswith("clinic_"), entry.id


def test_every_emergency_begins_with_the_number(real: Knowledge) -> None:
    """For every group the first line holds the number of the clinic's country."""
    for group in [None, *real.safety.replies["emergency"].groups]:
        told = reply.emergency(real, group)
        assert real.numbers.emergency in told["text"].splitlines()[0], group
        assert told["buttons"][0]["url"] == f"tel:{real.numbers.emergency}", group


def test_level_of_evidence_for_cellulite_is_not_better_than_the_studies(real: Knowledge) -> None:
    """No good study shows that it removes cellulite, so no level above "none" may stand there."""
    assert real.entries["cellulite_effectiveness"].evidence.level in {"none", "contrary"}


@pytest.mark.parametrize("name", ["out_of_scope", "fallback", "refusal", "error"])
def test_short_line_stands_in_what_is_not_answered(real: Knowledge, name: str) -> None:
    """Nothing unanswered goes out without the emergency number."""
    assert reply.short_line(real) in getattr(reply, name)(real)["text"]


def test_welcome_says_what_it_is(real: Knowledge) -> None:
    """The first message says that a computer program speaks, and no doctor."""
    text = reply.welcome(real)["text"].lower()

    assert "computer program" in text and "not a doctor" in text


def test_content_report_is_that_of_the_content(real: Knowledge) -> None:
    """docs/content-report.md was made from these files; `make content-report` writes it anew."""
    page = content_report(real, Wording.load(REAL / "schema" / "wording.yml"))

    assert (ROOT / "docs" / "content-report.md").read_text(encoding="utf-8") == page
