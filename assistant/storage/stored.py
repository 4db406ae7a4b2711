"""Reads the rows of a conversation; one that cannot be read is put aside and never stops it."""

import json
from dataclasses import dataclass
from typing import Any

import structlog

from assistant.storage.connection import Connection, Rows
from assistant.storage.event_code import UNREADABLE, BadEvent, decode, from_dict

log = structlog.get_logger()

_NUMBERS = "SELECT last_event, last_seq FROM conversation WHERE id = :id"
_WAITING = (
    "SELECT message_id, received, payload FROM inbound"
    " WHERE state = 'waiting' AND conversation_id = :id ORDER BY id"
)
_INBOUND_BAD = "UPDATE inbound SET state = 'failed' WHERE conversation_id = :id AND message_id = :message_id"
_ANSWER = (
    "SELECT body FROM message WHERE conversation_id = :id AND message_id = :message_id"
    " AND role != 'user' ORDER BY seq"
)
_AFTER = "SELECT body FROM message WHERE conversation_id = :id AND seq > :seq ORDER BY seq LIMIT :most"
_HEAD = "SELECT last_event, snapshot_event, snapshot FROM conversation WHERE id = :id"
_EVENTS = "SELECT number, data FROM event WHERE conversation_id = :id AND number > :number ORDER BY number"
_BAD = (
    "INSERT INTO bad_row (conversation_id, number, problem, data, found)"
    " VALUES (:id, :number, :problem, :data, :found) ON CONFLICT DO NOTHING"
)
_DROP_EVENT = "DELETE FROM event WHERE conversation_id = :id AND number = :number"
_DROP_SNAPSHOT = "UPDATE conversation SET snapshot_event = 0, snapshot = '[]' WHERE id = :id"


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


def find_before_turn(connection: Connection, conversation_id: str) -> BeforeTurn:
    """Returns what a turn needs to know first."""
    found = []
    for row in connection.execute(_WAITING, {"id": conversation_id}).all():
        payload = _read_as(dict, row.payload)
        if payload is None:
            connection.execute(_INBOUND_BAD, {"id": conversation_id, "message_id": row.message_id})
            log.error("storage.inbound.bad", message=row.message_id)
        else:
            found.append(Waiting(row.message_id, row.received, payload))
    return BeforeTurn(found, find_last_event(connection, conversation_id))


def find_answer(connection: Connection, conversation_id: str, message_id: str) -> list[dict[str, Any]] | None:
    """Returns the messages that answer this one, None while there is no answer."""
    key = {"id": conversation_id, "message_id": message_id}
    return _bodies(connection.execute(_ANSWER, key)) or None


def find_messages(
    connection: Connection, conversation_id: str, after: int, most: int
) -> list[dict[str, Any]]:
    """Returns the messages with a number above `after`, at most `most` of them."""
    return _bodies(connection.execute(_AFTER, {"id": conversation_id, "seq": after, "most": most}))


def find_last_event(connection: Connection, conversation_id: str) -> int:
    """Returns the newest event's number, 0 for a new conversation."""
    row = connection.execute(_NUMBERS, {"id": conversation_id}).first()
    return int(row.last_event) if row else 0


def find_tracker(connection: Connection, conversation_id: str, whole: bool, now: float) -> Stored:
    """Returns what the tracker is made from, all events if `whole`.

    A row that cannot be read is put aside in `bad_row`, logged, and left out.
    """
    head = connection.execute(_HEAD, {"id": conversation_id}).first()
    if head is None:
        return Stored([], [], 0)
    start, snapshot = (0, []) if whole else (head.snapshot_event, _snapshot(head.snapshot))
    if snapshot is None:
        # all events tell the same, only more slowly
        values = {"number": 0, "problem": "snapshot", "data": head.snapshot, "found": now}
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
            values = {"number": row.number, "problem": str(bad), "data": row.data, "found": now}
            connection.execute(_BAD, {"id": conversation_id, **values})
            connection.execute(_DROP_EVENT, {"id": conversation_id, "number": row.number})
            log.error("storage.event.bad", number=row.number, problem=str(bad))
    return Stored(snapshot, events, head.last_event)


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
