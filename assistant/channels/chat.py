"""The web chat: the input channel that answers under /chat (`docs/chat-api.md`)."""

import asyncio
import secrets
import time
from asyncio import AbstractEventLoop
from collections.abc import Callable, Mapping
from pathlib import Path

from rasa.core.channels.channel import InputChannel
from sanic import Blueprint, HTTPResponse, Request, Sanic

from assistant.channels.chat_parts import ChatParts, Locks
from assistant.channels.chat_setting import DEFAULTS, ChatSettings
from assistant.channels.front import Front
from assistant.channels.guard import Guard, Handler, json_response
from assistant.channels.history_route import HistoryRoute
from assistant.channels.limits import Limits
from assistant.channels.message_route import MessageRoute
from assistant.channels.openapi import openapi_document
from assistant.channels.reply_channel import CHANNEL_NAME
from assistant.channels.session_route import SessionRoute
from assistant.channels.session_token import SessionTokens
from assistant.channels.turn import OnNewMessage, Turns
from assistant.channels.unrouted import cover
from assistant.channels.well_formed_request import WellFormedRequest
from assistant.storage.conversation_log import ConversationLog
from assistant.storage.delivery import Delivery

URL_PREFIX = "/chat"
# A message that waits longer than this at the start was left by a process that ended.
RECOVER_SECONDS = 2.0


class ChatChannel(InputChannel):
    """Rasa input channel for the chat widget and other web clients.

    Args:
        front: the words and safety rules.
        tokens: makes and reads session tokens.
        conversations: where conversations are written.
        locks: orders the turns of a conversation.
        delivery: tells listeners what is new.
        clean: normalises a typed text.
        settings: limits.
        clock: seconds that never run backwards, for limits.
        now: seconds since 1970, for the time of messages.
        random_hex: random characters, two for each byte asked for.
        shared: folder in memory that all workers count requests and streams in; None for a
            worker that is alone.
    """

    def __init__(
        self,
        front: Front,
        tokens: SessionTokens,
        conversations: ConversationLog,
        locks: Locks,
        delivery: Delivery,
        clean: Callable[[str], str],
        settings: ChatSettings = DEFAULTS,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], float] = time.time,
        random_hex: Callable[[int], str] = secrets.token_hex,
        shared: Path | None = None,
    ) -> None:
        self._is_stopping = False
        limits = Limits(clock, shared)
        self._parts = ChatParts(
            front,
            tokens,
            conversations,
            locks,
            delivery,
            limits,
            limits.buckets("address", settings.address_limit),
            clean,
            settings,
            now,
            random_hex,
            lambda: self._is_stopping,
        )

    @classmethod
    def name(cls) -> str:
        """See parent class."""
        return CHANNEL_NAME

    def url_prefix(self) -> str:
        """Returns an absolute path, which Rasa does not put under /webhooks."""
        return URL_PREFIX

    def blueprint(self, on_new_message: OnNewMessage) -> Blueprint:
        """Returns the routes; messages go to `on_new_message`, which returns when they are dealt with."""
        parts = self._parts
        guard = Guard(parts.settings, parts.front.error_fields)
        turns = Turns(
            on_new_message,
            parts.front,
            parts.conversations,
            parts.locks,
            parts.delivery,
            parts.settings.abandon_seconds,
            parts.now,
        )
        blueprint = Blueprint("chat")
        for path, handlers in self._handlers(turns).items():
            route = blueprint.route(
                path, methods=[*handlers, "OPTIONS"], name=path.strip("/"), ignore_body=True
            )
            route(guard.route(handlers))

        # Not before: a handler that the server registers after its channels must be seen.
        @blueprint.listener("before_server_start")
        async def guard_app(app: Sanic, loop: AbstractEventLoop) -> None:
            app.request_class = WellFormedRequest
            cover(app, URL_PREFIX, guard.refuse)
            parts.delivery.open()
            app.ctx.recovering = asyncio.create_task(turns.recover(RECOVER_SECONDS))

        @blueprint.listener("before_server_stop")
        async def finish_turns(app: Sanic, loop: AbstractEventLoop) -> None:
            self._is_stopping = True
            app.ctx.recovering.cancel()
            parts.delivery.close()
            await turns.finish(parts.settings.turn_seconds)

        return blueprint

    def _handlers(self, turns: Turns) -> dict[str, Mapping[str, Handler]]:
        """Returns for each path under /chat a handler by method."""
        sessions, history = SessionRoute(self._parts), HistoryRoute(self._parts)
        document = openapi_document()

        async def openapi(request: Request, body: bytes) -> HTTPResponse:
            return json_response(document)

        return {
            "/info": {"GET": self._info},
            "/openapi.json": {"GET": openapi},
            "/session": {"POST": sessions.post, "PATCH": sessions.patch},
            "/session/renew": {"POST": sessions.renew},
            "/messages": {"POST": MessageRoute(self._parts, turns).post},
            "/history": {"GET": history.get},
            "/events": {"GET": history.events},
            "/conversation": {"DELETE": history.delete},
            "/feedback": {"POST": history.feedback},
        }

    async def _info(self, request: Request, body: bytes) -> HTTPResponse:
        return json_response(self._parts.front.info())
