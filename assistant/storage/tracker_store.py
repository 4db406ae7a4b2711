"""Where conversations are kept: in the database, or in memory only."""

import os
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Optional

from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import InMemoryTrackerStore, SQLTrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker

KEPT_PREFIX = "k-"
IDLE_SECONDS = 30 * 60
MOST_IN_MEMORY = 20_000


class ConversationTrackerStore(SQLTrackerStore):
    """Rasa's SQL store for kept conversations; memory for all others.

    Only a conversation whose id begins with `k-` may be written to the
    database: its visitor agreed to that. Any other is held in memory, dropped
    after 30 idle minutes or when the process ends, and never written to a file.

    Args:
        database: SQLite file, made with mode 0600 where it is missing.
        clock: seconds, monotonic.
    """

    def __init__(
        self,
        domain: Optional[Domain] = None,
        event_broker: Optional[EventBroker] = None,
        database: str = "conversations.db",
        clock: Callable[[], float] = time.monotonic,
        **kwargs: Any,
    ) -> None:
        """Opens the database."""
        _make_private(Path(database))
        super().__init__(domain=domain, event_broker=event_broker, dialect="sqlite", db=database, **kwargs)
        self._clock = clock
        self._ephemeral: OrderedDict[str, tuple[float, str]] = OrderedDict()

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Writes the tracker's new events to where the conversation belongs."""
        if tracker.sender_id.startswith(KEPT_PREFIX):
            await super().save(tracker)
            return
        await self.stream_events(tracker)
        self._ephemeral[tracker.sender_id] = (self._clock(), InMemoryTrackerStore.serialise_tracker(tracker))
        self._ephemeral.move_to_end(tracker.sender_id)
        self.forget_idle()

    async def retrieve(self, sender_id: str) -> Optional[DialogueStateTracker]:
        """Returns the tracker with the events of the latest session, or None."""
        if sender_id.startswith(KEPT_PREFIX):
            return await super().retrieve(sender_id)
        return self._recall(sender_id)

    async def retrieve_full_tracker(self, conversation_id: str) -> Optional[DialogueStateTracker]:
        """Returns the tracker with the events of all sessions, or None."""
        if conversation_id.startswith(KEPT_PREFIX):
            return await super().retrieve_full_tracker(conversation_id)
        return self._recall(conversation_id)

    async def keys(self) -> Iterable[str]:
        """Returns the ids of all conversations."""
        self.forget_idle()
        return [*await super().keys(), *self._ephemeral]

    def forget_idle(self) -> None:
        """Drops the ephemeral conversations that nobody has used for 30 minutes; call it now and then."""
        oldest = self._clock() - IDLE_SECONDS
        while self._ephemeral:
            sender_id, (saved, _) = next(iter(self._ephemeral.items()))
            if saved > oldest and len(self._ephemeral) <= MOST_IN_MEMORY:
                return
            del self._ephemeral[sender_id]

    def _recall(self, sender_id: str) -> Optional[DialogueStateTracker]:
        self.forget_idle()
        if sender_id not in self._ephemeral:
            return None
        return self.deserialise_tracker(sender_id, self._ephemeral[sender_id][1])


def _make_private(database: Path) -> None:
    database.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    os.close(os.open(database, os.O_CREAT | os.O_RDWR, 0o600))
