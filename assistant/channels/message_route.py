"""POST /chat/messages: a visitor says something and gets the answer."""

import asyncio
from collections.abc import AsyncGenerator

import structlog
from sanic import HTTPResponse, Request

from assistant.channels.chat_message import ChatMessage, read_message
from assistant.channels.chat_parts import ChatParts
from assistant.channels.event_stream import HEARTBEAT, EventStream, frame, message_frames
from assistant.channels.guard import json_response
from assistant.channels.log_entry import failure, log_ids
from assistant.channels.problem import Problem
from assistant.channels.rate_limit import too_many
from assistant.channels.red_flag import red_flag_replies
from assistant.channels.session_token import Session
from assistant.channels.strict_json import read_json
from assistant.channels.turn import Answer, TurnAbandoned, Turns
from assistant.channels.visitor import address_of, is_erased, no_session, session_of
from assistant.storage.said import Said, numbered
from assistant.storage.storage_error import ConversationErased, StorageFailed

RETRY_SECONDS = 2
UNSTORED_SEQ = 0

log = structlog.get_logger()


class MessageRoute:
    """Takes messages in, has turns run, gives answers out.

    Whatever keeps a text from its turn, a red flag in it is answered.
    """

    def __init__(self, parts: ChatParts, turns: Turns) -> None:
        """Takes what the routes share."""
        self._parts = parts
        self._turns = turns
        self._by_conversation = parts.limits.buckets("conversation", parts.settings.conversation_limit)

    async def post(self, request: Request, body: bytes) -> HTTPResponse | EventStream:
        """Answers 200 with the messages that answer this one; a repeated id gets the same again."""
        settings = self._parts.settings
        wait = self._parts.by_address.take(address_of(request, settings.trusted_proxies))
        session = session_of(request, self._parts.tokens)
        message = read_message(read_json(request.headers, body), self._parts.clean)
        if message.button and self._parts.front.button(message.button) is None:
            raise Problem("bad-field", "Send the id of a button that a message offered.", field="button")
        if not self._turns.is_known(session.conversation_id, message.id):
            wait = wait or self._by_conversation.take(session.conversation_id)
            if wait:
                return _tell(request, await self._refuse(session, message, too_many(wait)))
            if message.characters > settings.text_characters:
                return _tell(request, await self._refuse(session, message, self._too_long()))
        answer = await self._take(session, message)
        if isinstance(answer, list):
            return _tell(request, answer)
        if _wants_stream(request):
            return EventStream(self._frames(session, message, answer))
        return _tell(request, await self._wait(session, message, answer, settings.turn_seconds))

    async def _take(self, session: Session, message: ChatMessage) -> Answer | list[dict]:
        try:
            return await self._turns.take(session, message)
        except ConversationErased:
            raise no_session() from None
        except StorageFailed:
            replies = self._scan(session, message)
            if replies:
                # an emergency is answered even where nothing can be stored
                return self._unstored(replies)
            raise Problem(
                "unavailable", "Send the message again, with the same id.", headers=_retry()
            ) from None

    async def _wait(
        self, session: Session, message: ChatMessage, answer: Answer, seconds: float
    ) -> list[dict]:
        """Returns the answer; raises Problem when there is none in time."""
        # Unlike wait_for, this leaves the turn alone when time is up or the client drops.
        await asyncio.wait({answer}, timeout=seconds)
        if answer.done() and not answer.cancelled() and answer.exception() is None:
            return answer.result()
        if await is_erased(session, self._parts.conversations):
            raise no_session()
        replies = self._scan(session, message)
        if replies:
            return await self._say(session, message, replies)
        if answer.done() and (answer.cancelled() or not isinstance(answer.exception(), TurnAbandoned)):
            raise Problem("failed", "Send the message again, with the same id.")
        raise Problem("turn-too-slow", "Send the message again, with the same id.", headers=_retry())

    async def _frames(
        self, session: Session, message: ChatMessage, answer: Answer
    ) -> AsyncGenerator[str, None]:
        """Yields `typing`, comments while the turn runs, and the messages; raises Problem as `_wait`."""
        pause, left = self._parts.settings.heartbeat_seconds, self._parts.settings.turn_seconds
        yield frame("typing")
        while left > pause:
            await asyncio.wait({answer}, timeout=pause)
            if answer.done():
                break
            left -= pause
            yield HEARTBEAT
        yield message_frames(await self._wait(session, message, answer, left))

    async def _refuse(self, session: Session, message: ChatMessage, problem: Problem) -> list[dict]:
        """Returns the answer that is there already, or the one to a red flag; else raises `problem`."""
        if await is_erased(session, self._parts.conversations):
            raise no_session()
        answer = await self._parts.conversations.answer(session.conversation_id, message.id)
        if answer is not None:
            return answer
        replies = self._scan(session, message)
        if not replies:
            raise problem
        return await self._say(session, message, replies)

    async def _say(self, session: Session, message: ChatMessage, replies: list[dict]) -> list[dict]:
        try:
            messages = await self._parts.conversations.say(session.conversation_id, message.id, replies)
        except StorageFailed as error:
            ids = log_ids(session.conversation_id, message.id)
            log.error("chat.turn.unstored", **ids, **failure(error))
            return self._unstored(replies)
        self._parts.delivery.tell(session.conversation_id)
        return messages

    def _unstored(self, replies: list[dict]) -> list[dict]:
        """Returns the replies as messages without a number in the conversation."""
        now = self._parts.now()
        return [numbered(Said("assistant", "", reply, now), UNSTORED_SEQ) for reply in replies]

    def _scan(self, session: Session, message: ChatMessage) -> list[dict]:
        ids = log_ids(session.conversation_id, message.id)
        return red_flag_replies(self._parts.front, message.text, ids)

    def _too_long(self) -> Problem:
        detail = f"Send at most {self._parts.settings.text_characters:,} characters."
        return Problem("text-too-long", detail, field="text")


def _wants_stream(request: Request) -> bool:
    return "text/event-stream" in request.headers.get("accept", "").lower()


def _tell(request: Request, messages: list[dict]) -> HTTPResponse | EventStream:
    """Returns the messages in the form that the client asks for."""
    return (
        EventStream(_frames_of(messages)) if _wants_stream(request) else json_response({"messages": messages})
    )


async def _frames_of(messages: list[dict]) -> AsyncGenerator[str, None]:
    yield message_frames(messages)


def _retry() -> dict[str, str]:
    return {"Retry-After": str(RETRY_SECONDS)}
