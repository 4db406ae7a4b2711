"""What the channel holds in memory of each conversation."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timezone

from assistant.channels.consent import Consent
from assistant.channels.duplicates import Duplicates


@dataclass
class Conversation:
    """One conversation: its choices, its lock, the answers given, the number of messages so far."""

    id: str
    consent: Consent
    answers: Duplicates
    used_at: float
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    seq: int = 0

    def stamp(self, replies: Iterable[dict], now: float) -> list[dict]:
        """Returns the replies as messages with the next numbers.

        Args:
            replies: left as they are; they may be shared between conversations.
            now: seconds since 1970.
        """
        instant = datetime.fromtimestamp(now, timezone.utc).isoformat(timespec="milliseconds")
        time = instant.replace("+00:00", "Z")
        messages = []
        for reply in replies:
            self.seq += 1
            messages.append({**reply, "seq": self.seq, "role": "assistant", "time": time})
        return messages


class Conversations:
    """Conversations by id, in memory.

    Args:
        size: number held; beyond it the longest unused is dropped. One whose
            turn runs is never dropped, so that its messages keep their order.
        answers: number of answers held per conversation.
        idle_seconds: after this time without use a conversation is dropped.
            Not below the life of a token, or its numbering would start anew.
        clock: seconds that never run backwards.
    """

    def __init__(self, size: int, answers: int, idle_seconds: float, clock: Callable[[], float]) -> None:
        self._size = size
        self._answers = answers
        self._idle_seconds = idle_seconds
        self._clock = clock
        self._held: OrderedDict[str, Conversation] = OrderedDict()

    def start(self, conversation_id: str, consent: Consent) -> Conversation:
        """Returns a new conversation."""
        conversation = Conversation(conversation_id, consent, Duplicates(self._answers), self._clock())
        self._held[conversation_id] = conversation
        self._drop()
        return conversation

    def get(self, conversation_id: str) -> Conversation:
        """Returns the conversation; one that is no longer held begins again without its choices."""
        conversation = self._held.get(conversation_id)
        if conversation is None:
            return self.start(conversation_id, Consent.of_conversation(conversation_id))
        conversation.used_at = self._clock()
        self._held.move_to_end(conversation_id)
        self._drop()
        return conversation

    def forget_answers(self, idle_seconds: float) -> None:
        """Clears the answers of conversations unused for that long; their numbering goes on."""
        oldest = self._clock() - idle_seconds
        for conversation in self._held.values():
            if conversation.used_at < oldest:
                conversation.answers.clear()

    def _drop(self) -> None:
        """Drops what is idle or too much, oldest first, and stops at the first that may stay."""
        stale = self._clock() - self._idle_seconds
        for conversation in list(self._surplus(stale)):
            del self._held[conversation.id]

    def _surplus(self, stale: float) -> Iterable[Conversation]:
        surplus = len(self._held) - self._size
        for conversation in self._held.values():
            if surplus <= 0 and conversation.used_at >= stale:
                return
            if not conversation.answers.is_waiting():
                surplus -= 1
                yield conversation

    def __len__(self) -> int:
        return len(self._held)
