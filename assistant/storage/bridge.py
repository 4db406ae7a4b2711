"""Brings reads and writes to the database they belong to, and bridges an outage of the one on the disk."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

import structlog

from assistant.storage.change_operation import Erase, Rate
from assistant.storage.connection import Connection
from assistant.storage.database import Database, DatabaseDown, Refused
from assistant.storage.inbound_operation import Begin, Receive
from assistant.storage.known import Known, KnownConversations
from assistant.storage.operation import Operation
from assistant.storage.said import Written
from assistant.storage.spool import BadSpool, Spool, Spooled, SpoolFile
from assistant.storage.spooled import apply_as_told, attempts_in, contents, messages_of, state_in
from assistant.storage.storage_error import StorageFailed
from assistant.storage.turn_operation import Commit, Start

log = structlog.get_logger()

KEPT_PREFIX = "k-"
RETRY_SECONDS = 1.0
_MERGED = "INSERT INTO merged (spool_id, time) VALUES (:id, :time) ON CONFLICT DO NOTHING"


class Bridge:
    """Two databases and a spool.

    A conversation whose id begins with `k-` is kept: its visitor agreed to that. Any other is
    written to the memory-only database alone.

    When the database on the disk is out of reach, operations of kept conversations go to the
    spool and are merged, in order, as soon as it is back.

    Attributes:
        kept: the database file.
        passing: the database in memory that the workers share.
        spool: files for an outage.
        known: what this process has written.
    """

    def __init__(self, kept: Database, passing: Database, spool: Spool, now: Callable[[], float]) -> None:
        """See class; `now` gives seconds since 1970."""
        self.kept = kept
        self.passing = passing
        self.spool = spool
        self.known = KnownConversations()
        self._now = now
        self._down_until = 0.0
        self._is_down = False

    def is_kept(self, conversation_id: str) -> bool:
        """Returns whether the conversation may be written to a file."""
        return conversation_id.startswith(KEPT_PREFIX)

    def held(self, conversation_id: str) -> list[Spooled]:
        """Returns the operations of a conversation that wait in the spool."""
        return self.spool.read(conversation_id).operations if self.is_kept(conversation_id) else []

    def note(self, down: DatabaseDown | None) -> None:
        """Logs when an outage begins and ends."""
        if down is not None:
            self._down_until = time.monotonic() + RETRY_SECONDS
            if not self._is_down:
                log.error("storage.database.down", file=str(self.kept.file), cause=down.cause)
        elif self._is_down:
            log.warning("storage.database.back", file=str(self.kept.file))
        self._is_down = down is not None

    async def look(self, conversation_id: str, find: Callable[[Connection], Any]) -> Any:
        """Runs a small query without waiting for writers; raises as `read`."""
        return await self.read(conversation_id, find, at_once=True)

    async def read(
        self, conversation_id: str, find: Callable[[Connection], Any], at_once: bool = False
    ) -> Any:
        """Runs a query; raises DatabaseDown, also while operations of this conversation wait."""
        if not self.is_kept(conversation_id):
            return await (self.passing.look(find) if at_once else self.passing.run(find))
        if self.spool.has(conversation_id) and not await self._merge(conversation_id):
            raise DatabaseDown("operations of this conversation wait")
        if time.monotonic() < self._down_until:
            raise DatabaseDown("tried a moment ago")
        try:
            found = await (self.kept.look(find) if at_once else self.kept.run(find))
        except DatabaseDown as down:
            self.note(down)
            raise
        if not at_once:
            # a query is answered where nothing can be written, too
            self.note(None)
        return found

    async def write(self, operation: Operation) -> Any:
        """Writes the operation where it belongs; raises StorageFailed when nothing takes it."""
        try:
            result = await self.read(operation.conversation_id, operation.apply)
        except Refused as refused:
            log.error("storage.write.refused", kind=operation.kind, cause=str(refused))
            raise StorageFailed(str(refused)) from None
        except DatabaseDown as down:
            if not self.is_kept(operation.conversation_id):
                raise StorageFailed(down.cause) from None
            if isinstance(operation, Rate) and not await self._was_said(operation):
                return False
            result = await asyncio.get_running_loop().run_in_executor(None, self._bridge, operation)
        if isinstance(result, Written):
            self.known.add(operation.conversation_id, result)
        return result

    async def merge(self) -> int:
        """Applies what waits in the spool; returns how many conversations were merged."""
        merged = 0
        for conversation_id in self.spool.conversations():
            if not await self._merge(conversation_id):
                break
            merged += 1
        return merged

    async def _was_said(self, rating: Rate) -> bool:
        """Returns whether there is such a message to rate, while the database takes no writes.

        Raises StorageFailed where neither the spool, nor this process, nor a query knows it.
        """
        held = self.spool.read(rating.conversation_id).operations
        for one in held:
            for message in messages_of(one):
                if message["seq"] == rating.seq:
                    return bool(message["role"] != "user")
        if any(isinstance(one.operation, Erase) for one in held):
            return False
        known = self.known.get(rating.conversation_id)
        if known is not None and rating.seq in known.replies:
            return True
        try:
            return await self.kept.look(rating.is_possible)
        except DatabaseDown as down:
            raise StorageFailed(down.cause) from None

    def _bridge(self, operation: Operation) -> Any:
        """Writes to the spool and returns what the database would have returned."""
        try:
            held = self.spool.add(operation, lambda before: self._next(operation.conversation_id, before))
        except (OSError, ValueError, KeyError, TypeError) as error:
            log.error("storage.spool.fail", error=type(error).__name__)
            raise StorageFailed(type(error).__name__) from None
        *earlier, latest = held.operations
        if isinstance(operation, Receive):
            return state_in(earlier, operation)
        if isinstance(operation, Begin):
            return attempts_in(held.operations, operation.message_id)
        if isinstance(operation, Rate):
            return True
        if isinstance(operation, Start | Commit):
            events, said = contents(operation)
            return Written(
                latest.first_event + len(events) - 1, latest.first_seq + len(said) - 1, messages_of(latest)
            )
        return None

    def _next(self, conversation_id: str, before: SpoolFile) -> tuple[int, int]:
        """Returns the next event's and message's numbers, as far as they are known without the database.

        Clients drop a message whose number is not above what they have, and another process may
        have told numbers that this one never saw: an outage begins with a number that nobody had.
        """
        known = self.known.get(conversation_id) or Known()
        event, seq = known.last_event, known.last_seq
        if not before.operations:
            seq = max(seq, int(self._now()))
        for one in before.operations:
            events, said = contents(one.operation)
            event = max(event, one.first_event + len(events) - 1)
            seq = max(seq, one.first_seq + len(said) - 1)
        return event + 1, seq + 1

    async def _merge(self, conversation_id: str) -> bool:
        """Applies one file; returns whether nothing of it waits any more."""
        if time.monotonic() < self._down_until:
            return False
        try:
            await asyncio.get_running_loop().run_in_executor(
                None, self.spool.take, conversation_id, self._apply
            )
        except DatabaseDown as down:
            self.note(down)
            return False
        except BadSpool as bad:
            log.error("storage.spool.bad", file=str(bad))
        except OSError as error:
            log.error("storage.spool.fail", error=type(error).__name__)
            return False
        self.note(None)
        return True

    def _apply(self, content: SpoolFile) -> None:
        def write(connection: Connection) -> None:
            for one in content.operations:
                if connection.execute(_MERGED, {"id": one.mark, "time": self._now()}).rowcount:
                    apply_as_told(connection, one)

        self.kept.run_waiting(write)
