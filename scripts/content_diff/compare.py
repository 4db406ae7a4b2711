"""Which questions get another answer from another content."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from assistant.knowledge import Knowledge
from scripts.content_diff.question import Asked

Reply = dict[str, Any]


class Tells(Protocol):
    """Holds a conversation with a content."""

    async def tell(self, knowledge: Knowledge, turns: Sequence[str]) -> list[list[Reply]]:
        """Returns the replies to each message."""


@dataclass(frozen=True)
class Difference:
    """The old and the new replies to one message."""

    asked: Asked
    turn: int
    old: list[Reply]
    new: list[Reply]


async def compare(teller: Tells, old: Knowledge, new: Knowledge, asked: Sequence[Asked]) -> list[Difference]:
    """Returns the differences in the order of the questions; each turn of a conversation counts."""
    found = []
    for one in asked:
        before, after = await teller.tell(old, one.turns), await teller.tell(new, one.turns)
        found += [
            Difference(one, turn, was, now)
            for turn, (was, now) in enumerate(zip(before, after, strict=True))
            if was != now
        ]
    return found
