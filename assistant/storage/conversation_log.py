"""The one way to read and write conversations: database, memory-only database, or spool."""

import asyncio
import json
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import structlog

from assistant.storage.connection import Connection, Rows
from assistant.storage.database import Database, DatabaseDown, Refused
from assistant.storage.event_code import UNREADABLE, BadEvent, decode, from_dict
from assistant.storage.operation import (
    ANSWERED,
    FAILED,
    Begin,
    Choose,
    Commit,
    Erase,
    Operation,
    Rate,
    Receive,
    Said,
    Start,
    Written,
    numbered,
    seconds_of,
)
from assistant.storage.spool import BadSpool, Spool, Spooled, SpoolFile
from assistant.storage.turn_record import TurnRecord

log = structlog.get_logger()

KEPT_PREFIX = "k-"
IDLE_SECONDS = 30 * 60
ERASED_SECONDS = 24 * 3600
RETRY_SECONDS = 1.0
KNOWN = 10_000

_NUMBERS = "SELECT last_event, last_seq FROM conversation WHERE id = :id"
_AT_LEAST = "UPDATE conversation SET last_seq = :seq WHERE id = :id AND last_seq < :seq"
_WAITING = (
    "SELECT message_id, received, payload FROM inbound"
    " WHERE state = 'waiting' AND conversation_id = :id ORDER BY id"
)
_INBOUND_BAD = "UPDATE inbound SET state = 'failed' WHERE conversation_id = :id AND message_id = :message_id"
_ANY_WAITING = "SELECT DISTINCT conversation_id FROM inbound WHERE state = 'waiting' AND received < :before"
_ANSWER = (
    "SELECT body FROM message WHERE conversation_id = :id AND message_id = :message_id"
    " AND role != 'user' ORDER BY seq"
)
_ERASED = "SELECT 1 FROM erased WHERE conversation_id = :id"
_AFTER = "SELECT body FROM message WHERE conversation_id = :id AND seq > :seq ORDER BY seq LIMIT :most"
_HEAD = "SELECT last_event, snapshot_event, snapshot FROM conversation WHERE id = :id"
_EVENTS = "SELECT number, data FROM event WHERE conversation_id = :id AND number > :number ORDER BY number"
_BAD = (
    "INSERT INTO bad_row (conversation_id, number, problem, data, found)"
    " VALUES (:id, :number, :problem, :data, :found) ON CONFLICT DO NOTHING"
)
_DROP_EVENT = "DELETE FROM event WHERE conversation_id = :id AND number = :number"
_DROP_SNAPSHOT = "UPDATE conversation SET snapshot_event = 0, snapshot = '[]' WHERE id = :id"
_MERGED = "INSERT INTO merged (spool_id, time) VALUES (:id, :time) ON CONFLICT DO NOTHING"
_IDLE = "SELECT id FROM conversation WHERE used < :before"
_OLD_MARKS = tuple(f"DELETE FROM {table} WHERE time < :before" for table in ("erased", "merged"))
_IDS = "SELECT id FROM conversation"


class StorageFailed(Exception):
    """Neither the database nor the disk takes what was to be written."""


class ConversationErased(Exception):
    """The conversation was erased; nothing may be written to it any more."""


@dataclass(frozen=True)
class Waiting:
    """A message that was received and has no answer yet; `received` in seconds since 1970."""

    message_id: str
    received: float
    payload: dict[str, Any]


@dataclass(frozen=True)
class BeforeTurn:
    """The messages without an answer in their order, and the newest event's number, None if not known."""

    waiting: list[Waiting]
    last_event: int | None


@dataclass(frozen=True)
class Stored:
    """What a tracker is made from: the snapshot, the events after it, the newest number."""

    snapshot: list[dict[str, Any]]
    events: list[dict[str, Any]]
    last_event: int


@dataclass
class _Known:
    """What this process knows of a conversation: the newest numbers, and those of the replies."""

    last_event: int = 0
    last_seq: int = 0
    replies: set[int] = field(default_factory=set)


