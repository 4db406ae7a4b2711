"""Passwords, and secrets of which only a digest is kept."""

import hashlib
import secrets
import threading

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

# OWASP's smallest recommended memory, so that the console stays small; one at a time.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
_ONE_AT_A_TIME = threading.Lock()
SHORTEST, LONGEST = 12, 128
SECRET_BYTES = 32


def new_secret() -> str:
    """Returns 256 random bits that can stand in a link."""
    return secrets.token_urlsafe(SECRET_BYTES)


def digest(secret: str) -> str:
    """Returns what is kept of a secret; enough for random ones, never for passwords."""
    return hashlib.sha256(secret.encode("utf-8")).hexdigest()


def hash_password(password: str) -> str:
    """Returns argon2's line."""
    with _ONE_AT_A_TIME:
        return _HASHER.hash(password)


def is_password(kept: str, password: str) -> bool:
    """Returns whether it is the password; takes as long when there is none to compare with."""
    with _ONE_AT_A_TIME:
        try:
            return _HASHER.verify(kept, password)
        except InvalidHashError:
            _HASHER.hash(password)
            return False
        except VerificationError:
            return False


def is_good_password(password: str, login: str) -> bool:
    """Returns whether it has 12 to 128 characters, some of them different, and not the login in it."""
    return (
        SHORTEST <= len(password) <= LONGEST
        and login.lower() not in password.lower()
        and len(set(password)) >= SHORTEST // 2
    )
