"""Rasa's tracker store over the conversation log."""

import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Optional

import structlog
from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import Event, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from assistant.storage.conversation_log import IDLE_SECONDS, ConversationLog
from assistant.storage.database import DatabaseDown
from assistant.storage.event_code import from_dict
from assistant.storage.place import open_log
from assistant.storage.turn_record import RUNNING
from assistant.storage.window import as_dicts, cut_of, snapshot_of

log = structlog.get_logger()

MOST_LIVE = 5_000


@dataclass
class _Live:
    """A tracker in memory: how many of its events are stored, and the number of the newest of them."""

    tracker: DialogueStateTracker
    stored: int
    last_event: int
    used: float


class ConversationTrackerStore(TrackerStore):
    """Keeps trackers in the conversation log, and the latest ones live.

    A turn's events are written in one transaction with its messages (`turn_record`). A live
    tracker is used only while the log has no newer event, so several processes may share it.
    Unlike Rasa's own stores it hands out trackers of the newest turns (`window`).

    Args:
        database: SQLite file of the kept conversations.
        now: seconds since 1970.
    """

    def __init__(
        self,
        domain: Optional[Domain] = None,
        event_broker: Optional[EventBroker] = None,
        database: str = "conversations.db",
        now: Callable[[], float] = time.time,
        **kwargs: Any,
    ) -> None:
        """Opens the log; raises what the database raises."""
        super().__init__(domain=domain, event_broker=event_broker)
        self.log: ConversationLog = open_log(Path(database), now)
        self._now = now
        self._live: OrderedDict[str, _Live] = OrderedDict()
        self._lent: dict[str, _Live] = {}

    async def retrieve(self, sender_id: str) -> Optional[DialogueStateTracker]:
        """Returns the tracker of the newest turns, None for a new conversation.

        The live tracker is taken out until it is saved: what a failed turn did to it is dropped.
        """
        live = self._live.pop(sender_id, None)
        last_event = await self._last_event(sender_id)
        if live is None or live.last_event != last_event != -1:
            live = await self._load(sender_id)
        if live is None:
            return None
        self._lent[sender_id] = live
        return live.tracker

    async def retrieve_full_tracker(self, conversation_id: str) -> Optional[DialogueStateTracker]:
        """Returns the tracker with all events, None for a new conversation."""
        stored = await self.log.load(conversation_id, whole=True)
        return self._tracker(conversation_id, stored.events) if stored.events else None

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Writes the tracker's new events, in a turn together with what was said."""
        sender_id = tracker.sender_id
        lent = self._lent.pop(sender_id, None)
        known = lent if lent is not None and lent.tracker is tracker else _Live(tracker, 0, 0, 0.0)
        events = list(tracker.events)
        new = events[known.stored :]
        record = RUNNING.get()
        in_turn = record is not None and record.conversation_id == sender_id and record.messages is None
        # what Rasa saves before the message is in the tracker is no answer to it
        in_turn = in_turn and any(isinstance(event, UserUttered) for event in new)
        if not new:
            # Rasa saves a conversation that it has just made
            if lent is not None:
                self._lent[sender_id] = lent
            return
        cut = cut_of(events)
        snapshot = snapshot_of(self._tracker_of(sender_id, events[:cut])) if cut else None
        dicts = as_dicts(new)
        if in_turn and record is not None:
            kept = as_dicts(snapshot) if snapshot is not None else None
            written = await self.log.commit(record, dicts, kept, len(events) - cut)
        else:
            written = await self.log.append(sender_id, dicts)
        if written is None or written.last_event != known.last_event + len(new):
            # somebody else wrote meanwhile; the next turn reads what is there
            return
        if snapshot is not None and in_turn:
            events = [*snapshot, *events[cut:]]
            tracker = self._tracker_of(sender_id, events)
        self._live[sender_id] = _Live(tracker, len(events), written.last_event, self._now())
        if len(self._live) > MOST_LIVE:
            self._live.popitem(last=False)

    async def keys(self) -> Iterable[str]:
        """Returns the ids of all conversations."""
        return await self.log.ids()

    def forget(self, conversation_id: str) -> None:
        """Drops the live tracker of a conversation."""
        self._live.pop(conversation_id, None)
        self._lent.pop(conversation_id, None)

    async def forget_idle(self) -> None:
        """Drops conversations that are not kept and that nobody used for 30 minutes; call it now and then."""
        await self.log.forget_idle()
        before = self._now() - IDLE_SECONDS
        for sender_id in [one for one, live in self._live.items() if live.used < before]:
            self.forget(sender_id)

    async def _last_event(self, sender_id: str) -> int:
        """Returns the newest event's number, -1 where it cannot be known."""
        record = RUNNING.get()
        if record is not None and record.conversation_id == sender_id and record.last_event is not None:
            return record.last_event
        try:
            return await self.log.last_event(sender_id)
        except DatabaseDown:
            return -1

    async def _load(self, sender_id: str) -> Optional[_Live]:
        stored = await self.log.load(sender_id)
        dicts = [*stored.snapshot, *stored.events]
        if not dicts:
            return None
        tracker = self._tracker(sender_id, dicts)
        return _Live(tracker, len(tracker.events), stored.last_event, self._now())

    def _tracker(self, sender_id: str, dicts: Sequence[dict[str, Any]]) -> DialogueStateTracker:
        return self._tracker_of(sender_id, [from_dict(one) for one in dicts])

    def _tracker_of(self, sender_id: str, events: Sequence[Event]) -> DialogueStateTracker:
        return DialogueStateTracker.from_events(
            sender_id, list(events), self.domain.slots if self.domain else [], domain=self.domain
        )
