"""What is written to the conversation log, one class for each kind.

Each operation is one transaction, can be turned into JSON and back, and can be applied
twice without harm: an outage is bridged by keeping them in a file and applying them later.
"""

import json
from dataclasses import asdict, dataclass, field
from datetime import datetime, timezone
from typing import Any, ClassVar

from assistant.storage.connection import Connection

WAITING, ANSWERED, FAILED = "waiting", "answered", "failed"
# The tracker state of a conversation without events.
NO_SNAPSHOT = "[]"

_CONVERSATION = "SELECT last_event, last_seq FROM conversation WHERE id = :id"
_NEW_CONVERSATION = (
    "INSERT INTO conversation (id, choices, created, used, last_event, last_seq, snapshot_event, snapshot)"
    " VALUES (:id, :choices, :time, :time, 0, 0, 0, '[]') ON CONFLICT DO NOTHING"
)
_NUMBERS = (
    "UPDATE conversation SET last_event = :last_event, last_seq = :last_seq, used = :time WHERE id = :id"
)
_CHOICES = "UPDATE conversation SET choices = :choices WHERE id = :id"
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
_OUTBOX = (
    "INSERT INTO outbox (conversation_id, kind, first_event, last_event, first_seq, last_seq, created)"
    " VALUES (:id, :kind, :first_event, :last_event, :first_seq, :last_seq, :time)"
)
_INBOUND = (
    "INSERT INTO inbound (conversation_id, message_id, received, state, payload)"
    " VALUES (:id, :message_id, :time, 'waiting', :payload) ON CONFLICT DO NOTHING"
)
_INBOUND_STATE = "SELECT state FROM inbound WHERE conversation_id = :id AND message_id = :message_id"
_INBOUND_AGAIN = (
    "UPDATE inbound SET state = 'waiting', attempts = 1"
    " WHERE conversation_id = :id AND message_id = :message_id AND state = 'failed'"
)
_INBOUND_BEGUN = (
    "UPDATE inbound SET attempts = attempts + 1"
    " WHERE conversation_id = :id AND message_id = :message_id AND state = 'waiting'"
)
_INBOUND_ATTEMPTS = "SELECT attempts FROM inbound WHERE conversation_id = :id AND message_id = :message_id"
_INBOUND_DONE = (
    "UPDATE inbound SET state = :state"
    " WHERE conversation_id = :id AND message_id = :message_id AND state = 'waiting'"
)
_ERASED = "SELECT 1 FROM erased WHERE conversation_id = :id"
_ERASE = tuple(
    f"DELETE FROM {table} WHERE {column} = :id"
    for table, column in (
        ("event", "conversation_id"),
        ("message", "conversation_id"),
        ("inbound", "conversation_id"),
        ("feedback", "conversation_id"),
        ("bad_row", "conversation_id"),
        ("outbox", "conversation_id"),
        ("conversation", "id"),
    )
)
_ERASED_NOW = "INSERT INTO erased (conversation_id, time) VALUES (:id, :time) ON CONFLICT DO NOTHING"
_ROLE = "SELECT role FROM message WHERE conversation_id = :id AND seq = :seq"
_FEEDBACK = (
    "INSERT INTO feedback (conversation_id, seq, helpful, comment, time)"
    " VALUES (:id, :seq, :helpful, :comment, :time) ON CONFLICT (conversation_id, seq)"
    " DO UPDATE SET helpful = excluded.helpful, comment = excluded.comment, time = excluded.time"
)


@dataclass(frozen=True)
class Operation:
    """One thing to write.

    Attributes:
        conversation_id: where it belongs.
        time: seconds since 1970.
    """

    kind: ClassVar[str]
    conversation_id: str
    time: float

    def apply(self, connection: Connection) -> Any:
        """Writes it within the connection's transaction."""
        raise NotImplementedError

    def to_json(self) -> str:
        """Returns the operation as one line."""
        return json.dumps({"kind": self.kind, **asdict(self)}, ensure_ascii=False, separators=(",", ":"))


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
class Receive(Operation):
    """A message has arrived."""

    kind: ClassVar[str] = "receive"
    message_id: str
    payload: dict[str, Any]

    def apply(self, connection: Connection) -> str:
        """Returns the state that the message had: "" for a new one; "erased" where nothing may be written."""
        key = {"id": self.conversation_id, "message_id": self.message_id}
        if connection.execute(_ERASED, {"id": self.conversation_id}).first():
            return "erased"
        row = connection.execute(_INBOUND_STATE, key).first()
        if row is None:
            payload = json.dumps(self.payload, ensure_ascii=False)
            connection.execute(_INBOUND, {**key, "time": self.time, "payload": payload})
            return ""
        if row.state == FAILED:
            connection.execute(_INBOUND_AGAIN, key)
        return str(row.state)


