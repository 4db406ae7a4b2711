"""The differences as Markdown: equal ones together, old beside new."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from scripts.content_diff.compare import Difference, Reply
from scripts.content_diff.question import Asked

_NONE = "(no reply)"


def page(
    commit: str, differences: Sequence[Difference], asked: Sequence[Asked], changed: Sequence[str]
) -> str:
    """Returns the page.

    Args:
        commit: the old revision.
        differences: what was found.
        asked: all that was asked.
        changed: what has changed of how a message is understood.
    """
    groups: dict[str, list[Difference]] = {}
    for one in differences:
        groups.setdefault(json.dumps([one.old, one.new], sort_keys=True), []).append(one)
    lines = [f"# Answers that differ from {commit[:12]}", "", *_summary(differences, asked, changed)]
    for number, group in enumerate(sorted(groups.values(), key=len, reverse=True), 1):
        lines += ["", f"## {number}. {_title(group[0])}", "", *_asked(group), "", *_table(group[0])]
    return "\n".join([*lines, ""])


def _summary(
    differences: Sequence[Difference], asked: Sequence[Asked], changed: Sequence[str]
) -> Iterator[str]:
    for source in dict.fromkeys(one.source for one in asked):
        of = [one for one in asked if one.source == source]
        found = {one.asked.turns for one in differences if one.asked.source == source}
        yield f"- {source}: {len(found)} of {len(of)} get another answer."
    yield "- Both sides were understood by the model that is built now."
    if changed:
        names = ", ".join(f"`{name}`" for name in changed)
        yield f"- Understanding has changed too ({names}); what that changes does not stand here."


def _title(difference: Difference) -> str:
    told = (difference.new or difference.old)[0]
    return f"{told['kind']}: {told['topic']}" if told["topic"] else str(told["kind"])


def _asked(group: Sequence[Difference]) -> Iterator[str]:
    for one in group:
        said = " → ".join(one.asked.turns[: one.turn + 1])
        yield f"- {_cell(said)} ({one.asked.source})"


def _table(difference: Difference) -> Iterator[str]:
    yield "| | old | new |"
    yield "| --- | --- | --- |"
    for index in range(max(len(difference.old), len(difference.new))):
        was, now = _at(difference.old, index), _at(difference.new, index)
        mark = f"{index + 1}. " if index else ""
        for field in {**was, **now}:
            if was.get(field) != now.get(field):
                yield f"| {mark}{field} | {_shown(was, field)} | {_shown(now, field)} |"


def _at(replies: Sequence[Reply], index: int) -> Reply:
    return replies[index] if index < len(replies) else {}


def _shown(told: Reply, field: str) -> str:
    if not told:
        return _NONE
    return _cell(_words(told.get(field)))


def _words(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(str(one.get("title", one)) if isinstance(one, dict) else str(one) for one in value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _cell(text: str) -> str:
    """Returns a text on one line, with nothing that Markdown or a browser would read as its own."""
    plain = text.replace("&", "&amp;").replace("<", "&lt;").replace("|", "\\|")
    return "<br>".join(plain.splitlines())
