"""The web chat: the input channel that answers under /chat (`docs/chat-api.md`)."""

import secrets
import time
from asyncio import AbstractEventLoop
from collections.abc import Callable, Mapping

from rasa.core.channels.channel import InputChannel
from sanic import Blueprint, HTTPResponse, Request, Sanic

from assistant.channels.chat_parts import ChatParts
from assistant.channels.chat_setting import DEFAULTS, ChatSettings
from assistant.channels.conversation import Conversations
from assistant.channels.front import Front
from assistant.channels.guard import Guard, Handler, json_response
from assistant.channels.message_route import MessageRoute
from assistant.channels.reply_channel import CHANNEL_NAME
from assistant.channels.session_route import SessionRoute
from assistant.channels.session_token import SessionTokens
from assistant.channels.turn import OnNewMessage, Turns
from assistant.channels.unrouted import cover
from assistant.channels.well_formed_request import WellFormedRequest

URL_PREFIX = "/chat"


class ChatChannel(InputChannel):
    """Rasa input channel for the chat widget and other web clients.

    Args:
        front: the words and safety rules.
        tokens: makes and reads session tokens.
        clean: normalises a typed text.
        settings: limits.
        clock: seconds that never run backwards, for limits.
        now: seconds since 1970, for the time of messages.
        random_hex: random characters, two for each byte asked for.
    """

    def __init__(
        self,
        front: Front,
        tokens: SessionTokens,
        clean: Callable[[str], str],
        settings: ChatSettings = DEFAULTS,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], float] = time.time,
        random_hex: Callable[[int], str] = secrets.token_hex,
    ) -> None:
        self._parts = ChatParts(front, tokens, clean, settings, clock, now, random_hex)
        self._conversations = Conversations(
            settings.conversations, settings.answers, tokens.expires_in, clock
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
        turns = Turns(on_new_message, parts.front, parts.settings.abandon_seconds, parts.now)
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

        @blueprint.listener("before_server_stop")
        async def finish_turns(app: Sanic, loop: AbstractEventLoop) -> None:
            await turns.finish(parts.settings.turn_seconds)

        return blueprint

    def forget_idle(self) -> None:
        """Forgets what was said in conversations that have rested; call it now and then."""
        self._conversations.forget_answers(self._parts.settings.idle_seconds)

    def _handlers(self, turns: Turns) -> dict[str, Mapping[str, Handler]]:
        """Returns for each path under /chat a handler by method."""
        conversations = self._conversations
        return {
            "/info": {"GET": self._info},
            "/session": {"POST": SessionRoute(self._parts, conversations).post},
            "/messages": {"POST": MessageRoute(self._parts, conversations, turns).post},
        }

    async def _info(self, request: Request, body: bytes) -> HTTPResponse:
        return json_response(self._parts.front.info())
