"""Keeps a tracker short: the newest turns, behind events that stand for all the older ones.

Rasa replays all events of a conversation several times a turn, so its cost grows with every turn.
Rules look at the latest turn only, and slots carry what is remembered longer.
"""

from collections.abc import Sequence
from typing import Any

from rasa.shared.core.constants import ACTION_LISTEN_NAME, ACTION_SESSION_START_NAME
from rasa.shared.core.events import ActionExecuted, Event, SessionStarted, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

# A tracker is shortened when it has more events than this, to this number of turns.
MOST_EVENTS = 60
TURNS_KEPT = 4


def cut_of(events: Sequence[Event]) -> int:
    """Returns how many of the oldest events are to be taken off, 0 for none.

    The cut is before the message of the oldest turn that stays, and never behind a session's start.
    """
    if len(events) <= MOST_EVENTS:
        return 0
    asked = [place for place, event in enumerate(events) if isinstance(event, UserUttered)]
    if len(asked) <= TURNS_KEPT:
        return 0
    return asked[-TURNS_KEPT]


def snapshot_of(older: DialogueStateTracker) -> list[Event]:
    """Returns events that leave a tracker as `older` is: a session's start, the slots, listening."""
    time = older.events[-1].timestamp if older.events else 0.0
    slots = [
        SlotSet(name, slot.value, timestamp=time)
        for name, slot in older.slots.items()
        if slot.has_been_set and slot.value != slot.initial_value
    ]
    return [
        ActionExecuted(ACTION_SESSION_START_NAME, timestamp=time),
        SessionStarted(timestamp=time),
        *slots,
        ActionExecuted(ACTION_LISTEN_NAME, timestamp=time),
    ]


def as_dicts(events: Sequence[Event]) -> list[dict[str, Any]]:
    """Returns the events as plain dictionaries."""
    return [event.as_dict() for event in events]
