"""A conversation begins, and a turn is done: events, messages and the row of the outbox."""

import json
from dataclasses import dataclass
from typing import Any, ClassVar

from assistant.storage.connection import Connection
from assistant.storage.operation import ERASED, OUTBOX, Operation
from assistant.storage.said import Said, Written, numbered

_CONVERSATION = "SELECT last_event, last_seq FROM conversation WHERE id = :id"
_NEW_CONVERSATION = (
    "INSERT INTO conversation (id, choices, created, used, last_event, last_seq, snapshot_event, snapshot)"
    " VALUES (:id, :choices, :time, :time, 0, 0, 0, '[]') ON CONFLICT DO NOTHING"
)
_NUMBERS = (
    "UPDATE conversation SET last_event = :last_event, last_seq = :last_seq, used = :time WHERE id = :id"
)
_SNAPSHOT = "UPDATE conversation SET snapshot_event = :number, snapshot = :snapshot WHERE id = :id"
_EVENT = (
    "INSERT INTO event (conversation_id, number, type, timestamp, data)"
    " VALUES (:id, :number, :type, :timestamp, :data)"
)
_MESSAGE = (
    "INSERT INTO message (conversation_id, seq, role, message_id, time, body)"
    " VALUES (:id, :seq, :role, :message_id, :time, :body)"
)
_ASKED = (
    "SELECT 1 FROM message WHERE conversation_id = :id AND message_id = :message_id"
    " AND message_id != '' AND role = 'user'"
)
_INBOUND_DONE = (
    "UPDATE inbound SET state = :state"
    " WHERE conversation_id = :id AND message_id = :message_id AND state = 'waiting'"
)


@dataclass(frozen=True)
class Start(Operation):
    """A conversation begins, with the messages that open it; `first_seq` as in `Commit`."""

    kind: ClassVar[str] = "start"
    choices: dict[str, Any]
    replies: list[dict[str, Any]]
    first_seq: int = 0

    def apply(self, connection: Connection) -> "Written":
        """Returns the opening messages; of a conversation that exists none are written again."""
        _open(connection, self.conversation_id, self.time, self.choices)
        numbers = _numbers(connection, self.conversation_id)
        if numbers.last_seq or not self.replies:
            return Written(numbers.last_event, numbers.last_seq, [])
        messages = [Said("assistant", "", reply, self.time) for reply in self.replies]
        return _write(connection, self, numbers, [], messages)


@dataclass(frozen=True)
class Commit(Operation):
    """A turn is done: its events, what was said, the message that it answers.

    Attributes:
        message_id: "" for events outside of a turn.
        state: `answered` or `failed`.
        events: event dictionaries in order.
        said: messages in order, as dictionaries of `Said`.
        snapshot: tracker state before the last events, None to leave it as it is.
        snapshot_behind: how many of the newest events the snapshot does not hold.
        first_seq: number that clients were told for the first message, 0 where they were told none.
    """

    kind: ClassVar[str] = "commit"
    message_id: str
    state: str
    events: list[dict[str, Any]]
    said: list[dict[str, Any]]
    snapshot: list[dict[str, Any]] | None = None
    snapshot_behind: int = 0
    first_seq: int = 0

    def apply(self, connection: Connection) -> "Written | None":
        """Returns the numbered messages, None if the message was answered before or erased."""
        key = {"id": self.conversation_id, "message_id": self.message_id, "state": self.state}
        if self.message_id and connection.execute(_INBOUND_DONE, key).rowcount == 0:
            return None
        numbers = _numbers(connection, self.conversation_id)
        if numbers is None:
            if connection.execute(ERASED, {"id": self.conversation_id}).first():
                return None
            _open(connection, self.conversation_id, self.time, {})
            numbers = _numbers(connection, self.conversation_id)
        written = _write(connection, self, numbers, self.events, [Said(**one) for one in self.said])
        if self.snapshot is not None:
            snapshot = {
                "id": self.conversation_id,
                "number": written.last_event - self.snapshot_behind,
                "snapshot": json.dumps(self.snapshot, ensure_ascii=False),
            }
            connection.execute(_SNAPSHOT, snapshot)
        return written


def _open(connection: Connection, conversation_id: str, time: float, choices: dict[str, Any]) -> None:
    values = {"id": conversation_id, "time": time, "choices": json.dumps(choices, ensure_ascii=False)}
    connection.execute(_NEW_CONVERSATION, values)


def _numbers(connection: Connection, conversation_id: str) -> Any:
    return connection.execute(_CONVERSATION, {"id": conversation_id}).first()


def _write(
    connection: Connection,
    operation: Start | Commit,
    numbers: Any,
    events: list[dict[str, Any]],
    said: list[Said],
) -> Written:
    """Writes events and messages with the next numbers, and the row of the outbox."""
    key = operation.conversation_id
    if events:
        rows = [
            {
                "id": key,
                "number": number,
                "type": event["event"],
                "timestamp": event["timestamp"],
                "data": json.dumps(event, ensure_ascii=False, separators=(",", ":")),
            }
            for number, event in enumerate(events, numbers.last_event + 1)
        ]
        connection.execute(_EVENT, rows)
    first_seq = max(numbers.last_seq + 1, operation.first_seq)
    pairs = [
        (one, numbered(one, seq))
        for seq, one in enumerate(said, first_seq)
        if not _was_asked(connection, key, one)
    ]
    if pairs:
        rows = [
            {
                "id": key,
                "seq": message["seq"],
                "role": one.role,
                "message_id": one.message_id,
                "time": one.time,
                "body": json.dumps(message, ensure_ascii=False, separators=(",", ":")),
            }
            for one, message in pairs
        ]
        connection.execute(_MESSAGE, rows)
    messages = [message for _, message in pairs]
    last_seq = first_seq + len(said) - 1 if said else numbers.last_seq
    written = Written(numbers.last_event + len(events), last_seq, messages)
    last = {"last_event": written.last_event, "last_seq": written.last_seq, "time": operation.time}
    connection.execute(_NUMBERS, {"id": key, **last})
    first = {"first_event": numbers.last_event + 1, "first_seq": first_seq}
    connection.execute(OUTBOX, {"id": key, "kind": operation.kind, **first, **last})
    return written


def _was_asked(connection: Connection, conversation_id: str, said: Said) -> bool:
    """Returns whether this is a visitor's message that a failed turn has written before."""
    key = {"id": conversation_id, "message_id": said.message_id}
    return said.role == "user" and connection.execute(_ASKED, key).first() is not None
