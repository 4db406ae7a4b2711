"""Runs turns: one at a time per conversation, each in a task of its own."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import Any

import structlog
from rasa.core.channels.channel import UserMessage

from assistant.channels.chat_message import ChatMessage
from assistant.channels.conversation import Conversation
from assistant.channels.front import Button, Front
from assistant.channels.log_entry import failure, log_ids
from assistant.channels.message_text import as_plain_text
from assistant.channels.red_flag import red_flag_replies
from assistant.channels.reply_channel import CHANNEL_NAME, ReplyChannel

log = structlog.get_logger()

OnNewMessage = Callable[[UserMessage], Awaitable[Any]]


class TurnFailed(Exception):
    """A turn ended without an answer; holds nothing of the message."""


class TurnAbandoned(TurnFailed):
    """A turn was stopped because it ran too long."""


class Turns:
    """Runs turns through Rasa.

    Sanic cancels a handler when its client drops, so a handler only waits for
    the task that is returned here.

    Args:
        on_new_message: hands a message to Rasa and returns when it is dealt with.
        front: what to say when nothing was said.
        abandon_seconds: how long a turn may run.
        now: seconds since 1970, for the messages' times.
    """

    def __init__(
        self,
        on_new_message: OnNewMessage,
        front: Front,
        abandon_seconds: float,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._on_new_message = on_new_message
        self._front = front
        self._abandon_seconds = abandon_seconds
        self._now = now
        self._running: set[asyncio.Task] = set()

    def start(
        self, conversation: Conversation, message: ChatMessage, button: Button | None = None
    ) -> asyncio.Task[list[dict]]:
        """Returns the task of the turn, which gives its messages or raises TurnFailed."""
        task = asyncio.create_task(self._run(conversation, message, button))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return task

    async def finish(self, seconds: float) -> None:
        """Waits for the running turns, at most this long."""
        if self._running:
            await asyncio.wait(self._running, timeout=seconds)

    async def _run(
        self, conversation: Conversation, message: ChatMessage, button: Button | None
    ) -> list[dict]:
        ids = log_ids(conversation.id, message.id)
        async with conversation.lock:
            channel = ReplyChannel()
            try:
                turn = self._on_new_message(_user_message(conversation, message, button, channel))
                await asyncio.wait_for(turn, self._abandon_seconds)
                replies = channel.replies or self._unanswered(message, ids)
            except asyncio.CancelledError as error:
                log.error("chat.turn.cancel", **ids, **failure(error))
                raise
            except asyncio.TimeoutError as error:
                log.error("chat.turn.abandon", **ids, **failure(error))
                raise TurnAbandoned from None
            except Exception as error:
                log.error("chat.turn.fail", **ids, **failure(error))
                raise TurnFailed from None
            log.info("chat.turn.done", **ids, messages=len(replies))
            return conversation.stamp(replies, self._now())

    def _unanswered(self, message: ChatMessage, ids: dict[str, str]) -> list[dict]:
        log.warning("chat.turn.silent", **ids)
        return red_flag_replies(self._front, message.text, ids) or [self._front.error_reply()]


def _user_message(
    conversation: Conversation, message: ChatMessage, button: Button | None, channel: ReplyChannel
) -> UserMessage:
    return UserMessage(
        text=button.title if button else as_plain_text(message.text),
        output_channel=channel,
        sender_id=conversation.id,
        parse_data=_pressed(button) if button else None,
        input_channel=CHANNEL_NAME,
        message_id=message.id,
        metadata=asdict(conversation.consent),
    )


def _pressed(button: Button) -> dict[str, Any]:
    """Returns what a press means, in the form that Rasa's processor takes in place of its own parsing."""
    intent = {"name": button.intent, "confidence": 1.0}
    return {
        "text": button.title,
        "intent": intent,
        "intent_ranking": [dict(intent)],
        "entities": [],
        "decision": {"by": "button", "rule": None, "level": None, "group": None, "score": 1.0},
    }
