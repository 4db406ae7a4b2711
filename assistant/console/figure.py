"""Numbers for plots and their tables, from the counts by hour."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from sqlalchemy.engine import Connection

from assistant.review.rollup import FEWEST, read_counts

MOST_ROWS = 15
HOURS = 24


@dataclass(frozen=True)
class Period:
    """Whole days of the clinic, the last of which is today."""

    first: date
    last: date
    zone: ZoneInfo

    @classmethod
    def of(cls, days: int, now: float, zone: str) -> "Period":
        """Returns the last so many days."""
        here = ZoneInfo(zone)
        today = datetime.fromtimestamp(now, here).date()
        return cls(today - timedelta(days=days - 1), today, here)

    @property
    def since(self) -> float:
        """Its beginning, seconds since 1970."""
        return datetime.combine(self.first, datetime.min.time(), self.zone).timestamp()

    @property
    def until(self) -> float:
        """Its end, not within."""
        return datetime.combine(self.last + timedelta(days=1), datetime.min.time(), self.zone).timestamp()


@dataclass(frozen=True)
class Cell:
    """A row of a table; `count` is None where it is too small to be told.

    Attributes:
        key: value of a property, day as 2026-11-23, or hour.
    """

    key: str
    count: int | None


def by_day(connection: Connection, name: str, value: str, period: Period, fewest: int) -> list[Cell]:
    """Returns a row for each day of the clinic, also for those without any."""
    days: Counter[date] = Counter()
    for moment, count in _hours(connection, name, value, period):
        days[moment.date()] += count
    length = (period.last - period.first).days + 1
    each = (period.first + timedelta(days=number) for number in range(length))
    return [Cell(day.isoformat(), told(days[day], fewest)) for day in each]


def by_hour(connection: Connection, name: str, value: str, period: Period, fewest: int) -> list[Cell]:
    """Returns a row for each hour of the clinic's day, over all days."""
    hours: Counter[int] = Counter()
    for moment, count in _hours(connection, name, value, period):
        hours[moment.hour] += count
    return [Cell(f"{hour:02}", told(hours[hour], fewest)) for hour in range(HOURS)]


def by_value(connection: Connection, name: str, period: Period, fewest: int) -> list[Cell]:
    """Returns a row for each value, the most frequent first; 15 at most."""
    found = totals(connection, name, period).most_common(MOST_ROWS)
    return [Cell(value, told(count, fewest)) for value, count in found]


def totals(connection: Connection, name: str, period: Period) -> Counter[str]:
    """Returns the exact counts by value, to be shown through `told` only."""
    found: Counter[str] = Counter()
    whole = int((period.until - period.since) // 3600) + 1
    for row in read_counts(connection, name, period.since, period.until, whole, fewest=1):
        found[row.value] += row.count or 0
    return found


def told(count: int, fewest: int) -> int | None:
    """Returns a count that may be told: none, or not fewer than `fewest`."""
    return count if count == 0 or count >= fewest else None


def fewest_for(is_exact: bool) -> int:
    """Returns the lowest count that is told."""
    return 1 if is_exact else FEWEST


def _hours(connection: Connection, name: str, value: str, period: Period) -> list[tuple[datetime, int]]:
    rows = read_counts(connection, name, period.since, period.until, 1, fewest=1)
    return [
        (datetime.fromtimestamp(row.start, timezone.utc).astimezone(period.zone), row.count or 0)
        for row in rows
        if row.value == value
    ]
