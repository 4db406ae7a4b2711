"""Signed tokens that carry a conversation's id, so that a client can never name one itself."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jwt

from assistant.errors import SettingsError

ALGORITHM = "HS256"
AUDIENCE = "chat"
KEY_CHARACTERS = 32
CLAIMS = ["sub", "iat", "exp", "aud"]
CHOICES = "choices"


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

    def issue(self, conversation_id: str, choices: dict[str, Any]) -> str:
        """Returns a token for this conversation, good from now on."""
        issued = int(self._now())
        claims: dict[str, Any] = {"sub": conversation_id, "aud": AUDIENCE, CHOICES: choices}
        claims |= {"iat": issued, "exp": issued + self.expires_in}
        return jwt.encode(claims, self._key, algorithm=ALGORITHM)

    def session(self, token: str) -> Session | None:
        """Returns what a token stands for, None for any token that is not good now."""
        # PyJWT encodes the token to bytes and fails on what a header can hold besides ASCII.
        if not token.isascii():
            return None
        try:
            claims = jwt.decode(
                token, self._key, algorithms=[ALGORITHM], audience=AUDIENCE, options={"require": CLAIMS}
            )
        except jwt.InvalidTokenError:
            return None
        return Session(claims["sub"], dict(claims.get(CHOICES) or {}), float(claims["exp"]))
