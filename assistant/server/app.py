"""Puts agent, channel and page together as one Sanic app."""

from dataclasses import replace

from rasa.core.agent import Agent
from rasa.core.channels import channel
from sanic import Sanic

from assistant.channels.chat import ChatChannel
from assistant.channels.chat_setting import ChatSettings
from assistant.channels.front import Front
from assistant.channels.rate_limit import Limit
from assistant.channels.session_token import SessionTokens
from assistant.language.text import clean
from assistant.server.page import attach_page
from assistant.server.signing_key import load_signing_key
from assistant.settings import Settings


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
    return app


def chat_settings(settings: Settings) -> ChatSettings:
    """Returns the channel's limits; a rate limit of 0 switches all of them off."""
    limits = ChatSettings(origins=settings.origins, trusted_proxies=settings.trusted_proxies)
    if settings.rate_limit == 0:
        off = Limit(per_minute=0, burst=1)
        return replace(limits, conversation_limit=off, address_limit=off, session_limit=off)
    return replace(limits, conversation_limit=Limit(per_minute=settings.rate_limit, burst=10))
