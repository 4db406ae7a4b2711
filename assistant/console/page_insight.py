"""Counts over time: plots, the same numbers as tables, and as CSV."""

import csv
import io
from urllib.parse import urlencode

from assistant.console import plot
from assistant.console.access import EDITOR, PRIVACY, REVIEWER
from assistant.console.figure import Cell, Period, by_day, by_hour, by_value, fewest_for, told, totals
from assistant.console.visit import Missing, Reply, Visit
from assistant.review.rollup import FEWEST

DAYS = (7, 30, 90, 365)
DEFAULT_DAYS = 30
# Plots by value of a property; each row leads to its conversations.
BY_VALUE = ("topic", "kind", "urgency", "rating", "channel", "language", "intent")
QUESTIONS, HOURS = "questions", "hours"
NAMES = (QUESTIONS, HOURS, *BY_VALUE)
# Roles that see every count; others, and every file, see none below five.
EXACT = frozenset((REVIEWER, EDITOR, PRIVACY))
NO_ANSWER = ("fallback", "out_of_scope")
_FORMULA = ("=", "+", "-", "@")


def show(visit: Visit) -> Reply:
    """All plots of a period."""
    days, period = _period(visit)
    fewest = fewest_for(bool(EXACT & visit.operator.roles))
    figures = []
    for name in NAMES:
        cells = _cells(visit, name, period, fewest)
        labels = [visit.parts.labels(name, cell.key) for cell in cells]
        draw = plot.bars if name in (QUESTIONS, HOURS) else plot.rows
        figures.append(
            {
                "name": name,
                "picture": draw([_short(name, label) for label in labels], [cell.count for cell in cells]),
                "rows": [
                    (label, cell.count, _link(name, cell, period))
                    for label, cell in zip(labels, cells, strict=True)
                ],
                "is_empty": not any(cell.count != 0 for cell in cells),
            }
        )
    values = {
        "figures": figures,
        "days": days,
        "choices": DAYS,
        "period": period,
        "summary": _summary(visit, period, fewest),
        "fewest": fewest,
    }
    return Reply("insights.html", values, about="insights", detail={"days": days})


def send_csv(visit: Visit, name: str) -> Reply:
    """One table as a file, which leaves the console: no count below five."""
    if name not in NAMES:
        raise Missing
    days, period = _period(visit)
    lines = io.StringIO()
    writer = csv.writer(lines)
    writer.writerow([name, "count"])
    for cell in _cells(visit, name, period, FEWEST):
        # a table program would compute what begins like a formula
        key = f"'{cell.key}" if cell.key.startswith(_FORMULA) else cell.key
        writer.writerow([key, f"<{FEWEST}" if cell.count is None else cell.count])
    file = (f"{name}-{period.first}-{period.last}.csv", lines.getvalue())
    return Reply(file=file, about="insights", detail={"days": days, "file": name})


def _period(visit: Visit) -> tuple[int, Period]:
    asked = visit.number("days")
    days = asked if asked in DAYS else DEFAULT_DAYS
    return days, Period.of(days, visit.now, visit.parts.knowledge().clinic.time_zone)


def _cells(visit: Visit, name: str, period: Period, fewest: int) -> list[Cell]:
    if name == QUESTIONS:
        return by_day(visit.connection, "message", "user", period, fewest)
    if name == HOURS:
        return by_hour(visit.connection, "message", "user", period, fewest)
    return by_value(visit.connection, name, period, fewest)


def _summary(visit: Visit, period: Period, fewest: int) -> list[tuple[str, int | None, str]]:
    """Returns name, count and filter of the figures on top."""
    kinds = totals(visit.connection, "kind", period)
    ratings = totals(visit.connection, "rating", period)
    bounds = f"since={period.first}&until={period.last}"
    unanswered = "&".join(f"kind={kind}" for kind in NO_ANSWER)
    return [
        ("conversations", told(totals(visit.connection, "conversation", period).total(), fewest), bounds),
        ("questions", told(totals(visit.connection, "message", period)["user"], fewest), bounds),
        ("answered", told(kinds["answer"], fewest), f"kind=answer&{bounds}"),
        ("unanswered", told(sum(kinds[kind] for kind in NO_ANSWER), fewest), f"{unanswered}&{bounds}"),
        ("person", told(kinds["handoff"], fewest), f"kind=handoff&{bounds}"),
        ("rated_down", told(ratings["down"], fewest), f"rating=down&{bounds}"),
    ]


def _short(name: str, label: str) -> str:
    if name == QUESTIONS:
        return label[5:]
    return label if len(label) <= 34 else f"{label[:33]}…"


def _link(name: str, cell: Cell, period: Period) -> str:
    if name == QUESTIONS:
        return f"/conversations?since={cell.key}&until={cell.key}"
    if name == HOURS:
        return ""
    bounds = {"since": period.first.isoformat(), "until": period.last.isoformat()}
    return f"/conversations?{urlencode({name: cell.key, **bounds})}"
