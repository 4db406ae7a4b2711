"""What the routes of the chat share."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from assistant.channels.chat_setting import ChatSettings
from assistant.channels.front import Front
from assistant.channels.limits import Buckets, Limits
from assistant.channels.session_token import SessionTokens
from assistant.storage.conversation_log import ConversationLog
from assistant.storage.delivery import Delivery


class Locks(Protocol):
    """What orders the turns of a conversation, also across processes."""

    def lock(self, conversation_id: str) -> AbstractAsyncContextManager[Any]:
        """Waits for the conversation's turn."""


@dataclass(frozen=True)
class ChatParts:
    """What a chat channel is made of.

    Attributes:
        front: the words and safety rules.
        tokens: makes and reads session tokens.
        conversations: where conversations are written.
        locks: orders the turns of a conversation.
        delivery: tells listeners what is new.
        limits: makes counters.
        by_address: counts the requests of each address.
        clean: normalises a typed text.
        settings: limits.
        now: seconds since 1970, for the time of messages.
        random_hex: random characters, two for each byte asked for.
        is_stopping: whether the server is about to end.
    """

    front: Front
    tokens: SessionTokens
    conversations: ConversationLog
    locks: Locks
    delivery: Delivery
    limits: Limits
    by_address: Buckets
    clean: Callable[[str], str]
    settings: ChatSettings
    now: Callable[[], float]
    random_hex: Callable[[int], str]
    is_stopping: Callable[[], bool]
