"""Numbers of messages that rise with the time, and the months they fall in."""

from datetime import datetime, timezone

PER_MILLISECOND = 64


def first_id(seconds: float) -> int:
    """Returns the lowest number of a message at this time, seconds since 1970."""
    return int(seconds * 1000) * PER_MILLISECOND


def month_of(message: int) -> int:
    """Returns the month of a message's number in UTC: years since 1970 times 12, plus months."""
    instant = datetime.fromtimestamp(message / PER_MILLISECOND / 1000, timezone.utc)
    return (instant.year - 1970) * 12 + instant.month - 1


def first_of_month(month: int) -> int:
    """Returns the lowest number of a message in the month."""
    instant = datetime(1970 + month // 12, month % 12 + 1, 1, tzinfo=timezone.utc)
    return first_id(instant.timestamp())
