"""Opening hours in the clinic's time zone (sample clinic: London, closed on Sundays and over New Year)."""

from dataclasses import replace
from datetime import date, datetime, timezone
from types import MappingProxyType
from zoneinfo import ZoneInfo

import pytest

from assistant.knowledge import Knowledge
from assistant.knowledge.hours import date_words, hours_words, is_open, next_opening, spans_on
from assistant.knowledge.model import Span

LONDON = ZoneInfo("Europe/London")


def _london(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=LONDON)  # type: ignore[misc,arg-type]


def _with_hours(knowledge: Knowledge, **hours: tuple[Span, ...]) -> Knowledge:
    """Returns the knowledge with a clinic that is open at these hours alone."""
    week = MappingProxyType({day: hours.get(day, ()) for day in knowledge.clinic.hours})
    return replace(knowledge, clinic=replace(knowledge.clinic, hours=week))


def _words(knowledge: Knowledge, now: datetime) -> dict[str, str]:
    return hours_words(knowledge.clinic, now, knowledge.smalltalk.hours)


@pytest.mark.parametrize(
    ("now", "opened"),
    [
        (_london(2026, 3, 2, 8, 59), False),
        (_london(2026, 3, 2, 9, 0), True),
        (_london(2026, 3, 2, 11, 59), True),
        (_london(2026, 3, 2, 12, 0), False),
        (_london(2026, 3, 2, 13, 30), True),
        (_london(2026, 3, 2, 17, 0), False),
        (_london(2026, 3, 1, 11, 0), False),
        (_london(2026, 12, 28, 11, 0), False),
        (_london(2027, 1, 3, 11, 0), False),
        (_london(2027, 1, 4, 11, 0), True),
    ],
)
def test_open_from_the_first_minute_to_before_the_last(
    knowledge: Knowledge, now: datetime, opened: bool
) -> None:
    """Monday has a break, Sunday has no hours, and a closure covers its first and last day."""
    assert is_open(knowledge.clinic, now) is opened


def test_time_zone_of_the_clinic_counts(knowledge: Knowledge) -> None:
    """8:30 UTC is before opening in winter and after it in summer time."""
    winter = datetime(2026, 3, 3, 8, 30, tzinfo=timezone.utc)
    summer = datetime(2026, 3, 31, 8, 30, tzinfo=timezone.utc)

    assert not is_open(knowledge.clinic, winter)
    assert is_open(knowledge.clinic, summer)


def test_day_of_the_clinic_counts(knowledge: Knowledge) -> None:
    """Late on Sunday in London it is Monday in Auckland, whose clinic may be open."""
    auckland = replace(knowledge.clinic, time_zone="Pacific/Auckland")

    assert is_open(auckland, _london(2026, 3, 1, 21, 0))


def test_opening_on_the_day_the_clock_changes(knowledge: Knowledge) -> None:
    """On the Sunday of the change (1:00 becomes 2:00) hours are read from the wall clock."""
    clinic = _with_hours(knowledge, sunday=knowledge.clinic.hours["tuesday"]).clinic
    midnight = datetime(2026, 3, 29, 0, 30, tzinfo=timezone.utc)

    opening = next_opening(clinic, midnight)

    assert opening is not None and opening.astimezone(timezone.utc).hour == 8
    assert is_open(clinic, datetime(2026, 3, 29, 8, 0, tzinfo=timezone.utc))


@pytest.mark.parametrize(
    ("now", "words"),
    [
        (_london(2026, 3, 2, 8, 0), "today 9:00"),
        (_london(2026, 3, 2, 12, 30), "today 13:30"),
        (_london(2026, 3, 2, 17, 0), "Tuesday 9:00"),
        (_london(2026, 3, 1, 10, 0), "Monday 9:00"),
        (_london(2026, 3, 7, 13, 0), "Monday 9:00"),
        (_london(2026, 12, 24, 18, 0), "Monday, 4 January 2027, 9:00"),
    ],
)
def test_next_opening_in_plain_words(knowledge: Knowledge, now: datetime, words: str) -> None:
    """A weekday is enough within the week; over a closure the date is told."""
    assert _words(knowledge, now)["next_opening"] == words


@pytest.mark.parametrize(
    ("now", "words"),
    [
        (_london(2026, 3, 2, 8, 0), "9:00 to 12:00 and 13:30 to 17:00"),
        (_london(2026, 3, 7, 8, 0), "10:00 to 13:00"),
        (_london(2026, 3, 1, 8, 0), "closed"),
        (_london(2026, 12, 25, 8, 0), "closed"),
    ],
)
def test_hours_of_today_in_plain_words(knowledge: Knowledge, now: datetime, words: str) -> None:
    """Each span is told; a day without one is closed."""
    assert _words(knowledge, now)["hours_today"] == words


def test_same_weekday_next_week_is_told_with_its_date(knowledge: Knowledge) -> None:
    """ "Monday" on a Monday after closing would be read as today."""
    none: tuple = ()
    hours = MappingProxyType(
        {day: none for day in knowledge.clinic.hours} | {"monday": knowledge.clinic.hours["tuesday"]}
    )
    closed = replace(knowledge, clinic=replace(knowledge.clinic, hours=hours))

    assert _words(closed, _london(2026, 3, 2, 18, 0))["next_opening"] == "Monday, 9 March 2026, 9:00"


def test_clinic_that_never_opens_has_no_next_opening(knowledge: Knowledge) -> None:
    """No opening is made up."""
    closed = _with_hours(knowledge)

    assert next_opening(closed.clinic, _london(2026, 3, 2, 8, 0)) is None
    assert _words(closed, _london(2026, 3, 2, 8, 0))["next_opening"] == "on no known day"


def test_spans_are_told_in_order(knowledge: Knowledge) -> None:
    """The break on Monday stands between two spans."""
    first, second = spans_on(knowledge.clinic, date(2026, 3, 2))

    assert first[1] < second[0]


def test_naive_time_is_refused(knowledge: Knowledge) -> None:
    """A time without a zone would be read in the server's, so it is an error."""
    with pytest.raises(ValueError, match="has no time zone"):
        is_open(knowledge.clinic, datetime(2026, 3, 2, 9, 0))


def test_date_in_words() -> None:
    """Day, month and year, without leading zero."""
    assert date_words(date(2026, 3, 2)) == "2 March 2026"
