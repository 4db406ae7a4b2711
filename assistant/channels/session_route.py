"""/chat/session: a visitor starts a conversation, renews its token, changes what may be kept."""

from dataclasses import asdict, replace

import structlog
from sanic import HTTPResponse, Request

from assistant.channels.chat_parts import ChatParts
from assistant.channels.consent import Consent, read_choices, read_consent
from assistant.channels.guard import json_response
from assistant.channels.log_entry import short_hash
from assistant.channels.problem import unavailable
from assistant.channels.rate_limit import too_many
from assistant.channels.session_token import Session
from assistant.channels.strict_json import read_json
from assistant.channels.visitor import address_of, admit, is_erased, no_session
from assistant.storage.said import Said, numbered
from assistant.storage.storage_error import ConversationErased, StorageFailed

log = structlog.get_logger()


class SessionRoute:
    """Makes conversations and their tokens."""

    def __init__(self, parts: ChatParts) -> None:
        """Takes what the routes share."""
        self._parts = parts
        self._by_address = parts.limits.buckets("session", parts.settings.session_limit)

    async def post(self, request: Request, body: bytes) -> HTTPResponse:
        """Answers 201 with a token and the welcome; an empty body takes all defaults."""
        parts = self._parts
        wait = self._by_address.take(address_of(request, parts.settings.trusted_proxies))
        if wait:
            raise too_many(wait)
        consent = read_consent(read_json(request.headers, body) if body else {})
        conversation_id = consent.new_conversation_id(parts.random_hex)
        welcome = parts.front.welcome()
        try:
            messages = await parts.conversations.start(conversation_id, asdict(consent), welcome)
        except StorageFailed:
            # a visitor can still be told what to do in an emergency
            messages = [
                numbered(Said("assistant", "", reply, parts.now()), seq)
                for seq, reply in enumerate(welcome, 1)
            ]
        log.info("chat.session.start", conversation=short_hash(conversation_id), consent=consent.consent)
        return self._token(conversation_id, consent, {"messages": messages}, status=201)

    async def renew(self, request: Request, body: bytes) -> HTTPResponse:
        """Answers 200 with a token that is good from now on."""
        session = await admit(request, self._parts)
        return self._token(session.conversation_id, Consent(**session.choices), {})

    async def patch(self, request: Request, body: bytes) -> HTTPResponse:
        """Answers 200 with a token after the visitor's choices have changed.

        From ephemeral to keep, what was said so far is kept too; from keep to ephemeral,
        everything is erased and a new conversation begins.
        """
        session = await admit(request, self._parts)
        before = Consent(**session.choices)
        after = replace(before, **read_choices(read_json(request.headers, body)))
        conversation_id = session.conversation_id
        try:
            if before.consent != after.consent:
                conversation_id = after.new_conversation_id(self._parts.random_hex)
                await self._move(session, conversation_id, after)
            else:
                await self._parts.conversations.choose(conversation_id, asdict(after))
        except ConversationErased:
            raise no_session() from None
        except StorageFailed:
            raise unavailable() from None
        log.info("chat.session.change", conversation=short_hash(conversation_id), consent=after.consent)
        return self._token(conversation_id, after, {})

    async def _move(self, session: Session, new_id: str, after: Consent) -> None:
        """Goes on under a new id, when the turn that runs is done."""
        conversations, old_id = self._parts.conversations, session.conversation_id
        async with self._parts.locks.lock(old_id):
            if await is_erased(session, conversations):
                raise ConversationErased
            if after.consent == "keep":
                await conversations.copy(old_id, new_id, asdict(after))
            else:
                await conversations.start(new_id, asdict(after), [])
            await conversations.erase(old_id)
        self._parts.delivery.tell(old_id)

    def _token(self, conversation_id: str, consent: Consent, more: dict, status: int = 200) -> HTTPResponse:
        tokens = self._parts.tokens
        choices = asdict(consent)
        session = {"token": tokens.issue(conversation_id, choices), "expires_in": tokens.expires_in}
        return json_response({**session, "consent": consent.consent, **more}, status=status)