class ConversationLog:
    """Reads and writes conversations.

    A conversation whose id begins with `k-` is kept: its visitor agreed to that. Any other is
    written to the memory-only database alone.

    When the database is out of reach, operations of kept conversations go to the spool and are
    merged, in order, as soon as it is back. What neither takes raises StorageFailed.

    Args:
        kept: the database file.
        passing: the database in memory that the workers share.
        spool: files for an outage.
        now: seconds since 1970.
    """

    def __init__(
        self, kept: Database, passing: Database, spool: Spool, now: Callable[[], float] = time.time
    ) -> None:
        """See class."""
        self._kept = kept
        self._passing = passing
        self._spool = spool
        self._now = now
        self._down_until = 0.0
        self._is_down = False
        self._known: OrderedDict[str, _Known] = OrderedDict()

    async def start(
        self, conversation_id: str, choices: dict[str, Any], replies: list[dict[str, Any]]
    ) -> list[dict[str, Any]]:
        """Begins a conversation and returns the numbered messages that open it."""
        written = await self._write(Start(conversation_id, self._now(), choices, replies))
        return list(written.messages)

    async def receive(self, conversation_id: str, message_id: str, payload: dict[str, Any]) -> str:
        """Writes that a message has come, before anything is done with it.

        Returns the state it had before: "" for a new one, else `waiting`, `answered` or `failed`,
        of which the last is waiting again. Raises ConversationErased.
        """
        state = await self._write(Receive(conversation_id, self._now(), message_id, payload))
        if state == "erased":
            raise ConversationErased
        return str(state)

    async def begin(self, conversation_id: str, message_id: str) -> int:
        """Writes that the turn of a message is begun once more; returns how often it was, this time included.

        The one that receives a message begins its turn without saying so. A message whose turn
        ends its process each time is known by this number.
        """
        return int(await self._write(Begin(conversation_id, self._now(), message_id)))

    async def waiting(self, conversation_id: str) -> list[Waiting]:
        """Returns the messages without an answer, in the order in which they came."""
        return (await self.before_turn(conversation_id)).waiting

    async def before_turn(self, conversation_id: str) -> BeforeTurn:
        """Returns what a turn needs to know first, in one query."""

        def find(connection: Connection) -> BeforeTurn:
            found = []
            for row in connection.execute(_WAITING, {"id": conversation_id}).all():
                payload = _read_as(dict, row.payload)
                if payload is None:
                    connection.execute(_INBOUND_BAD, {"id": conversation_id, "message_id": row.message_id})
                    log.error("storage.inbound.bad", message=row.message_id)
                else:
                    found.append(Waiting(row.message_id, row.received, payload))
            return BeforeTurn(found, _last_event(connection, conversation_id))

        try:
            return await self._look(conversation_id, find)
        except DatabaseDown:
            done = {one.operation.message_id for one in self._spooled(conversation_id, Commit)}
            came = [one.operation for one in self._spooled(conversation_id, Receive)]
            waiting = [
                Waiting(one.message_id, one.time, one.payload) for one in came if one.message_id not in done
            ]
            return BeforeTurn(waiting, None)

    async def conversations_waiting(self, seconds: float) -> list[str]:
        """Returns the kept conversations with a message that has waited for at least this long."""
        await self.merge()

        def find(connection: Connection) -> list[str]:
            rows = connection.execute(_ANY_WAITING, {"before": self._now() - seconds}).all()
            return [row.conversation_id for row in rows]

        try:
            return await self._kept.run(find)
        except DatabaseDown as down:
            self._note(down)
            return []

    async def commit(
        self,
        record: TurnRecord,
        events: list[dict[str, Any]],
        snapshot: list[dict[str, Any]] | None = None,
        snapshot_behind: int = 0,
        state: str = ANSWERED,
    ) -> Written | None:
        """Writes a turn: its events, the message, the replies, the row of the outbox.

        Sets the record's messages. Returns None when the message was answered before, by another
        process; the record then holds that answer.
        """
        said = [Said("user", record.message_id, record.asked, record.received)] if record.asked else []
        said += [Said("assistant", record.message_id, reply, self._now()) for reply in record.replies]
        commit = Commit(
            record.conversation_id,
            self._now(),
            record.message_id,
            state,
            events,
            [dict(vars(one)) for one in said],
            snapshot,
            snapshot_behind,
        )
        written: Written | None = await self._write(commit)
        if written is None:
            record.messages = await self.answer(record.conversation_id, record.message_id) or []
        else:
            record.messages = [one for one in written.messages if one["role"] != "user"]
        return written

    async def fail(self, record: TurnRecord) -> None:
        """Writes that a turn failed, so that staff can see it; the same message may come again."""
        await self.commit(record, [], state=FAILED)

    async def append(self, conversation_id: str, events: list[dict[str, Any]]) -> Written | None:
        """Writes events outside of a turn."""
        written: Written | None = await self._write(
            Commit(conversation_id, self._now(), "", ANSWERED, events, [])
        )
        return written

    async def say(
        self, conversation_id: str, message_id: str, replies: list[dict[str, Any]]
    ) -> list[dict[str, Any]]:
        """Writes replies outside of a turn and returns them numbered; `message_id` is what they answer.

        Replies to an erased conversation are not written, and all have the number 0.
        """
        said = [dict(vars(Said("assistant", message_id, reply, self._now()))) for reply in replies]
        written: Written | None = await self._write(
            Commit(conversation_id, self._now(), "", ANSWERED, [], said)
        )
        if written is None:
            return [numbered(Said(**one), 0) for one in said]
        return list(written.messages)

    async def answer(self, conversation_id: str, message_id: str) -> list[dict[str, Any]] | None:
        """Returns the messages that answer this one, None while there is no answer."""

        def find(connection: Connection) -> list[dict[str, Any]] | None:
            key = {"id": conversation_id, "message_id": message_id}
            return _bodies(connection.execute(_ANSWER, key)) or None

        try:
            return await self._look(conversation_id, find)
        except DatabaseDown:
            for one in self._spooled(conversation_id, Commit):
                told = _told(one.operation.said, one.first_seq)
                pairs = zip(one.operation.said, told, strict=True)
                answer = [
                    message
                    for said, message in pairs
                    if said["message_id"] == message_id and said["role"] != "user"
                ]
                if answer:
                    return answer
            return None

    async def messages(self, conversation_id: str, after: int = 0, most: int = 500) -> list[dict[str, Any]]:
        """Returns the messages with a number above `after`, at most `most` of them."""

        def find(connection: Connection) -> list[dict[str, Any]]:
            rows = connection.execute(_AFTER, {"id": conversation_id, "seq": after, "most": most})
            return _bodies(rows)

        try:
            return await self._read(conversation_id, find)
        except DatabaseDown:
            told = []
            for one in self._spool.read(conversation_id).operations:
                told += _told(_contents(one.operation)[1], one.first_seq)
            return [message for message in told if message["seq"] > after][:most]

    async def rate(self, conversation_id: str, seq: int, helpful: bool, comment: str) -> bool:
        """Writes a rating; returns whether there is such a message to rate.

        Raises StorageFailed where that cannot be known, in an outage.
        """
        return bool(await self._write(Rate(conversation_id, self._now(), seq, helpful, comment)))

    async def choose(self, conversation_id: str, choices: dict[str, Any]) -> None:
        """Writes what the visitor agrees to from now on."""
        await self._write(Choose(conversation_id, self._now(), choices))

    async def erase(self, conversation_id: str) -> None:
        """Takes away everything of the conversation; later writes to it raise ConversationErased."""
        await self._write(Erase(conversation_id, self._now()))
        self._known.pop(conversation_id, None)
        if self.is_kept(conversation_id):
            self._spool.forget(conversation_id)
        await (self._kept if self.is_kept(conversation_id) else self._passing).wipe()

    async def copy(self, old_id: str, new_id: str, choices: dict[str, Any]) -> None:
        """Writes what was said and remembered in one conversation as the beginning of another."""
        stored = await self.load(old_id, whole=True)
        messages: list[dict[str, Any]] = []
        while more := await self.messages(old_id, after=messages[-1]["seq"] if messages else 0):
            messages += more
        await self._write(Start(new_id, self._now(), choices, []))
        said = [dict(vars(_said_before(one))) for one in messages]
        if said or stored.events:
            await self._write(Commit(new_id, self._now(), "", ANSWERED, stored.events, said))

    async def is_erased(self, conversation_id: str) -> bool:
        """Returns whether the conversation was erased; raises DatabaseDown."""

        def find(connection: Connection) -> bool:
            return connection.execute(_ERASED, {"id": conversation_id}).first() is not None

        return bool(await self._look(conversation_id, find))

    async def last_event(self, conversation_id: str) -> int:
        """Returns the newest event's number, 0 for a new conversation; raises DatabaseDown."""

        return await self._look(conversation_id, lambda connection: _last_event(connection, conversation_id))

    async def load(self, conversation_id: str, whole: bool = False) -> Stored:
        """Returns what the tracker is made from, all events if `whole`.

        A row that cannot be read is put aside in `bad_row`, logged, and left out.
        """
        try:
            return await self._read(
                conversation_id, lambda connection: self._find(connection, conversation_id, whole)
            )
        except DatabaseDown:
            events = [
                event for one in self._spooled(conversation_id, Commit) for event in one.operation.events
            ]
            known = self._known.get(conversation_id) or _Known(len(events))
            return Stored([], events, known.last_event)

    async def ids(self) -> list[str]:
        """Returns the ids of all conversations."""

        def find(connection: Connection) -> list[str]:
            return [row.id for row in connection.execute(_IDS)]

        return [*await self._kept.run(find), *await self._passing.run(find)]

    async def merge(self) -> int:
        """Applies what waits in the spool; returns how many conversations were merged."""
        merged = 0
        for conversation_id in self._spool.conversations():
            if not await self._merge(conversation_id):
                break
            merged += 1
        return merged

    async def forget_idle(self) -> None:
        """Takes away the conversations that are not kept and were not used for 30 minutes."""
        before = self._now() - IDLE_SECONDS

        def forget(connection: Connection) -> list[str]:
            idle = [row.id for row in connection.execute(_IDLE, {"before": before})]
            for one in idle:
                Erase(one, self._now()).apply(connection)
            for statement in _OLD_MARKS:
                connection.execute(statement, {"before": self._now() - ERASED_SECONDS})
            connection.execute("DELETE FROM outbox")
            return idle

        for one in await self._passing.run(forget):
            self._known.pop(one, None)
        # also what an earlier call could not take out of a journal in use
        await self._passing.wipe()
        await self._kept.wipe()

    def close(self) -> None:
        """Closes the databases; call it when nothing runs any more."""
        self._kept.close()
        self._passing.close()

    def is_kept(self, conversation_id: str) -> bool:
        """Returns whether the conversation may be written to a file."""
        return conversation_id.startswith(KEPT_PREFIX)

    async def _look(self, conversation_id: str, find: Callable[[Connection], Any]) -> Any:
        """Runs a small query without waiting for writers; raises as `_read`."""
        return await self._read(conversation_id, find, at_once=True)

    async def _read(
        self, conversation_id: str, find: Callable[[Connection], Any], at_once: bool = False
    ) -> Any:
        """Runs a query; raises DatabaseDown, also while operations of this conversation wait."""
        if not self.is_kept(conversation_id):
            return await (self._passing.look(find) if at_once else self._passing.run(find))
        if self._spool.has(conversation_id) and not await self._merge(conversation_id):
            raise DatabaseDown("operations of this conversation wait")
        if time.monotonic() < self._down_until:
            raise DatabaseDown("tried a moment ago")
        try:
            found = await (self._kept.look(find) if at_once else self._kept.run(find))
        except DatabaseDown as down:
            self._note(down)
            raise
        if not at_once:
            # a query is answered where nothing can be written, too
            self._note(None)
        return found

    async def _write(self, operation: Operation) -> Any:
        """Writes the operation where it belongs; raises StorageFailed when nothing takes it."""
        try:
            result = await self._read(operation.conversation_id, operation.apply)
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
            self._remember(operation.conversation_id, result)
        return result

    async def _was_said(self, rating: Rate) -> bool:
        """Returns whether there is such a message to rate, while the database takes no writes.

        Raises StorageFailed where neither the spool, nor this process, nor a query knows it.
        """
        held = self._spool.read(rating.conversation_id).operations
        for one in held:
            for message in _told(_contents(one.operation)[1], one.first_seq):
                if message["seq"] == rating.seq:
                    return bool(message["role"] != "user")
        if any(isinstance(one.operation, Erase) for one in held):
            return False
        known = self._known.get(rating.conversation_id)
        if known is not None and rating.seq in known.replies:
            return True
        try:
            return await self._kept.look(rating.is_possible)
        except DatabaseDown as down:
            raise StorageFailed(down.cause) from None

    def _bridge(self, operation: Operation) -> Any:
        """Writes to the spool and returns what the database would have returned."""
        try:
            held = self._spool.add(operation, lambda before: self._next(operation.conversation_id, before))
        except (OSError, ValueError, KeyError, TypeError) as error:
            log.error("storage.spool.fail", error=type(error).__name__)
            raise StorageFailed(type(error).__name__) from None
        *earlier, latest = held.operations
        if isinstance(operation, Receive):
            return _spooled_state(operation, [one.operation for one in earlier])
        if isinstance(operation, Begin):
            mine = [one.operation for one in held.operations if isinstance(one.operation, Begin)]
            return 1 + sum(one.message_id == operation.message_id for one in mine)
        if isinstance(operation, Rate):
            return True
        if isinstance(operation, Start | Commit):
            events, said = _contents(operation)
            told = _told(said, latest.first_seq)
            return Written(latest.first_event + len(events) - 1, latest.first_seq + len(said) - 1, told)
        return None

    def _next(self, conversation_id: str, before: SpoolFile) -> tuple[int, int]:
        """Returns the next event's and message's numbers, as far as they are known without the database.

        Clients drop a message whose number is not above what they have, and another process may
        have told numbers that this one never saw: an outage begins with a number that nobody had.
        """
        known = self._known.get(conversation_id) or _Known()
        event, seq = known.last_event, known.last_seq
        if not before.operations:
            seq = max(seq, int(self._now()))
        for one in before.operations:
            events, said = _contents(one.operation)
            event = max(event, one.first_event + len(events) - 1)
            seq = max(seq, one.first_seq + len(said) - 1)
        return event + 1, seq + 1

    async def _merge(self, conversation_id: str) -> bool:
        """Applies one file; returns whether nothing of it waits any more."""
        if time.monotonic() < self._down_until:
            return False
        try:
            await asyncio.get_running_loop().run_in_executor(
                None, self._spool.take, conversation_id, self._apply
            )
        except DatabaseDown as down:
            self._note(down)
            return False
        except BadSpool as bad:
            log.error("storage.spool.bad", file=str(bad))
        except OSError as error:
            log.error("storage.spool.fail", error=type(error).__name__)
            return False
        self._note(None)
        return True

    def _apply(self, content: SpoolFile) -> None:
        def write(connection: Connection) -> None:
            for one in content.operations:
                if connection.execute(_MERGED, {"id": one.mark, "time": self._now()}).rowcount:
                    _apply_as_told(connection, one)

        self._kept.run_waiting(write)

    def _find(self, connection: Connection, conversation_id: str, whole: bool) -> Stored:
        head = connection.execute(_HEAD, {"id": conversation_id}).first()
        if head is None:
            return Stored([], [], 0)
        start, snapshot = (0, []) if whole else (head.snapshot_event, _snapshot(head.snapshot))
        if snapshot is None:
            # all events tell the same, only more slowly
            values = {"number": 0, "problem": "snapshot", "data": head.snapshot, "found": self._now()}
            connection.execute(_BAD, {"id": conversation_id, **values})
            connection.execute(_DROP_SNAPSHOT, {"id": conversation_id})
            log.error("storage.snapshot.bad", last_event=head.last_event)
            start, snapshot = 0, []
        events = []
        for row in connection.execute(_EVENTS, {"id": conversation_id, "number": start}).all():
            try:
                decode(row.data)
                events.append(json.loads(row.data))
            except BadEvent as bad:
                values = {"number": row.number, "problem": str(bad), "data": row.data, "found": self._now()}
                connection.execute(_BAD, {"id": conversation_id, **values})
                connection.execute(_DROP_EVENT, {"id": conversation_id, "number": row.number})
                log.error("storage.event.bad", number=row.number, problem=str(bad))
        return Stored(snapshot, events, head.last_event)

    def _spooled(self, conversation_id: str, kind: type[Operation]) -> list[Any]:
        held = self._spool.read(conversation_id).operations if self.is_kept(conversation_id) else []
        return [one for one in held if isinstance(one.operation, kind)]

    def _remember(self, conversation_id: str, written: Written) -> None:
        known = self._known.setdefault(conversation_id, _Known())
        known.last_event, known.last_seq = written.last_event, written.last_seq
        known.replies.update(one["seq"] for one in written.messages if one["role"] != "user")
        self._known.move_to_end(conversation_id)
        if len(self._known) > KNOWN:
            self._known.popitem(last=False)

    def _note(self, down: DatabaseDown | None) -> None:
        """Logs when an outage begins and ends."""
        if down is not None:
            self._down_until = time.monotonic() + RETRY_SECONDS
            if not self._is_down:
                log.error("storage.database.down", file=str(self._kept.file), cause=down.cause)
        elif self._is_down:
            log.warning("storage.database.back", file=str(self._kept.file))
        self._is_down = down is not None


