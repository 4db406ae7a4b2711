"""Puts agent, channel and page together as one Sanic app."""

import asyncio
from asyncio import AbstractEventLoop
from collections.abc import Awaitable, Callable
from dataclasses import replace

import structlog
from rasa.core.agent import Agent
from rasa.core.channels import channel
from sanic import HTTPResponse, Request, Sanic
from sanic.exceptions import MethodNotSupported, NotFound, SanicException
from sanic.response import json as json_response

from assistant.channels.chat import ChatChannel
from assistant.channels.chat_setting import ChatSettings
from assistant.channels.front import Front
from assistant.channels.log_entry import failure
from assistant.channels.rate_limit import Limit
from assistant.channels.session_token import SessionTokens
from assistant.errors import SettingsError
from assistant.language.text import clean
from assistant.server.page import attach_page
from assistant.server.signing_key import load_signing_key
from assistant.server.widget import attach_widget, build_widget
from assistant.settings import Settings
from assistant.storage.delivery import Delivery
from assistant.storage.lock_store import ConversationLockStore
from assistant.storage.passing import passing_folder
from assistant.storage.tracker_store import ConversationTrackerStore

# An ephemeral chat is gone half an hour after its last message, give or take this.
FORGET_SECONDS = 60
# What an outage of the database left in the spool is merged this soon after it.
MERGE_SECONDS = 1.0

log = structlog.get_logger()


def create_app(settings: Settings, agent: Agent, front: Front, name: str = "mesoguide") -> Sanic:
    """Returns the app: `/chat/…`, the widget at `/widget/…` and a page with it at `/`.

    Rasa's own `configure_app` is not used: it owns `/`, and its HTTP API and
    stock channels stay off.
    """
    app = Sanic(name, configure_logging=False)
    app.config.ACCESS_LOG = False
    app.config.FALLBACK_ERROR_FORMAT = "json"
    app.ctx.agent = agent
    tokens = SessionTokens(load_signing_key(settings.state_dir))
    store = agent.tracker_store
    if not isinstance(store, ConversationTrackerStore):
        raise SettingsError(
            f"endpoints.yml names the tracker_store {type(store).__name__}; the chat needs "
            "assistant.storage.tracker_store.ConversationTrackerStore, which also keeps its messages."
        )
    shared = passing_folder(settings.state_dir) if settings.workers > 1 else None
    delivery = Delivery(shared)
    locks = ConversationLockStore(settings.state_dir / "locks")
    chat = ChatChannel(
        front, tokens, store.log, locks, delivery, clean, chat_settings(settings), shared=shared
    )
    channel.register([chat], app, route="/webhooks/")
    widget = build_widget()
    attach_widget(app, widget)
    attach_page(app, front.info, widget)

    # Sanic's own answers repeat the path that was asked for
    @app.exception(NotFound, MethodNotSupported)
    async def refuse(request: Request, error: SanicException) -> HTTPResponse:
        return json_response({"title": "Not found"}, status=error.status_code)

    @app.after_server_start
    async def keep_house(running: Sanic, _: AbstractEventLoop) -> None:
        running.ctx.housekeeping = [
            asyncio.create_task(_again(FORGET_SECONDS, store.forget_idle)),
            asyncio.create_task(_again(MERGE_SECONDS, store.log.merge)),
        ]

    @app.before_server_stop
    async def stop_keeping_house(running: Sanic, _: AbstractEventLoop) -> None:
        for task in running.ctx.housekeeping:
            task.cancel()

    return app


async def _again(seconds: float, work: Callable[[], Awaitable[object]]) -> None:
    """Does the work every so many seconds; a failure is logged and it is tried again."""
    while True:
        await asyncio.sleep(seconds)
        try:
            await work()
        except Exception as error:
            log.error("server.housekeeping.fail", **failure(error))


def chat_settings(settings: Settings) -> ChatSettings:
    """Returns the channel's limits; a rate limit of 0 switches all of them off."""
    limits = ChatSettings(origins=settings.origins, trusted_proxies=settings.trusted_proxies)
    if settings.rate_limit == 0:
        off = Limit(per_minute=0, burst=1)
        return replace(limits, conversation_limit=off, address_limit=off, session_limit=off)
    return replace(limits, conversation_limit=Limit(per_minute=settings.rate_limit, burst=10))
