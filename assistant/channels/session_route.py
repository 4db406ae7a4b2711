"""POST /chat/session: a visitor starts a conversation."""

import structlog
from sanic import HTTPResponse, Request

from assistant.channels.chat_parts import ChatParts
from assistant.channels.consent import read_consent
from assistant.channels.conversation import Conversations
from assistant.channels.guard import json_response
from assistant.channels.log_entry import short_hash
from assistant.channels.rate_limit import TokenBuckets, too_many
from assistant.channels.strict_json import read_json
from assistant.channels.visitor import address_of

log = structlog.get_logger()


class SessionRoute:
    """Makes conversations and their tokens."""

    def __init__(self, parts: ChatParts, conversations: Conversations) -> None:
        self._parts = parts
        self._conversations = conversations
        self._by_address = TokenBuckets(parts.settings.session_limit, parts.clock)

    async def post(self, request: Request, body: bytes) -> HTTPResponse:
        """Answers 201 with a token and the welcome; an empty body takes all defaults."""
        parts = self._parts
        wait = self._by_address.take(address_of(request, parts.settings.trusted_proxies))
        if wait:
            raise too_many(wait)
        consent = read_consent(read_json(request.headers, body) if body else {})
        welcome = parts.front.welcome()
        conversation = self._conversations.start(consent.new_conversation_id(parts.random_hex), consent)
        log.info("chat.session.start", conversation=short_hash(conversation.id), consent=consent.consent)
        session = {
            "token": parts.tokens.issue(conversation.id),
            "expires_in": parts.tokens.expires_in,
            "messages": conversation.stamp(welcome, parts.now()),
        }
        return json_response(session, status=201)
