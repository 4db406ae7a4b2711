"""Puts agent, channel and page together as one Sanic app."""

import asyncio
from asyncio import AbstractEventLoop
from dataclasses import replace

from rasa.core.agent import Agent
from rasa.core.channels import channel
from sanic import HTTPResponse, Request, Sanic
from sanic.exceptions import MethodNotSupported, NotFound, SanicException
from sanic.response import json as json_response

from assistant.channels.chat import ChatChannel
from assistant.channels.chat_setting import ChatSettings
from assistant.channels.front import Front
from assistant.channels.rate_limit import Limit
from assistant.channels.session_token import SessionTokens
from assistant.language.text import clean
from assistant.server.page import attach_page
from assistant.server.signing_key import load_signing_key
from assistant.settings import Settings

FORGET_SECONDS = 60


def create_app(settings: Settings, agent: Agent, front: Front, name: str = "mesoguide") -> Sanic:
    """Returns the app: `/chat/…` and a page to try it at `/`.

    Rasa's own `configure_app` is not used: it owns `/`, and its HTTP API and
    stock channels stay off.
    """
    app = Sanic(name, configure_logging=False)
    app.config.ACCESS_LOG = False
    app.config.FALLBACK_ERROR_FORMAT = "json"
    app.ctx.agent = agent
    tokens = SessionTokens(load_signing_key(settings.state_dir))
    chat = ChatChannel(front, tokens, clean, chat_settings(settings))
    channel.register([chat], app, route="/webhooks/")
    attach_page(app, front.info)

    # Sanic's own answers repeat the path that was asked for
    @app.exception(NotFound, MethodNotSupported)
    async def refuse(request: Request, error: SanicException) -> HTTPResponse:
        return json_response({"title": "Not found"}, status=error.status_code)

    @app.after_server_start
    async def forget(running: Sanic, _: AbstractEventLoop) -> None:
        running.ctx.forgetting = asyncio.create_task(_forget_idle(agent, chat))

    @app.before_server_stop
    async def stop_forgetting(running: Sanic, _: AbstractEventLoop) -> None:
        running.ctx.forgetting.cancel()

    return app


async def _forget_idle(agent: Agent, chat: ChatChannel) -> None:
    """Keeps the promise that an ephemeral chat is gone half an hour after its last message."""
    while True:
        await asyncio.sleep(FORGET_SECONDS)
        chat.forget_idle()
        forget = getattr(agent.tracker_store, "forget_idle", None)
        if forget:
            forget()


def chat_settings(settings: Settings) -> ChatSettings:
    """Returns the channel's limits; a rate limit of 0 switches all of them off."""
    limits = ChatSettings(origins=settings.origins, trusted_proxies=settings.trusted_proxies)
    if settings.rate_limit == 0:
        off = Limit(per_minute=0, burst=1)
        return replace(limits, conversation_limit=off, address_limit=off, session_limit=off)
    return replace(limits, conversation_limit=Limit(per_minute=settings.rate_limit, burst=10))
