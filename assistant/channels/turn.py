"""Runs turns: in order within a conversation, each in a task of its own, stored before they are told."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from rasa.core.channels.channel import UserMessage

from assistant.channels.chat_message import ChatMessage
from assistant.channels.chat_parts import Locks
from assistant.channels.front import Button, Front
from assistant.channels.log_entry import failure, log_ids
from assistant.channels.message_text import as_plain_text
from assistant.channels.red_flag import red_flag_replies
from assistant.channels.reply_channel import CHANNEL_NAME, ReplyChannel
from assistant.channels.session_token import Session
from assistant.storage.conversation_log import ConversationLog
from assistant.storage.delivery import Delivery
from assistant.storage.storage_error import StorageFailed
from assistant.storage.stored import Waiting
from assistant.storage.turn_record import RUNNING, TurnRecord

log = structlog.get_logger()

OnNewMessage = Callable[[UserMessage], Awaitable[Any]]
# A message whose turn was begun this often and never ended is not tried again.
MOST_ATTEMPTS = 3

Answer = asyncio.Task[list[dict]]


class TurnFailed(Exception):
    """A turn ended without an answer; holds nothing of the message."""


class TurnAbandoned(TurnFailed):
    """A turn was stopped because it ran too long."""


class Turns:
    """Runs turns through Rasa.

    Sanic cancels a handler when its client drops, so a handler only waits for
    the task that is returned here. Messages that an ended process has left
    without an answer get theirs first.

    Args:
        on_new_message: hands a message to Rasa and returns when it is dealt with.
        front: buttons, and what to say when nothing was said.
        conversations: where turns are stored.
        locks: orders turns.
        delivery: is told of each turn.
        abandon_seconds: how long a turn may run.
        now: seconds since 1970.
        most_attempts: how often the turn of one message is begun.
    """

    def __init__(
        self,
        on_new_message: OnNewMessage,
        front: Front,
        conversations: ConversationLog,
        locks: Locks,
        delivery: Delivery,
        abandon_seconds: float,
        now: Callable[[], float] = time.time,
        most_attempts: int = MOST_ATTEMPTS,
    ) -> None:
        self._on_new_message = on_new_message
        self._front = front
        self._conversations = conversations
        self._locks = locks
        self._delivery = delivery
        self._abandon_seconds = abandon_seconds
        self._now = now
        self._most_attempts = most_attempts
        self._running: dict[tuple[str, str], Answer] = {}

    async def take(self, session: Session, message: ChatMessage) -> Answer | list[dict]:
        """Stores that the message came and returns the task of its turn, or its answer if it has one.

        A message that came before joins its turn or gets its answer again. Raises
        ConversationErased, and StorageFailed when it cannot be stored.
        """
        key = (session.conversation_id, message.id)
        running = self._running.get(key)
        if running is None:
            payload = {"text": message.text, "button": message.button, "choices": session.choices}
            # where the message is not new, another process may have begun its turn
            state = await self._conversations.receive(*key, payload)
            running = self._running.get(key)
            if running is None and state == "answered":
                answer = await self._conversations.answer(*key)
                if answer is not None:
                    return answer
        if running is None:
            waiting = Waiting(message.id, self._now(), payload)
            running = self._start(key, waiting, is_new=state in ("", "failed"))
        return running

    def is_known(self, conversation_id: str, message_id: str) -> bool:
        """Returns whether a turn of this message runs here now."""
        return (conversation_id, message_id) in self._running

    async def recover(self, seconds: float) -> None:
        """Answers the messages that have waited this long; call it at start-up."""
        for conversation_id in await self._conversations.conversations_waiting(seconds):
            for waiting in await self._conversations.waiting(conversation_id):
                key = (conversation_id, waiting.message_id)
                if key not in self._running:
                    log.warning("chat.turn.recover", **log_ids(*key))
                    await asyncio.wait({self._start(key, waiting, is_new=False)})

    async def finish(self, seconds: float) -> None:
        """Waits for the running turns, at most this long."""
        if self._running:
            await asyncio.wait(self._running.values(), timeout=seconds)

    def _start(self, key: tuple[str, str], waiting: Waiting, is_new: bool) -> Answer:
        task = asyncio.create_task(self._run(key, waiting, is_new))
        self._running[key] = task
        task.add_done_callback(lambda done: self._end(key, done))
        return task

    def _end(self, key: tuple[str, str], task: Answer) -> None:
        self._running.pop(key, None)
        if not task.cancelled():
            # Looking at it keeps asyncio from logging it, and with it perhaps a visitor's text.
            task.exception()

    async def _run(self, key: tuple[str, str], own: Waiting, is_new: bool) -> list[dict]:
        conversation_id, message_id = key
        async with self._locks.lock(conversation_id):
            before = await self._conversations.before_turn(conversation_id)
            earlier, last_event = before.waiting, before.last_event
            if all(one.message_id != message_id for one in earlier):
                answer = await self._conversations.answer(*key)
                if answer is not None:
                    return answer
                earlier = [own]
            for waiting in earlier:
                if waiting.message_id == message_id:
                    return await self._begin(conversation_id, waiting, last_event, is_new)
                if (conversation_id, waiting.message_id) not in self._running:
                    try:
                        await self._begin(conversation_id, waiting, last_event, is_new=False)
                    except TurnFailed:
                        continue
                    finally:
                        last_event = None
        raise TurnFailed

    async def _begin(
        self, conversation_id: str, waiting: Waiting, last_event: int | None, is_new: bool
    ) -> list[dict]:
        """Runs a turn, unless it has ended its process too often.

        Each attempt is counted before it is made: a message that kills the worker would else be
        tried again at every start, and keep all others waiting.
        """
        if not is_new:
            try:
                attempts = await self._conversations.begin(conversation_id, waiting.message_id)
            except StorageFailed:
                raise TurnFailed from None
            if attempts > self._most_attempts:
                return await self._give_up(conversation_id, waiting, attempts - 1)
        return await self._turn(conversation_id, waiting, last_event)

    async def _give_up(self, conversation_id: str, waiting: Waiting, attempts: int) -> list[dict]:
        """Answers that something went wrong, without a look at what the message says."""
        ids = log_ids(conversation_id, waiting.message_id)
        log.error("chat.turn.poison", **ids, attempts=attempts)
        record = TurnRecord(conversation_id, waiting.message_id, waiting.received, self._asked(waiting))
        record.replies.append(self._front.error_reply())
        try:
            await self._conversations.commit(record, [])
        except StorageFailed as error:
            log.error("chat.turn.unstored", **ids, **failure(error))
        if not record.messages:
            raise TurnFailed
        self._delivery.tell(conversation_id)
        return record.messages

    def _asked(self, waiting: Waiting) -> dict[str, Any]:
        """Returns the message as clients see it."""
        pressed = waiting.payload["button"]
        button = self._front.button(pressed) if pressed else None
        return {"text": button.title if button else waiting.payload["text"], "id": waiting.message_id}

    async def _turn(self, conversation_id: str, waiting: Waiting, last_event: int | None) -> list[dict]:
        """Runs one turn to its end; whatever happens is stored.

        Args:
            last_event: the newest event's number, None where it may have changed.
        """
        ids = log_ids(conversation_id, waiting.message_id)
        button = self._front.button(waiting.payload["button"]) if waiting.payload["button"] else None
        asked = self._asked(waiting)
        record = TurnRecord(
            conversation_id, waiting.message_id, waiting.received, asked, last_event=last_event
        )
        token = RUNNING.set(record)
        try:
            message = _user_message(conversation_id, waiting, button, ReplyChannel(record.replies))
            await self._hand_over(message)
            await self._complete(record, waiting, ids)
            if not record.messages:
                # erased meanwhile, so there is nothing that could be told
                raise TurnFailed
        except TurnAbandoned as error:
            log.error("chat.turn.abandon", **ids, **failure(error))
            await self._fail(record, ids)
            raise
        except Exception as error:
            log.error("chat.turn.fail", **ids, **failure(error))
            await self._fail(record, ids)
            raise TurnFailed from None
        finally:
            RUNNING.reset(token)
        log.info("chat.turn.done", **ids, messages=len(record.messages))
        self._delivery.tell(conversation_id)
        return record.messages

    async def _hand_over(self, message: UserMessage) -> None:
        """Lets Rasa deal with the message; raises TurnAbandoned, or what Rasa raises.

        A cancellation from within is an error of the turn; one of this task leaves the message waiting.
        """
        rasa = asyncio.ensure_future(self._on_new_message(message))
        try:
            await asyncio.wait({rasa}, timeout=self._abandon_seconds)
        except asyncio.CancelledError:
            rasa.cancel()
            raise
        if not rasa.done():
            rasa.cancel()
            raise TurnAbandoned
        if rasa.cancelled():
            raise TurnFailed
        rasa.result()

    async def _complete(self, record: TurnRecord, waiting: Waiting, ids: dict[str, str]) -> None:
        """Stores what Rasa did not store, and says something where nothing was said."""
        if not record.replies:
            log.warning("chat.turn.silent", **ids)
            text = waiting.payload["text"]
            replies = red_flag_replies(self._front, text, ids) or [self._front.error_reply()]
            if record.messages == []:
                record.messages = await self._conversations.say(
                    record.conversation_id, record.message_id, replies
                )
            record.replies.extend(replies)
        if record.messages is None:
            await self._conversations.commit(record, [])

    async def _fail(self, record: TurnRecord, ids: dict[str, str]) -> None:
        if record.messages is not None:
            return
        record.replies.clear()
        try:
            await self._conversations.fail(record)
        except StorageFailed as error:
            log.error("chat.turn.unstored", **ids, **failure(error))


def _user_message(
    conversation_id: str, waiting: Waiting, button: Button | None, channel: ReplyChannel
) -> UserMessage:
    return UserMessage(
        text=button.title if button else as_plain_text(waiting.payload["text"]),
        output_channel=channel,
        sender_id=conversation_id,
        parse_data=_pressed(button) if button else None,
        input_channel=CHANNEL_NAME,
        message_id=waiting.message_id,
        metadata=waiting.payload["choices"],
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
