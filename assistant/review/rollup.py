"""Counts by hour, which outlive the conversations that were counted."""

from collections import Counter
from dataclasses import dataclass

from sqlalchemy import and_, func, insert, select, update
from sqlalchemy.engine import Connection

from assistant.review.schema import ROLLUP

HOUR = 3600
# A count of fewer people is not shown: it might point at one.
FEWEST = 5

Cell = tuple[int, str, str]
"""Hour since 1970, name, value. Names are those of properties (conversations that have it for the first
time), `conversation` (begun) and `message` (by role)."""


@dataclass(frozen=True)
class Count:
    """A cell of a chart; `count` is None where it is below five and not nothing."""

    start: float
    value: str
    count: int | None


def add_counts(connection: Connection, counts: Counter[Cell]) -> None:
    """Adds to the cells."""
    for (hour, name, value), more in counts.items():
        cell = and_(ROLLUP.c.hour == hour, ROLLUP.c.name == name, ROLLUP.c.value == value)
        if connection.execute(update(ROLLUP).where(cell).values(count=ROLLUP.c.count + more)).rowcount == 0:
            row = {"hour": hour, "name": name, "value": value, "count": more}
            connection.execute(insert(ROLLUP).values(row))


def read_counts(
    connection: Connection, name: str, since: float, until: float, step_hours: int = 24, fewest: int = FEWEST
) -> list[Count]:
    """Returns the counts of a name by value and step, in order; steps without any are left out.

    Args:
        fewest: the lowest count that is told; 1 only where counts are added up before they are shown.
    """
    step = ROLLUP.c.hour - ROLLUP.c.hour % step_hours
    query = (
        select(step.label("start"), ROLLUP.c.value, func.sum(ROLLUP.c.count).label("count"))
        .where(ROLLUP.c.name == name, ROLLUP.c.hour >= since / HOUR, ROLLUP.c.hour < until / HOUR)
        .group_by(step, ROLLUP.c.value)
        .order_by(step, ROLLUP.c.value)
    )
    return [
        Count(row.start * HOUR, row.value, int(row.count) if row.count >= fewest else None)
        for row in connection.execute(query)
    ]
