"""Codes from an app on the telephone, and recovery codes for when it is lost."""

import base64
import hashlib
import hmac
import secrets

import pyotp
import segno
from sqlalchemy import delete, insert, select, update
from sqlalchemy.engine import Connection

from assistant.console.secret import digest
from assistant.review.schema import OPERATOR, RECOVERY_CODE

ISSUER = "MesoGuide staff"
STEP_SECONDS = 30
# A clock may be half a minute off.
LEEWAY_STEPS = 1
RECOVERY_CODES = 10
# Without letters and digits that look alike; 50 bits in ten of them.
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
_CODE_LENGTH = 10


def totp_from(random: str) -> str:
    """Returns a secret for an authenticator app, made from 256 random bits: 160 bits in base 32."""
    return base64.b32encode(hashlib.sha256(b"totp" + random.encode()).digest()[:20]).decode("ascii")


def as_uri(secret: str, login: str) -> str:
    """Returns what an authenticator app reads from a picture."""
    return pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name=ISSUER)


def as_picture(uri: str) -> str:
    """Returns a QR code as a `data:` address."""
    return segno.make_qr(uri).svg_data_uri(scale=5, border=4, light="#fff", dark="#000")


def matching_step(secret: str, code: str, now: float, newest: int | None) -> int | None:
    """Returns the half minute that a code is right for, None for one that is wrong or was taken already."""
    step = int(now // STEP_SECONDS)
    totp = pyotp.TOTP(secret)
    for one in range(step - LEEWAY_STEPS, step + LEEWAY_STEPS + 1):
        is_right = hmac.compare_digest(totp.at(one * STEP_SECONDS).encode(), code.encode("utf-8", "replace"))
        if is_right and (newest is None or one > newest):
            return one
    return None


def remember_step(connection: Connection, operator: int, step: int) -> None:
    """Keeps a code from being taken again."""
    connection.execute(update(OPERATOR).where(OPERATOR.c.id == operator).values(totp_step=step))


def new_recovery_codes(connection: Connection, operator: int) -> list[str]:
    """Replaces the codes of an operator; returns them, to be shown once."""
    codes = ["".join(secrets.choice(_LETTERS) for _ in range(_CODE_LENGTH)) for _ in range(RECOVERY_CODES)]
    connection.execute(delete(RECOVERY_CODE).where(RECOVERY_CODE.c.operator == operator))
    connection.execute(
        insert(RECOVERY_CODE), [{"operator": operator, "digest": digest(code)} for code in codes]
    )
    return [f"{code[:5]}-{code[5:]}" for code in codes]


def use_recovery_code(connection: Connection, operator: int, code: str, now: float) -> bool:
    """Returns whether it is an unused code of this operator; it is used then."""
    plain = code.lower().replace("-", "").replace(" ", "")
    mine = (
        (RECOVERY_CODE.c.operator == operator)
        & (RECOVERY_CODE.c.digest == digest(plain))
        & RECOVERY_CODE.c.used_at.is_(None)
    )
    return bool(connection.execute(update(RECOVERY_CODE).where(mine).values(used_at=now)).rowcount)


def count_recovery_codes(connection: Connection, operator: int) -> int:
    """Returns how many are left."""
    left = select(RECOVERY_CODE.c.digest).where(
        RECOVERY_CODE.c.operator == operator, RECOVERY_CODE.c.used_at.is_(None)
    )
    return len(connection.execute(left).all())
