"""What is known of the turn that runs: the link between the channel and the tracker store."""

from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any


@dataclass
class TurnRecord:
    """One turn.

    Rasa saves a tracker when a turn ends, and knows nothing of messages; the tracker store
    writes them in the same transaction because it finds them here.

    Attributes:
        conversation_id: the conversation.
        message_id: the client's id of the message.
        received: when it came, seconds since 1970.
        asked: the message as clients see it, without number and time.
        replies: what was said so far; the output channel adds to it.
        messages: the numbered replies, None until they are stored.
        last_event: number of the conversation's newest event, None if it is to be looked up.
    """

    conversation_id: str
    message_id: str
    received: float
    asked: dict[str, Any]
    replies: list[dict[str, Any]] = field(default_factory=list)
    messages: list[dict[str, Any]] | None = None
    last_event: int | None = None


RUNNING: ContextVar[TurnRecord | None] = ContextVar("running_turn", default=None)
"""The turn of the task that reads it."""
