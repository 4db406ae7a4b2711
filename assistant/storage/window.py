"""Keeps a tracker short: the newest turns, behind events that stand for all the older ones.

Rasa replays all events of a conversation several times a turn, so its cost grows with every turn.
Rules look at the latest turn only, and slots carry what is remembered longer.
"""

from collections.abc import Sequence
from typing import Any

from rasa.shared.core.constants import ACTION_SESSION_START_NAME
from rasa.shared.core.events import (
    ActionExecuted,
    ActionExecutionRejected,
    ActiveLoop,
    BotUttered,
    ConversationPaused,
    Event,
    LoopInterrupted,
    SessionStarted,
    SlotSet,
    UserUttered,
)
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
    """Returns events that leave a tracker as `older` is: slots, loop, last action and utterance, pause."""
    time = older.events[-1].timestamp if older.events else 0.0
    events: list[Event] = [
        ActionExecuted(ACTION_SESSION_START_NAME, timestamp=time),
        SessionStarted(timestamp=time),
    ]
    events += [
        SlotSet(name, slot.value, timestamp=time)
        for name, slot in older.slots.items()
        if slot.has_been_set and slot.value != slot.initial_value
    ]
    loop = older.active_loop
    if loop is not None:
        events.append(ActiveLoop(loop.name, timestamp=time))
        if loop.rejected:
            events.append(ActionExecutionRejected(loop.name, timestamp=time))
    said = older.latest_bot_utterance
    if said is not None and said != BotUttered.empty():
        events.append(said)
    if older.latest_action_name:
        events.append(ActionExecuted(older.latest_action_name, timestamp=time))
    if loop is not None and loop.is_interrupted:
        events.append(LoopInterrupted(True, timestamp=time))
    if older.is_paused():
        events.append(ConversationPaused(timestamp=time))
    return events


def as_dicts(events: Sequence[Event]) -> list[dict[str, Any]]:
    """Returns the events as plain dictionaries."""
    return [event.as_dict() for event in events]
