"""Who sends a request: the session its token stands for, and the address it comes from."""

from sanic import Request

from assistant.channels.address import visitor_address
from assistant.channels.problem import Problem
from assistant.channels.session_token import Session, SessionTokens

CHALLENGE = {"WWW-Authenticate": "Bearer"}


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