def _last_event(connection: Connection, conversation_id: str) -> int:
    row = connection.execute(_NUMBERS, {"id": conversation_id}).first()
    return int(row.last_event) if row else 0


def _contents(operation: Operation) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Returns the events and the messages that the operation writes."""
    if isinstance(operation, Commit):
        return operation.events, operation.said
    if isinstance(operation, Start):
        return [], [dict(vars(Said("assistant", "", reply, operation.time))) for reply in operation.replies]
    return [], []


def _apply_as_told(connection: Connection, spooled: Spooled) -> None:
    """Writes an operation of the spool with the message numbers that clients were told."""
    operation = spooled.operation
    key = {"id": operation.conversation_id}
    if isinstance(operation, Start | Commit):
        head = connection.execute(_NUMBERS, key).first()
        if isinstance(operation, Commit) and spooled.first_event != (head.last_event if head else 0) + 1:
            # made from a tracker that did not know all events
            operation = replace(operation, snapshot=None)
        operation = replace(operation, first_seq=spooled.first_seq)
    if operation.apply(connection) is None and isinstance(operation, Commit):
        # answered before the outage, and again in it: what follows is above what the client has
        connection.execute(_AT_LEAST, {**key, "seq": spooled.first_seq + len(operation.said) - 1})


def _told(said: list[dict[str, Any]], first_seq: int) -> list[dict[str, Any]]:
    return [numbered(Said(**one), seq) for seq, one in enumerate(said, first_seq)]


def _said_before(message: dict[str, Any]) -> Said:
    body = {key: value for key, value in message.items() if key not in ("seq", "role", "time")}
    return Said(message["role"], str(message.get("id", "")), body, seconds_of(message["time"]))


def _spooled_state(operation: Receive, earlier: list[Operation]) -> str:
    state = ""
    for one in earlier:
        if isinstance(one, Erase):
            return "erased"
        if isinstance(one, Receive) and one.message_id == operation.message_id:
            state = "waiting"
        elif isinstance(one, Commit) and one.message_id == operation.message_id:
            state = one.state
    return state


def _snapshot(data: str) -> list[dict[str, Any]] | None:
    """Returns the events of a snapshot, None when one of them cannot be read."""
    snapshot = _read_as(list, data)
    try:
        for one in snapshot or ():
            from_dict(one)
    except UNREADABLE:
        return None
    return snapshot


def _bodies(rows: Rows) -> list[dict[str, Any]]:
    """Returns the messages; one that cannot be read is logged and left out."""
    bodies = []
    for row in rows:
        body = _read_as(dict, row.body)
        if body is None:
            log.error("storage.message.bad")
        else:
            bodies.append(body)
    return bodies


def _read_as(kind: type, data: str) -> Any:
    """Returns what the JSON text holds, None when it is not of this kind."""
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, kind) else None
