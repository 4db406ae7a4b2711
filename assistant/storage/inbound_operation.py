"""A message has come, and its turn is begun."""

import json
from dataclasses import dataclass
from typing import Any, ClassVar

from assistant.storage.connection import Connection
from assistant.storage.operation import ERASED, FAILED, Operation

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


@dataclass(frozen=True)
class Receive(Operation):
    """A message has arrived."""

    kind: ClassVar[str] = "receive"
    message_id: str
    payload: dict[str, Any]

    def apply(self, connection: Connection) -> str:
        """Returns the state that the message had: "" for a new one; "erased" where nothing may be written."""
        key = {"id": self.conversation_id, "message_id": self.message_id}
        if connection.execute(ERASED, {"id": self.conversation_id}).first():
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
