"""The time, in one place that a test can replace."""

from datetime import datetime, timezone


def now() -> datetime:
    """Returns the time now, aware, in UTC."""
    return datetime.now(timezone.utc)
