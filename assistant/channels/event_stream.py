"""Answers as a stream of server-sent events (WHATWG HTML, section 9.2)."""

import json
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from typing import Any

HEARTBEAT = ": still here\n\n"
CONTENT_TYPE = "text/event-stream; charset=utf-8"


@dataclass(frozen=True)
class EventStream:
    """A response that is sent piece by piece.

    Attributes:
        frames: the pieces, each one or more whole frames.
        end: called once, when the stream has ended, even before its first piece.
    """

    frames: AsyncGenerator[str, None]
    end: Callable[[], None] = lambda: None


def frame(event: str, data: Any = None, seq: int | None = None) -> str:
    """Returns one frame; `seq` becomes the id that a client resumes from."""
    head = f"id: {seq}\n" if seq is not None else ""
    body = json.dumps({} if data is None else data, ensure_ascii=False, separators=(",", ":"))
    return f"{head}event: {event}\ndata: {body}\n\n"


def message_frames(messages: list[dict]) -> str:
    """Returns the frames of these messages; one that could not be stored has no id to resume from."""
    return "".join(frame("message", message, message["seq"] or None) for message in messages)
