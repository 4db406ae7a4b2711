"""What is written to the conversation log.

Each operation is one transaction, can be turned into JSON and back, and can be applied
twice without harm: an outage is bridged by keeping them in a file and applying them later.
"""

import json
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

from assistant.storage.connection import Connection

ANSWERED, FAILED = "answered", "failed"

OUTBOX = (
    "INSERT INTO outbox (conversation_id, kind, first_event, last_event, first_seq, last_seq, created)"
    " VALUES (:id, :kind, :first_event, :last_event, :first_seq, :last_seq, :time)"
)
ERASED = "SELECT 1 FROM erased WHERE conversation_id = :id"


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
