"""Signed tokens that carry a conversation's id, so that a client can never name one itself."""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import jwt

from assistant.errors import SettingsError

ALGORITHM = "HS256"
AUDIENCE = "chat"
KEY_CHARACTERS = 32
CLAIMS = ["sub", "iat", "exp", "aud"]
CHOICES = "choices"
# Tokens whose signature need not be checked again.
MOST_READ = 5_000


@dataclass(frozen=True)
class Session:
    """What a token stands for.

    Attributes:
        conversation_id: made by the server.
        choices: what the visitor agreed to (`Consent` as a dictionary).
        expires: seconds since 1970.
    """

    conversation_id: str
    choices: dict[str, Any]
    expires: float


class SessionTokens:
    """Makes and reads session tokens (JSON Web Tokens, RFC 7519).

    Args:
        key: the secret, at least 32 characters; all workers share it.
        expires_in: how long a token is good for, in seconds.
        now: seconds since 1970, for the times written into new tokens.
    """

    def __init__(self, key: str, expires_in: int = 7200, now: Callable[[], float] = time.time) -> None:
        if len(key) < KEY_CHARACTERS:
            raise SettingsError(
                f"The key for session tokens has {len(key)} characters; it needs at least {KEY_CHARACTERS}."
            )
        if expires_in < 1:
            raise SettingsError(f"Session tokens live {expires_in!r} seconds; it must be at least 1.")
        self.expires_in = expires_in
        self._key = key
        self._now = now
        self._read: OrderedDict[str, Session] = OrderedDict()

    def issue(self, conversation_id: str, choices: dict[str, Any]) -> str:
        """Returns a token for this conversation, good from now on."""
        issued = int(self._now())
        claims: dict[str, Any] = {"sub": conversation_id, "aud": AUDIENCE, CHOICES: choices}
        claims |= {"iat": issued, "exp": issued + self.expires_in}
        token = jwt.encode(claims, self._key, algorithm=ALGORITHM)
        self._remember(token, Session(conversation_id, dict(choices), float(claims["exp"])))
        return token

    def session(self, token: str) -> Session | None:
        """Returns what a token stands for, None for any token that is not good now."""
        # PyJWT encodes the token to bytes and fails on what a header can hold besides ASCII.
        if not token.isascii():
            return None
        known = self._read.get(token)
        if known is None:
            known = self._verified(token)
            if known is not None:
                self._remember(token, known)
        elif known.expires <= time.time():
            del self._read[token]
            known = None
        return known and replace(known, choices=dict(known.choices))

    def _remember(self, token: str, session: Session) -> None:
        self._read[token] = session
        if len(self._read) > MOST_READ:
            self._read.popitem(last=False)

    def _verified(self, token: str) -> Session | None:
        try:
            claims = jwt.decode(
                token, self._key, algorithms=[ALGORITHM], audience=AUDIENCE, options={"require": CLAIMS}
            )
        except jwt.InvalidTokenError:
            return None
        return Session(claims["sub"], dict(claims.get(CHOICES) or {}), float(claims["exp"]))
