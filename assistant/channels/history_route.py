"""What was said: history, new messages as they come, erasing, ratings."""

import asyncio
from collections.abc import AsyncGenerator

import structlog
from sanic import HTTPResponse, Request

from assistant.channels.chat_parts import ChatParts
from assistant.channels.event_stream import HEARTBEAT, EventStream, message_frames
from assistant.channels.guard import json_response
from assistant.channels.log_entry import short_hash
from assistant.channels.message_text import without_surrogates
from assistant.channels.problem import Problem, unavailable
from assistant.channels.session_token import Session
from assistant.channels.strict_json import read_json
from assistant.channels.visitor import admit, check_address, no_session, session_of
from assistant.storage.database import DatabaseDown
from assistant.storage.storage_error import StorageFailed

log = structlog.get_logger()

LARGEST_SEQ = 2**31 - 1


class HistoryRoute:
    """Reads and erases a conversation for its visitor."""

    def __init__(self, parts: ChatParts) -> None:
        """Takes what the routes share."""
        self._parts = parts
        self._streams = parts.limits.streams(parts.settings.streams)

    async def get(self, request: Request, body: bytes) -> HTTPResponse:
        """Answers 200 with the messages after `?after=`, 500 at most, the visitor's own among them."""
        session = await admit(request, self._parts)
        return json_response({"messages": await self._messages(session, _after(request))})

    async def events(self, request: Request, body: bytes) -> EventStream:
        """Streams every message after `Last-Event-ID`, or else after `?after=`, as it comes."""
        session = await admit(request, self._parts)
        last = request.headers.get("last-event-id")
        after = _seq(last, "last-event-id") if last else _after(request)
        place = self._streams.take(session.conversation_id)
        if place is None:
            raise Problem("too-many-requests", "Close a stream first.", headers={"Retry-After": "5"})
        return EventStream(self._events(session, after), place.leave)

    async def delete(self, request: Request, body: bytes) -> HTTPResponse:
        """Answers 204 when everything of the conversation is erased, and again when it is repeated."""
        check_address(request, self._parts)
        session = session_of(request, self._parts.tokens)
        try:
            await self._parts.conversations.erase(session.conversation_id)
        except StorageFailed:
            raise unavailable() from None
        self._parts.delivery.tell(session.conversation_id)
        log.info("chat.conversation.erase", conversation=short_hash(session.conversation_id))
        return HTTPResponse(status=204)

    async def feedback(self, request: Request, body: bytes) -> HTTPResponse:
        """Answers 204 when a rating is stored; the latest one of a message counts."""
        session = await admit(request, self._parts)
        fields = read_json(request.headers, body)
        seq, helpful, comment = fields.get("seq"), fields.get("helpful"), fields.get("comment", "")
        if isinstance(seq, bool) or not isinstance(seq, int) or not 0 < seq <= LARGEST_SEQ:
            raise Problem("bad-field", "Send the number of the message.", field="seq")
        if not isinstance(helpful, bool):
            raise Problem("bad-field", "Send true or false.", field="helpful")
        text = self._comment(comment)
        try:
            found = await self._parts.conversations.rate(session.conversation_id, seq, helpful, text)
        except StorageFailed:
            raise unavailable() from None
        if not found:
            raise Problem("bad-field", "Send the number of a message of the assistant.", field="seq")
        return HTTPResponse(status=204)

    def _comment(self, comment: object) -> str:
        """Returns the cleaned comment; raises Problem."""
        most = self._parts.settings.text_characters
        text = self._parts.clean(without_surrogates(comment)) if isinstance(comment, str) else ""
        if not isinstance(comment, str) or max(len(comment), len(text)) > most:
            raise Problem("bad-field", f"Send a comment of at most {most:,} characters.", field="comment")
        return text

    async def _events(self, session: Session, after: int) -> AsyncGenerator[str, None]:
        conversation_id = session.conversation_id
        news = self._parts.delivery.listen(conversation_id)
        try:
            yield HEARTBEAT
            while (left := session.expires - self._parts.now()) > 0 and not self._parts.is_stopping():
                news.clear()
                messages = await self._messages(session, after)
                if messages:
                    after = messages[-1]["seq"]
                    yield message_frames(messages)
                    # there may be more of them than are read at once
                    continue
                try:
                    await asyncio.wait_for(news.wait(), min(left, self._parts.settings.heartbeat_seconds))
                except asyncio.TimeoutError:
                    yield HEARTBEAT
        finally:
            self._parts.delivery.leave(conversation_id, news)

    async def _messages(self, session: Session, after: int) -> list[dict]:
        """Returns the messages after this number; raises Problem."""
        conversations = self._parts.conversations
        try:
            messages = await conversations.messages(session.conversation_id, after)
            if not messages and await conversations.is_erased(session.conversation_id):
                raise no_session()
        except DatabaseDown:
            raise unavailable() from None
        return messages


def _after(request: Request) -> int:
    return _seq(request.args.get("after", "0"), "after")


def _seq(text: str, field: str) -> int:
    # Python refuses to read a number of thousands of digits
    is_number = text.isascii() and text.isdigit() and len(text) <= len(str(LARGEST_SEQ))
    if not is_number or int(text) > LARGEST_SEQ:
        raise Problem("bad-field", "Send the number of a message.", field=field)
    return int(text)
