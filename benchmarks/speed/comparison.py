"""The rows of the comparison, and what each is meant to reach."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchmarks.speed.figure import Figure

STOCK, ONE, TWO = "stock", "one worker", "two workers"
NOTHING = "–"

Results = Mapping[str, Mapping[str, Figure]]


@dataclass(frozen=True)
class Row:
    """One comparison.

    Attributes:
        what: for the reader.
        name: the figure's name, see `measure.measure`.
        unit: of the figure.
        side: which of MesoGuide's runs it is taken from.
        floor: the worst ratio that is accepted; None for none.
        aim: the ratio that is wanted.
        higher: whether more is better.
        share: ratios are written as 0.27, not as 1/3.7.
        against: the figure of the same run to divide by, instead of stock's.
    """

    what: str
    name: str
    unit: str
    side: str = ONE
    floor: float | None = None
    aim: float | None = None
    higher: bool = False
    share: bool = False
    against: str = ""


ROWS = (
    Row("messages per second, 16 users", "rate@16", "/s", floor=10, aim=14, higher=True),
    Row("messages per second, 16 users, two workers", "rate@16", "/s", TWO, floor=16, aim=25, higher=True),
    Row("p50, 1 user", "p50@1", "ms", floor=1 / 8, aim=1 / 12),
    Row("p99, 1 user", "p99@1", "ms"),
    Row("p50, 16 users", "p50@16", "ms"),
    Row("p99, 16 users", "p99@16", "ms"),
    Row("p50, 16 users, two workers", "p50@16", "ms", TWO),
    Row("p99, 16 users, two workers", "p99@16", "ms", TWO),
    Row("p50 of turn 10 of one conversation", "turn@10", "ms"),
    Row("p50 of turn 200", "turn@200", "ms"),
    Row("p50 of turn 1,000", "turn@1000", "ms"),
    Row(
        "turn 1,000 against MesoGuide's own turn 10",
        "turn@1000",
        "ms",
        floor=1.2,
        aim=1.05,
        against="turn@10",
    ),
    Row("memory of a worker, RSS", "rss", "MB", floor=0.4, aim=0.27, share=True),
    Row("memory of a worker, PSS", "pss", "MB", share=True),
    Row("memory of each of two workers, PSS", "pss", "MB", TWO, share=True),
    Row("start to first answer", "start", "s", floor=1 / 4, aim=1 / 8),
    Row("training", "training", "s", floor=1 / 15, aim=1 / 30),
)


def stock_figure(row: Row, results: Results) -> Figure | None:
    """What MesoGuide's figure is compared with; None where it was not measured."""
    side, name = (row.side, row.against) if row.against else (STOCK, row.name)
    return results.get(side, {}).get(name)


def our_figure(row: Row, results: Results) -> Figure | None:
    """MesoGuide's figure; None where it was not measured."""
    return results.get(row.side, {}).get(row.name)


def ratio(row: Row, results: Results) -> float | None:
    """MesoGuide's figure divided by what it is compared with; None where one of them is missing."""
    ours, other = our_figure(row, results), stock_figure(row, results)
    return ours.value / other.value if ours and other and other.value else None


def missed(results: Results, rows: Sequence[Row] = ROWS) -> list[str]:
    """A line for each row whose ratio is on the wrong side of its floor."""
    lines = []
    for row in rows:
        found = ratio(row, results)
        if row.floor is None or found is None:
            continue
        if found < row.floor if row.higher else found > row.floor:
            lines.append(f"{row.what}: {ratio_text(row, found)}, floor {limit_text(row, row.floor)}")
    return lines


def table(results: Results, rows: Sequence[Row] = ROWS) -> str:
    """The comparison as a Markdown table."""
    lines = ["| what | stock | MesoGuide | ratio | floor | aim |", "| --- | --: | --: | --: | --: | --: |"]
    for row in rows:
        other = None if row.against else stock_figure(row, results)
        cells = [row.what, _value(other, row.unit), _value(our_figure(row, results), row.unit)]
        cells.append(ratio_text(row, ratio(row, results)))
        cells += [limit_text(row, row.floor), limit_text(row, row.aim)]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def spread_table(results: Results, rows: Sequence[Row] = ROWS) -> str:
    """The lowest and highest round and the number of measurements of each figure, as a Markdown table."""
    lines = ["| what | stock | n | MesoGuide | n |", "| --- | --: | --: | --: | --: |"]
    for row in rows:
        if not row.against:
            cells = [row.what]
            for figure in (stock_figure(row, results), our_figure(row, results)):
                cells += [_range(figure, row.unit), f"{figure.n:,}" if figure else NOTHING]
            lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def ratio_text(row: Row, value: float | None) -> str:
    """A ratio as people say it: 14.5×, 1/12.9, 0.27."""
    if value is None:
        return NOTHING
    if row.share:
        return f"{value:.2f}"
    if row.higher or value >= 1:
        return f"{value:.1f}×" if value >= 2 else f"{value:.2f}×"
    return f"1/{1 / value:.1f}"


def limit_text(row: Row, value: float | None) -> str:
    """A floor or an aim with the side on which the ratio should be."""
    if value is None:
        return NOTHING
    sign = "≥" if row.higher else "≤"
    text = f"{value:g}" if row.share else f"{value:g}×" if value >= 1 else f"1/{1 / value:g}"
    return f"{sign} {text}"


def number(value: float) -> str:
    """Three digits where that makes sense: 5.72, 73.5, 1,140."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def _value(figure: Figure | None, unit: str) -> str:
    return f"{number(figure.value)} {unit}" if figure else NOTHING


def _range(figure: Figure | None, unit: str) -> str:
    return f"{number(figure.low)}–{number(figure.high)} {unit}" if figure else NOTHING
