"""What this process knows of the conversations that it wrote to, for an outage."""

from collections import OrderedDict
from dataclasses import dataclass, field

from assistant.storage.said import Written

MOST = 10_000


@dataclass
class Known:
    """The newest numbers, and those of the replies."""

    last_event: int = 0
    last_seq: int = 0
    replies: set[int] = field(default_factory=set)


class KnownConversations:
    """The conversations that were written to last, at most 10,000."""

    def __init__(self) -> None:
        """See class."""
        self._known: OrderedDict[str, Known] = OrderedDict()

    def get(self, conversation_id: str) -> Known | None:
        """Returns what is known of a conversation, None where nothing is."""
        return self._known.get(conversation_id)

    def add(self, conversation_id: str, written: Written) -> None:
        """Remembers what a write led to."""
        known = self._known.setdefault(conversation_id, Known())
        known.last_event, known.last_seq = written.last_event, written.last_seq
        known.replies.update(one["seq"] for one in written.messages if one["role"] != "user")
        self._known.move_to_end(conversation_id)
        if len(self._known) > MOST:
            self._known.popitem(last=False)

    def forget(self, conversation_id: str) -> None:
        """Drops a conversation."""
        self._known.pop(conversation_id, None)
