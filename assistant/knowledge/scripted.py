"""Stored replies as plain dictionaries, with every field that a reply has."""

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from assistant.knowledge.button import buttons
from assistant.knowledge.markdown import bullets, paragraphs
from assistant.knowledge.model import Knowledge, Script
from assistant.knowledge.placeholder import fill, names_in
from assistant.knowledge.value import values_of

Reply = dict[str, Any]

LANGUAGE = "en"

_NOTHING: Mapping[str, str] = MappingProxyType({})


def new_reply(knowledge: Knowledge, kind: str, button_ids: Iterable[str], **given: Any) -> Reply:
    """Returns a reply of a kind with the given fields; the others are empty."""
    empty: Reply = {
        "urgency": "none",
        "topic": None,
        "premise": None,
        "text": "",
        "more": "",
        "next_step": "",
        "evidence": None,
        "sources": [],
        "reviewed": {"on": None, "by": None, "note": ""},
    }
    return {"kind": kind, **empty, **given, "buttons": buttons(knowledge, button_ids), "lang": LANGUAGE}


def scripted(
    knowledge: Knowledge,
    script: Script,
    kind: str,
    *,
    group: str | None = None,
    urgency: str = "none",
    first: Sequence[str] = (),
    last: Sequence[str] = (),
    values: Mapping[str, str] = _NOTHING,
    closing: str = "",
) -> Reply:
    """Returns a stored reply; `first` and `last` are button ids around its own."""
    known = {**values_of(knowledge.clinic, knowledge.numbers), **values}
    opening = _filled((script.lead, script.groups.get(group or "", script.default)), known)
    sentences = _filled(script.text, known)
    then = _filled(script.then, known)
    body = " ".join(sentence for sentence in sentences if sentence != closing)
    return new_reply(
        knowledge,
        kind,
        [*first, *script.buttons, *last],
        urgency=urgency,
        text=paragraphs([*opening, body, bullets(then) if len(then) > 1 else "".join(then), closing]),
        next_step=fill(script.next_step, known),
    )


def short_line(knowledge: Knowledge) -> str:
    """Returns the one line that tells the emergency number, at most 80 characters."""
    return fill(knowledge.safety.short_line, values_of(knowledge.clinic, knowledge.numbers))


def _filled(texts: Iterable[str], values: Mapping[str, str]) -> list[str]:
    """Returns the texts with their values, without those of which a value is missing."""
    return [fill(text, values) for text in texts if all(values[name] for name in names_in(text))]
