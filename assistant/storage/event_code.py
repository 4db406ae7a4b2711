"""Rasa's events as rows and back, without Rasa's search through all event classes for each one."""

import functools
import json
from typing import Any

from rasa.shared.core.events import Event
from rasa.shared.utils.common import all_subclasses

# What reading a damaged event may raise.
UNREADABLE = (ValueError, TypeError, KeyError, AttributeError, RecursionError)


class BadEvent(ValueError):
    """A stored event that cannot be read; holds nothing of it."""


@functools.lru_cache(maxsize=1)
def _classes() -> dict[str, type[Event]]:
    """Event classes by type name; replaces `Event.resolve_by_type` (rasa/shared/core/events.py, 3.6.21)."""
    return {one.type_name: one for one in all_subclasses(Event) if one.type_name}


def decode(data: str) -> Event:
    """Returns the event; raises BadEvent."""
    try:
        return from_dict(json.loads(data))
    except UNREADABLE as error:
        raise BadEvent(type(error).__name__) from None


def from_dict(parameters: dict[str, Any]) -> Event:
    """Returns the event; raises BadEvent when its type is unknown or a part is missing."""
    kind = _classes().get(str(parameters.get("event")))
    if kind is None:
        raise BadEvent("unknown type")
    # Rasa's own reader takes some entries out of the dictionary.
    event = kind._from_parameters(dict(parameters))
    if event is None:
        raise BadEvent("incomplete")
    return event
