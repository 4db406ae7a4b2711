"""Reads a file of questions, one JSON object a line."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from assistant.errors import ContentError

TOPIC_KINDS = ("in_scope", "not_emergency", "multi", "follow_up", "false_premise")
REPLY_KIND_KINDS = (
    "emergency",
    "crisis",
    "urgent",
    "safeguarding",
    "personal_advice",
    "refusal",
    "chitchat",
    "adversarial",
)
KINDS = (*TOPIC_KINDS, *REPLY_KIND_KINDS, "out_of_scope", "language")
REPLY_KINDS = (
    "answer",
    "emergency",
    "crisis",
    "urgent",
    "safeguarding",
    "personal_advice",
    "refusal",
    "clarify",
    "out_of_scope",
    "fallback",
    "smalltalk",
    "handoff",
    "notice",
    "error",
)


@dataclass(frozen=True)
class Question:
    """One line of a file of questions.

    Attributes:
        line: its line number, from 1.
        kind: one of KINDS.
        turns: what the patient writes, in order; the last reply is judged.
        expect: acceptable topic ids ("a+b" for `multi`, with "out_of_scope" for a part
            that is not covered) or reply kinds; may be empty where the kind alone
            says what is right.
        tags: free words; results are counted for each.
    """

    line: int
    kind: str
    turns: tuple[str, ...]
    expect: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()


def read_questions(path: Path) -> list[Question]:
    """All questions of a file, in order; blank lines are passed over.

    Raises ContentError, with the line number, for anything that cannot be used.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise ContentError(f"cannot be read: {error}", path) from error
    questions = [_question(path, number, line) for number, line in enumerate(lines, 1) if line.strip()]
    if not questions:
        raise ContentError("holds no question; each line is one JSON object", path)
    return questions


def _question(path: Path, number: int, line: str) -> Question:
    try:
        row = json.loads(line)
        if not isinstance(row, Mapping):
            raise ValueError('a line must be one JSON object such as {"text": "…", "kind": "…"}')
        kind = _kind(row)
        turns = _turns(row)
        expect = _expect(row, kind, len(turns))
        return Question(number, kind, turns, expect, _strings(row.get("tags"), "tags"))
    except json.JSONDecodeError as error:
        message = f"not valid JSON: {error.msg} at column {error.colno}"
        raise ContentError(message, path, line=number) from error
    except ValueError as error:
        raise ContentError(str(error), path, line=number) from error


def _kind(row: Mapping[str, object]) -> str:
    kind = row.get("kind")
    if kind not in KINDS:
        raise ValueError(f"kind is {kind!r}; the kinds are: {', '.join(KINDS)}")
    return str(kind)


def _turns(row: Mapping[str, object]) -> tuple[str, ...]:
    if ("text" in row) == ("turns" in row):
        raise ValueError("a line needs either 'text' or 'turns' (and not both)")
    turns = _strings(row["turns"], "turns") if "turns" in row else (row["text"],)
    if not turns or not all(isinstance(turn, str) and turn for turn in turns):
        raise ValueError("'text' must be a string and 'turns' a list of strings, none of them empty")
    return tuple(str(turn) for turn in turns)


def _expect(row: Mapping[str, object], kind: str, turns: int) -> tuple[str, ...]:
    value = row.get("expect")
    expect = (value,) if isinstance(value, str) else _strings(value, "expect")
    if kind in TOPIC_KINDS and not expect:
        raise ValueError(f"kind {kind!r} needs 'expect': a topic id or a list of acceptable ones")
    if not all(expect):
        raise ValueError("'expect' holds an empty string")
    if kind == "multi" and not all(all(parts) and len(parts) > 1 for parts in map(_parts, expect)):
        raise ValueError(f"kind 'multi' needs 'expect' as two or more topic ids joined by '+', not {value!r}")
    if kind == "follow_up" and turns < 2:
        raise ValueError("kind 'follow_up' needs 'turns' with at least two messages")
    unknown = [name for name in expect if name not in REPLY_KINDS] if kind in REPLY_KIND_KINDS else []
    if unknown:
        known = ", ".join(REPLY_KINDS)
        raise ValueError(f"'expect' of kind {kind!r} is {unknown[0]!r}; the reply kinds are: {known}")
    return expect


def _parts(expect: str) -> list[str]:
    return expect.split("+")


def _strings(value: object, name: str) -> tuple[str, ...]:
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise ValueError(f"'{name}' must be a list of strings, not {value!r}")
    return tuple(value)
