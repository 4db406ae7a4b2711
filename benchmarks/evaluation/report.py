"""Counts outcomes and sets them out as JSON and as a table."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from benchmarks.evaluation.client import Exchange
from benchmarks.evaluation.question import KINDS, Question
from benchmarks.evaluation.scoring import OUTCOMES, is_split

Z_95 = 1.959964  # standard normal quantile of a two-sided 95 % interval
TEXT_WIDTH = 160  # characters of a missed question shown in the table


@dataclass(frozen=True)
class Result:
    """One question, what came back, and the outcome (one of OUTCOMES)."""

    question: Question
    exchange: Exchange
    outcome: str


def wilson(count: int, total: int) -> tuple[float, float]:
    """Lower and upper end of the Wilson score 95 % interval of count/total; (0, 1) if total is 0.

    Wilson EB. J Am Stat Assoc 1927;22:209-212.
    """
    if total == 0:
        return 0.0, 1.0
    share, z2 = count / total, Z_95**2
    centre = share + z2 / (2 * total)
    spread = Z_95 * math.sqrt(share * (1 - share) / total + z2 / (4 * total**2))
    scale = 1 + z2 / total
    return max(0.0, (centre - spread) / scale), min(1.0, (centre + spread) / scale)


def percentile(values: Sequence[float], share: float) -> float | None:
    """The smallest value with at least `share` (0-1) of the values at or below it; None of no values."""
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)] if values else None


def build_report(
    results: Sequence[Result], file: str, sha256: str, url: str, date: datetime
) -> dict[str, object]:
    """The whole report in plain JSON types; latencies in milliseconds."""
    return {
        "date": date.isoformat(timespec="seconds"),
        "url": url,
        "file": file,
        "sha256": sha256,
        "lines": len(results),
        "kinds": {kind: _summary(chosen) for kind, chosen in _by_kind(results).items()},
        "tags": {tag: _summary(chosen) for tag, chosen in _by_tag(results).items()},
        "split": _split(results),
        "latency_ms": _latency(results),
        "misses": [_miss(result) for result in results if result.outcome != "right"],
    }


def table(results: Sequence[Result]) -> str:
    """The results as plain text: counts per kind, latency, then each miss."""
    latency = _latency(results)
    rows = [_row("kind", "n", "right", "95 % interval", OUTCOMES[1:])]
    for kind, chosen in _by_kind(results).items():
        counts = Counter(result.outcome for result in chosen)
        low, high = wilson(counts["right"], len(chosen))
        share, interval = f"{counts['right'] / len(chosen):.1%}", f"{low:.1%}-{high:.1%}"
        rows.append(_row(kind, len(chosen), share, interval, [counts[outcome] for outcome in OUTCOMES[1:]]))
    times = ", ".join(f"{name} {value}" for name, value in latency.items())
    split = _split(results)
    rows.append(f"\n{split['count']} of {split['n']} single questions were answered as several")
    rows.append(f"{len(results)} lines; latency in ms: {times}")
    misses = [result for result in results if result.outcome != "right"]
    rows.append(f"\nMisses ({len(misses)}):" if misses else "\nNo misses.")
    rows.extend(_miss_line(result) for result in misses)
    return "\n".join(rows)


def _row(kind: str, total: object, share: str, interval: str, rest: Iterable[object]) -> str:
    return f"{kind:<16}{total:>5}{share:>8}  {interval:<14}" + "".join(f"{item:>9}" for item in rest)


def _by_kind(results: Sequence[Result]) -> dict[str, list[Result]]:
    groups = {kind: [result for result in results if result.question.kind == kind] for kind in KINDS}
    return {kind: group for kind, group in groups.items() if group}


def _by_tag(results: Sequence[Result]) -> dict[str, list[Result]]:
    tags = sorted({tag for result in results for tag in result.question.tags})
    return {tag: [result for result in results if tag in result.question.tags] for tag in tags}


def _latency(results: Sequence[Result]) -> dict[str, object]:
    seconds = [second for result in results for second in result.exchange.seconds]
    p50, p95 = percentile(seconds, 0.50), percentile(seconds, 0.95)
    return {"messages": len(seconds), "p50": _milliseconds(p50), "p95": _milliseconds(p95)}


def _split(results: Sequence[Result]) -> dict[str, object]:
    """How many of the questions on one topic were answered as if they were several."""
    single = [result for result in results if result.question.kind in ("in_scope", "not_emergency")]
    count = sum(is_split(result.question, result.exchange.reply) for result in single)
    low, high = wilson(count, len(single))
    return {"n": len(single), "count": count, "low": round(low, 4), "high": round(high, 4)}


def _summary(results: Sequence[Result]) -> dict[str, object]:
    summary: dict[str, object] = {"n": len(results)}
    for outcome in OUTCOMES:
        count = sum(result.outcome == outcome for result in results)
        low, high = wilson(count, len(results))
        summary[outcome] = {
            "count": count,
            "share": round(count / len(results), 4),
            "low": round(low, 4),
            "high": round(high, 4),
        }
    return summary


def _miss(result: Result) -> dict[str, object]:
    question, reply = result.question, result.exchange.reply
    return {
        "line": question.line,
        "kind": question.kind,
        "outcome": result.outcome,
        "turns": list(question.turns),
        "expect": list(question.expect),
        "tags": list(question.tags),
        "got": {
            "status": reply.status,
            "kinds": reply.kinds,
            "topics": reply.topics,
            "failure": reply.failure,
        },
    }


def _miss_line(result: Result) -> str:
    question, reply = result.question, result.exchange.reply
    got = reply.failure or " ".join(_got(reply.messages)) or f"status {reply.status}"
    text = " / ".join(question.turns)
    shown = text if len(text) <= TEXT_WIDTH else text[: TEXT_WIDTH - 1] + "…"
    expected = " or ".join(question.expect) or question.kind
    head = f"  line {question.line} {question.kind}: {result.outcome}, wanted {expected}, got {got}"
    return f"{head}\n      {shown!r}"


def _got(messages: Iterable[Mapping[str, object]]) -> list[str]:
    named = ((message.get("kind"), message.get("topic")) for message in messages)
    return [f"{kind}:{topic}" if topic else str(kind) for kind, topic in named]


def _milliseconds(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds * 1000, 1)
