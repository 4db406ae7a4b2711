"""Sessions of operators: a secret in a cookie, its digest in the database."""

from dataclasses import dataclass

from sqlalchemy import delete, insert, select, update
from sqlalchemy.engine import Connection, Row

from assistant.console.access import FULL
from assistant.console.account import Operator, as_operator, find_operator, is_locked
from assistant.console.secret import digest, new_secret
from assistant.review.schema import OPERATOR_SESSION

IDLE_SECONDS = 15 * 60.0
LONGEST_SECONDS = 12 * 3600.0
# Between password and second factor.
BEGINNING_SECONDS = 10 * 60.0


@dataclass(frozen=True)
class Session:
    """A session that is good now; `csrf` stands in every form."""

    digest: str
    csrf: str
    stage: str
    created: float
    operator: Operator


def begin_session(connection: Connection, operator: int, stage: str, now: float) -> str:
    """Writes a session; returns the secret for the cookie."""
    connection.execute(delete(OPERATOR_SESSION).where(OPERATOR_SESSION.c.created < now - LONGEST_SECONDS))
    secret = new_secret()
    row = {"digest": digest(secret), "operator": operator, "csrf": new_secret(), "stage": stage}
    connection.execute(insert(OPERATOR_SESSION).values(**row, created=now, used=now))
    return secret


def find_session(connection: Connection, secret: str, now: float) -> Session | None:
    """Returns the session of a cookie; None for an unknown or old one, and when its account ended."""
    query = select(OPERATOR_SESSION).where(OPERATOR_SESSION.c.digest == digest(secret))
    row = connection.execute(query).first()
    if row is None:
        return None
    longest = LONGEST_SECONDS if row.stage == FULL else BEGINNING_SECONDS
    if now - row.used > IDLE_SECONDS or now - row.created > longest:
        return None
    operator = find_operator(connection, row.operator)
    if (
        operator is None
        or operator.disabled_at is not None
        or (row.stage != FULL and is_locked(operator, now))
    ):
        return None
    return Session(row.digest, row.csrf, row.stage, row.created, as_operator(operator))


def touch(connection: Connection, session: Session, now: float) -> None:
    """Remembers that a session was used."""
    mine = OPERATOR_SESSION.c.digest == session.digest
    connection.execute(update(OPERATOR_SESSION).where(mine).values(used=now))


def list_sessions(connection: Connection, operator: int, now: float) -> list[Row]:
    """Returns the sessions of an operator that are not too old, the newest first."""
    query = (
        select(OPERATOR_SESSION)
        .where(
            OPERATOR_SESSION.c.operator == operator,
            OPERATOR_SESSION.c.used > now - IDLE_SECONDS,
            OPERATOR_SESSION.c.created > now - LONGEST_SECONDS,
        )
        .order_by(OPERATOR_SESSION.c.created.desc())
    )
    return list(connection.execute(query))


def end_session(connection: Connection, one: str, operator: int) -> bool:
    """Ends a session of this operator by its digest; returns whether there was one."""
    mine = (OPERATOR_SESSION.c.digest == one) & (OPERATOR_SESSION.c.operator == operator)
    return bool(connection.execute(delete(OPERATOR_SESSION).where(mine)).rowcount)


def end_sessions(connection: Connection, operator: int, but: str = "") -> None:
    """Ends all sessions of an operator, but one by its digest."""
    mine = (OPERATOR_SESSION.c.operator == operator) & (OPERATOR_SESSION.c.digest != but)
    connection.execute(delete(OPERATOR_SESSION).where(mine))
