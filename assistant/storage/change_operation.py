"""A visitor rates an answer, chooses anew, or has everything erased."""

import json
from dataclasses import dataclass
from typing import Any, ClassVar

from assistant.storage.connection import Connection
from assistant.storage.operation import OUTBOX, Operation

_CHOICES = "UPDATE conversation SET choices = :choices WHERE id = :id"
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
        connection.execute(OUTBOX, {"id": self.conversation_id, "kind": "rate", "time": self.time, **numbers})
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
            OUTBOX, {"id": self.conversation_id, "kind": self.kind, "time": self.time, **nothing}
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
            OUTBOX, {"id": self.conversation_id, "kind": "erase", "time": self.time, **nothing}
        )
