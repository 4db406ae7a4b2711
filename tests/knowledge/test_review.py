"""What falls due with time."""

from dataclasses import replace
from datetime import date, datetime, timezone
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from assistant.knowledge import Knowledge, load, reply
from assistant.knowledge.model import Numbers
from assistant.knowledge.review import countries_due, numbers_due, warn_of_due_numbers
from tests.knowledge.folder import REAL, change

# review_due of the sample is 31 January 2027, and its grace 30 days
LAST_DAY = datetime(2027, 3, 2, 12, tzinfo=timezone.utc)
NEXT_DAY = datetime(2027, 3, 3, 12, tzinfo=timezone.utc)


def _numbers(knowledge: Knowledge, verified: date | None) -> Numbers:
    return replace(knowledge.numbers, verified_on=verified)


def test_answer_is_withdrawn_after_its_days_of_grace(knowledge: Knowledge) -> None:
    """On the last day it is told with its caution; the day after, its title and the clinic's phone are."""
    last = reply.answer(knowledge, "arthritis", now=LAST_DAY)
    gone = reply.answer(knowledge, "arthritis", now=NEXT_DAY)

    assert last["kind"] == "answer" and "due for review on 31 January 2027" in last["text"]
    assert gone["kind"] == "out_of_scope" and gone["topic"] is None
    assert "Does it help arthritis?" in gone["text"] and "020 7946 0123" in gone["text"]
    assert gone["text"].endswith("Emergency? Call 999 now.")


def test_withdrawn_answer_tells_no_fact(knowledge: Knowledge) -> None:
    """Nothing of the entry but its title is left, in no variant either."""
    gone = reply.answer(knowledge, "arthritis", {"condition": ["hand_arthritis"]}, now=NEXT_DAY)

    assert "No trial" not in str(gone) and "ease pain" not in str(gone)
    assert gone["sources"] == [] and gone["evidence"] is None and gone["more"] == ""


def test_safety_topic_is_never_withdrawn(knowledge: Knowledge) -> None:
    """When to get help is told for ever, with its date."""
    told = reply.answer(knowledge, "side_effects_common", now=datetime(2040, 1, 1, tzinfo=timezone.utc))

    assert told["kind"] == "answer" and "due for review on 31 January 2027" in told["text"]


def test_real_safety_topics_are_marked_as_such() -> None:
    """What tells somebody in danger what to do is among them."""
    safety = {entry.id for entry in load(REAL).entries.values() if entry.safety_topic}

    assert {"when_to_seek_help", "side_effects_serious", "allergy", "home_injection"} <= safety


def test_no_real_answer_is_told_as_current_after_its_review() -> None:
    """Every entry, in every variant, says its date or is withdrawn."""
    knowledge = load(REAL)
    for entry in knowledge.entries.values():
        for subjects in [{}, *(variant.when for variant in entry.variants)]:
            for now in (
                datetime(2027, 12, 1, tzinfo=timezone.utc),
                datetime(2031, 1, 1, tzinfo=timezone.utc),
            ):
                told = reply.answer(knowledge, entry.id, subjects, now=now)
                assert "due for review on 22 November 2027" in told["text"], entry.id
                assert (told["kind"] == "answer") == (entry.safety_topic or now.year == 2027), entry.id


@pytest.mark.parametrize(
    ("verified", "due"),
    [
        (date(2026, 11, 22), date(2027, 5, 22)),
        (date(2026, 8, 31), date(2027, 2, 28)),
        (date(2026, 6, 1), date(2026, 12, 1)),
        (None, None),
    ],
)
def test_numbers_fall_due_after_six_months(
    knowledge: Knowledge, verified: date | None, due: date | None
) -> None:
    """Months are those of the calendar."""
    assert numbers_due(_numbers(knowledge, verified)) == due


def test_due_countries(knowledge: Knowledge) -> None:
    """The sample's numbers for GB were verified on 1 February 2026, and nobody looked up the others."""
    assert list(countries_due(knowledge, date(2026, 7, 31))) == ["default"]
    assert list(countries_due(knowledge, date(2026, 8, 1))) == ["default", "GB"]


def test_warning_names_the_country_of_the_clinic(knowledge: Knowledge) -> None:
    """Only numbers that its patients see are warned of."""
    with capture_logs() as logs:
        warn_of_due_numbers(knowledge, date(2026, 7, 31))
        warn_of_due_numbers(knowledge, date(2026, 8, 1))

    assert logs == [
        {
            "event": "knowledge.numbers.due",
            "country": "GB",
            "verified_on": "2026-02-01",
            "log_level": "warning",
        }
    ]


def test_numbers_that_are_due_are_told_all_the_same(knowledge_folder: Path) -> None:
    """An old number is better than none."""
    change(knowledge_folder, "safety.yml", "verified_on: 2026-02-01", "verified_on: 2001-01-01")

    assert "999" in reply.emergency(load(knowledge_folder))["text"]
