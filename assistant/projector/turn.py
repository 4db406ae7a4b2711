"""What Rasa's events tell of each turn: what was understood, and what was done."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import structlog

LISTEN, SESSION = "action_listen", "session_started_metadata"
MOST_RANKED = 5
# What a damaged event may raise.
UNREADABLE = (ValueError, TypeError, KeyError, AttributeError)

log = structlog.get_logger()


@dataclass
class Turn:
    """A turn; `parse` is what understanding gave, times are seconds since 1970."""

    message_id: str
    text: str
    time: float
    channel: str
    model: str
    parse: dict[str, Any]
    action: str | None = None
    policy: str | None = None
    answered: float | None = None
    slots: dict[str, Any] = field(default_factory=dict)


def turns_of(events: Iterable[Any]) -> dict[str, Turn]:
    """Returns the turns by the id of their message; an event that cannot be read is left out."""
    turns: dict[str, Turn] = {}
    current: Turn | None = None
    for row in events:
        try:
            event = json.loads(row.data)
            kind = event["event"]
            if kind == "user":
                current = _begin(event)
                turns[current.message_id] = current
            elif current is not None:
                _go_on(current, kind, event)
        except UNREADABLE as error:
            log.error("projector.event.bad", number=row.number, error=type(error).__name__)
    return turns


def _begin(event: dict[str, Any]) -> Turn:
    return Turn(
        message_id=str(event["message_id"]),
        text=str(event["text"] or ""),
        time=float(event["timestamp"]),
        channel=str(event.get("input_channel") or ""),
        model=str((event.get("metadata") or {}).get("model_id") or ""),
        parse=dict(event.get("parse_data") or {}),
    )


def _go_on(turn: Turn, kind: str, event: dict[str, Any]) -> None:
    if kind == "action" and event["name"] != LISTEN and turn.action is None:
        turn.action, turn.policy = str(event["name"]), event.get("policy")
    elif kind == "bot" and turn.answered is None:
        turn.answered = float(event["timestamp"])
    elif kind == "slot" and event["name"] != SESSION:
        turn.slots[str(event["name"])] = event.get("value")
