"""What can be set on the chat channel."""

from dataclasses import dataclass

from assistant.channels.rate_limit import Limit


@dataclass(frozen=True)
class ChatSettings:
    """Limits of the chat channel; made once at start-up.

    Attributes:
        origins: other web origins that may call the chat.
        trusted_proxies: number of own reverse proxies in front of the server.
        conversation_limit: messages per conversation.
        address_limit: requests with a token per address, messages among them.
        session_limit: new conversations per address.
        turn_seconds: how long a request waits for its answer.
        abandon_seconds: how long a turn may run before it is stopped; until
            then a repeated message waits for it instead of starting another.
        body_seconds: how long a body may take to arrive.
        body_bytes: size of the largest body.
        text_characters: length of the longest text.
        streams: open event streams per conversation.
        heartbeat_seconds: a stream that has nothing to tell sends a comment this often.
    """

    origins: tuple[str, ...] = ()
    trusted_proxies: int = 0
    conversation_limit: Limit = Limit(per_minute=30, burst=10)
    address_limit: Limit = Limit(per_minute=240, burst=60)
    session_limit: Limit = Limit(per_minute=20, burst=20)
    turn_seconds: float = 10
    abandon_seconds: float = 30
    body_seconds: float = 20
    body_bytes: int = 16_384
    text_characters: int = 1_000
    streams: int = 5
    # Sanic closes a response on which nothing was sent for 60 seconds, and proxies do the same.
    heartbeat_seconds: float = 15


DEFAULTS = ChatSettings()