@dataclass(frozen=True)
class Begin(Operation):
    """The turn of a message that was received before is begun once more."""

    kind: ClassVar[str] = "begin"
    message_id: str

    def apply(self, connection: Connection) -> int:
        """Returns how often the turn was begun, this time included."""
        key = {"id": self.conversation_id, "message_id": self.message_id}
        connection.execute(_INBOUND_BEGUN, key)
        row = connection.execute(_INBOUND_ATTEMPTS, key).first()
        return int(row.attempts) if row else 1


@dataclass(frozen=True)
class Said:
    """A message to be numbered: role, the client's id it is or answers, the body, seconds since 1970."""

    role: str
    message_id: str
    body: dict[str, Any]
    time: float


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
            if connection.execute(_ERASED, {"id": self.conversation_id}).first():
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


@dataclass(frozen=True)
class Rate(Operation):
    """A visitor says whether an answer helped."""

    kind: ClassVar[str] = "rate"
    seq: int
    helpful: bool
    comment: str

    def apply(self, connection: Connection) -> bool:
        """Returns whether there is such a message of the assistant or of staff."""
        if not self.is_possible(connection):
            return False
        values = {"seq": self.seq, "helpful": self.helpful, "comment": self.comment, "time": self.time}
        connection.execute(_FEEDBACK, {"id": self.conversation_id, **values})
        numbers = {"first_event": 0, "last_event": 0, "first_seq": self.seq, "last_seq": self.seq}
        connection.execute(
            _OUTBOX, {"id": self.conversation_id, "kind": "rate", "time": self.time, **numbers}
        )
        return True

    def is_possible(self, connection: Connection) -> bool:
        """Returns whether there is such a message of the assistant or of staff."""
        row = connection.execute(_ROLE, {"id": self.conversation_id, "seq": self.seq}).first()
        return row is not None and row.role != "user"


@dataclass(frozen=True)
class Choose(Operation):
    """A visitor changes what the conversation may be used for."""

    kind: ClassVar[str] = "choose"
    choices: dict[str, Any]

    def apply(self, connection: Connection) -> None:
        """Writes the choices; the outbox tells the read model."""
        choices = json.dumps(self.choices, ensure_ascii=False)
        connection.execute(_CHOICES, {"id": self.conversation_id, "choices": choices})
        nothing = {"first_event": 0, "last_event": 0, "first_seq": 0, "last_seq": 0}
        connection.execute(
            _OUTBOX, {"id": self.conversation_id, "kind": self.kind, "time": self.time, **nothing}
        )


@dataclass(frozen=True)
class Erase(Operation):
    """Everything of a conversation is taken away; a mark stays, so that nothing more is written."""

    kind: ClassVar[str] = "erase"

    def apply(self, connection: Connection) -> None:
        """Deletes the rows; the outbox tells the read model to do the same."""
        for statement in _ERASE:
            connection.execute(statement, {"id": self.conversation_id})
        connection.execute(_ERASED_NOW, {"id": self.conversation_id, "time": self.time})
        nothing = {"first_event": 0, "last_event": 0, "first_seq": 0, "last_seq": 0}
        connection.execute(
            _OUTBOX, {"id": self.conversation_id, "kind": "erase", "time": self.time, **nothing}
        )


@dataclass(frozen=True)
class Written:
    """What a write led to.

    Attributes:
        last_event, last_seq: the newest numbers of the conversation.
        messages: what was said, numbered.
    """

    last_event: int
    last_seq: int
    messages: list[dict[str, Any]] = field(default_factory=list)


KINDS: dict[str, type[Operation]] = {
    one.kind: one for one in (Start, Receive, Begin, Commit, Rate, Choose, Erase)
}


def from_json(line: str) -> Operation:
    """Returns the operation of one line; raises ValueError, KeyError or TypeError for any other line."""
    values = json.loads(line)
    return KINDS[values.pop("kind")](**values)


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
    connection.execute(_OUTBOX, {"id": key, "kind": operation.kind, **first, **last})
    return written


def _was_asked(connection: Connection, conversation_id: str, said: Said) -> bool:
    """Returns whether this is a visitor's message that a failed turn has written before."""
    key = {"id": conversation_id, "message_id": said.message_id}
    return said.role == "user" and connection.execute(_ASKED, key).first() is not None


def numbered(said: Said, seq: int) -> dict[str, Any]:
    """Returns the message as clients see it."""
    return {**said.body, "seq": seq, "role": said.role, "time": iso_time(said.time)}


def seconds_of(time: str) -> float:
    """Returns seconds since 1970 of what `iso_time` gave."""
    return datetime.fromisoformat(time.replace("Z", "+00:00")).timestamp()


def iso_time(seconds: float) -> str:
    """Returns seconds since 1970 as ISO 8601 in UTC, to the millisecond."""
    instant = datetime.fromtimestamp(seconds, timezone.utc).isoformat(timespec="milliseconds")
    return instant.replace("+00:00", "Z")
