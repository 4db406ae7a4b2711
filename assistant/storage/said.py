"""What is said in a conversation, as it is stored and as clients see it."""

from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any


@dataclass(frozen=True)
class Said:
    """A message to be numbered: role, the client's id it is or answers, the body, seconds since 1970."""

    role: str
    message_id: str
    body: dict[str, Any]
    time: float


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
