"""POST /chat/messages: a visitor says something and gets the answer."""

import asyncio

from sanic import HTTPResponse, Request

from assistant.channels.chat_message import ChatMessage, read_message
from assistant.channels.chat_parts import ChatParts
from assistant.channels.conversation import Conversation, Conversations
from assistant.channels.duplicates import Answer
from assistant.channels.front import Button
from assistant.channels.guard import json_response
from assistant.channels.log_entry import log_ids
from assistant.channels.problem import Problem
from assistant.channels.rate_limit import TokenBuckets, too_many
from assistant.channels.red_flag import red_flag_replies
from assistant.channels.strict_json import read_json
from assistant.channels.turn import TurnAbandoned, Turns
from assistant.channels.visitor import address_of, conversation_of

RETRY_SECONDS = 2


class MessageRoute:
    """Takes messages in, has turns run, gives answers out.

    Whatever keeps a text from its turn, a red flag in it is answered.
    """

    def __init__(self, parts: ChatParts, conversations: Conversations, turns: Turns) -> None:
        self._front = parts.front
        self._tokens = parts.tokens
        self._clean = parts.clean
        self._settings = parts.settings
        self._now = parts.now
        self._conversations = conversations
        self._turns = turns
        self._by_conversation = TokenBuckets(parts.settings.conversation_limit, parts.clock)
        self._by_address = TokenBuckets(parts.settings.address_limit, parts.clock)

    async def post(self, request: Request, body: bytes) -> HTTPResponse:
        """Answers 200 with the messages that answer this one; a repeated id gets the same again."""
        conversation_id = conversation_of(request, self._tokens)
        wait = self._by_address.take(address_of(request, self._settings.trusted_proxies))
        message = read_message(read_json(request.headers, body), self._clean)
        conversation = self._conversations.get(conversation_id)
        answer = conversation.answers.get(message.id)
        if answer is None:
            wait = wait or self._by_conversation.take(conversation_id)
            if wait:
                return self._refuse(conversation, message, too_many(wait))
            if message.characters > self._settings.text_characters:
                return self._refuse(conversation, message, self._too_long())
            answer = self._turns.start(conversation, message, self._button(message))
            conversation.answers.put(message.id, answer)
        return await self._wait(conversation, message, answer)

    def _button(self, message: ChatMessage) -> Button | None:
        if not message.button:
            return None
        button = self._front.button(message.button)
        if button is None:
            raise Problem("bad-field", "Send the id of a button that a message offered.", field="button")
        return button

    async def _wait(self, conversation: Conversation, message: ChatMessage, answer: Answer) -> HTTPResponse:
        # Unlike wait_for, this leaves the turn alone when time is up or the client drops.
        await asyncio.wait({answer}, timeout=self._settings.turn_seconds)
        if answer.done() and not answer.cancelled() and answer.exception() is None:
            return _messages(answer.result())
        replies = self._scan(conversation, message)
        if replies:
            return _messages(conversation.stamp(replies, self._now()))
        if answer.done() and (answer.cancelled() or not isinstance(answer.exception(), TurnAbandoned)):
            raise Problem("failed", "Send the message again, with the same id.")
        retry = {"Retry-After": str(RETRY_SECONDS)}
        raise Problem("turn-too-slow", "Send the message again, with the same id.", headers=retry)

    def _refuse(self, conversation: Conversation, message: ChatMessage, problem: Problem) -> HTTPResponse:
        """Answers a red flag in a message that gets no turn; raises `problem` if there is none."""
        replies = self._scan(conversation, message)
        if not replies:
            raise problem
        answer: Answer = asyncio.get_running_loop().create_future()
        answer.set_result(conversation.stamp(replies, self._now()))
        conversation.answers.put(message.id, answer)
        return _messages(answer.result())

    def _scan(self, conversation: Conversation, message: ChatMessage) -> list[dict]:
        return red_flag_replies(self._front, message.text, log_ids(conversation.id, message.id))

    def _too_long(self) -> Problem:
        detail = f"Send at most {self._settings.text_characters:,} characters."
        return Problem("text-too-long", detail, field="text")


def _messages(messages: list[dict]) -> HTTPResponse:
    return json_response({"messages": messages})
