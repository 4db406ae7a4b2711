"""Who sends a request: the conversation its token names, and the address it comes from."""

from sanic import Request

from assistant.channels.address import visitor_address
from assistant.channels.problem import Problem
from assistant.channels.session_token import SessionTokens

CHALLENGE = {"WWW-Authenticate": "Bearer"}


def conversation_of(request: Request, tokens: SessionTokens) -> str:
    """Returns the conversation's id from the bearer token; raises Problem without a good one."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    conversation_id = tokens.conversation_id(token.strip()) if scheme.lower() == "bearer" else None
    if conversation_id is None:
        raise Problem("no-session", "Start a session and send its token as bearer token.", headers=CHALLENGE)
    return conversation_id


def address_of(request: Request, trusted_proxies: int) -> str:
    """Returns the address that this request is counted under."""
    return visitor_address(request.ip, request.headers.getall("x-forwarded-for", []), trusted_proxies)
