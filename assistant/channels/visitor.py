"""Who sends a request: the session its token stands for, and the address it comes from."""

from sanic import Request

from assistant.channels.address import visitor_address
from assistant.channels.chat_parts import ChatParts
from assistant.channels.problem import Problem
from assistant.channels.rate_limit import too_many
from assistant.channels.session_token import Session, SessionTokens
from assistant.storage.conversation_log import ConversationLog
from assistant.storage.database import DatabaseDown

CHALLENGE = {"WWW-Authenticate": "Bearer"}


async def admit(request: Request, parts: ChatParts) -> Session:
    """Returns the session of a request.

    Raises Problem when its address sends too many, without a good token, and
    for a conversation that was erased.
    """
    check_address(request, parts)
    session = session_of(request, parts.tokens)
    if await is_erased(session, parts.conversations):
        raise no_session()
    return session


def check_address(request: Request, parts: ChatParts) -> None:
    """Counts the request under its address; raises Problem when there were too many."""
    wait = parts.by_address.take(address_of(request, parts.settings.trusted_proxies))
    if wait:
        raise too_many(wait)


async def is_erased(session: Session, conversations: ConversationLog) -> bool:
    """Returns whether the conversation is known to be erased."""
    try:
        return await conversations.is_erased(session.conversation_id)
    except DatabaseDown:
        return False


def session_of(request: Request, tokens: SessionTokens) -> Session:
    """Returns the session from the bearer token; raises Problem without a good one."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    session = tokens.session(token.strip()) if scheme.lower() == "bearer" else None
    if session is None:
        raise no_session()
    return session


def no_session() -> Problem:
    """Returns the problem of a token that is missing, bad, expired, or of an erased conversation."""
    return Problem("no-session", "Start a session and send its token as bearer token.", headers=CHALLENGE)


def address_of(request: Request, trusted_proxies: int) -> str:
    """Returns the address that this request is counted under."""
    return visitor_address(request.ip, request.headers.getall("x-forwarded-for", []), trusted_proxies)
