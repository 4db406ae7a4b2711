"""The time, in one place that a test can replace."""

from datetime import date, datetime, timezone

from assistant.knowledge import Knowledge
from assistant.knowledge.hours import local_time


def now() -> datetime:
    """Returns the time now, aware, in UTC."""
    return datetime.now(timezone.utc)


def today(knowledge: Knowledge) -> date:
    """Returns the date at the clinic."""
    return local_time(knowledge.clinic, now()).date()
