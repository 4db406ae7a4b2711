"""What falls due with time: answers, and telephone numbers."""

import calendar
from collections.abc import Iterator
from datetime import date, timedelta

import structlog

from assistant.knowledge.model import Entry, Knowledge, Numbers

NUMBERS_MONTHS = 6

_logger = structlog.get_logger()


def withdrawn_from(knowledge: Knowledge, entry: Entry) -> date | None:
    """Returns the first day on which an answer is not told any more, None for a safety topic."""
    if entry.safety_topic:
        return None
    return entry.review_due + timedelta(days=knowledge.safety.overdue_grace_days + 1)


def is_withdrawn(knowledge: Knowledge, entry: Entry, today: date) -> bool:
    """Returns whether an answer is so long overdue that it is not told any more."""
    first = withdrawn_from(knowledge, entry)
    return first is not None and today >= first


def numbers_due(numbers: Numbers) -> date | None:
    """Returns the day on which somebody has to look the numbers up again, None if nobody ever did."""
    if numbers.verified_on is None:
        return None
    years, month = divmod(numbers.verified_on.month - 1 + NUMBERS_MONTHS, 12)
    year = numbers.verified_on.year + years
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(numbers.verified_on.day, last))


def countries_due(knowledge: Knowledge, today: date) -> Iterator[str]:
    """Yields the countries whose numbers nobody has looked up in the last six months.

    Patients see the numbers all the same: an old number is better than none.
    """
    for country, numbers in knowledge.safety.numbers.items():
        due = numbers_due(numbers)
        if due is None or today >= due:
            yield country


def warn_of_due_numbers(knowledge: Knowledge, today: date) -> None:
    """Logs a warning if the numbers of the clinic's country are due."""
    country = knowledge.clinic.country
    country = country if country in knowledge.safety.numbers else "default"
    if country in countries_due(knowledge, today):
        verified = knowledge.numbers.verified_on
        _logger.warning("knowledge.numbers.due", country=country, verified_on=verified and str(verified))
