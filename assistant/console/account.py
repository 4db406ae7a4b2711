"""Accounts of operators, and links that set a password."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import delete, insert, select, update
from sqlalchemy.engine import Connection, Row

from assistant.console.access import ADMIN
from assistant.console.secret import digest, new_secret
from assistant.review.schema import INVITATION, OPERATOR, OPERATOR_SESSION, RECOVERY_CODE

INVITATION_SECONDS = 24 * 3600.0
MOST_FAILURES = 5
LOCK_SECONDS = 15 * 60.0
LOGIN = re.compile(r"[a-z0-9][a-z0-9._-]{1,62}")
LONGEST_NAME = 80


@dataclass(frozen=True)
class Operator:
    """A member of staff."""

    id: int
    login: str
    name: str
    roles: frozenset[str]


def as_operator(row: Row) -> Operator:
    """Returns the part of a row that pages may see."""
    return Operator(row.id, row.login, row.name, frozenset(row.roles.split()))


def find_operator(connection: Connection, number: int) -> Row | None:
    """Returns the row of an operator."""
    return connection.execute(select(OPERATOR).where(OPERATOR.c.id == number)).first()


def lock_operator(connection: Connection, number: int) -> Row | None:
    """Returns the row of an operator, kept from others until the end: failures are counted one by one."""
    return connection.execute(select(OPERATOR).where(OPERATOR.c.id == number).with_for_update()).first()


def lock_login(connection: Connection, login: str) -> Row | None:
    """Returns the row of an operator by login, as `lock_operator` does."""
    mine = select(OPERATOR).where(OPERATOR.c.login == login.strip().lower()).with_for_update()
    return connection.execute(mine).first()


def list_operators(connection: Connection) -> list[Row]:
    """Returns all operators by login."""
    return list(connection.execute(select(OPERATOR).order_by(OPERATOR.c.login)))


def names_of(connection: Connection) -> dict[int, str]:
    """Returns the names of all operators, also of those who have left."""
    return {row.id: row.name for row in connection.execute(select(OPERATOR.c.id, OPERATOR.c.name))}


def create_operator(
    connection: Connection, login: str, name: str, roles: Iterable[str], language: str, now: float
) -> int:
    """Writes an account without a password; returns its number."""
    row = {
        "login": login,
        "name": name,
        "password_hash": "",
        "roles": " ".join(sorted(roles)),
        "language": language,
        "failures": 0,
        "created": now,
    }
    return int(connection.execute(insert(OPERATOR).values(row)).inserted_primary_key[0])


def change_operator(connection: Connection, number: int, **values: object) -> None:
    """Writes columns of an account."""
    connection.execute(update(OPERATOR).where(OPERATOR.c.id == number).values(values))


def end_access(connection: Connection, number: int) -> None:
    """Takes password, second factor, links and sessions away; a new link gives them again."""
    change_operator(connection, number, password_hash="", totp_secret=None, totp_step=None)
    for table in (OPERATOR_SESSION, INVITATION, RECOVERY_CODE):
        connection.execute(delete(table).where(table.c.operator == number))


def count_failure(connection: Connection, row: Row, now: float) -> None:
    """Counts a wrong password or code; after five the account is locked for a quarter of an hour."""
    failures = row.failures + 1
    locked = now + LOCK_SECONDS if failures >= MOST_FAILURES else row.locked_until
    change_operator(
        connection, row.id, failures=0 if failures >= MOST_FAILURES else failures, locked_until=locked
    )


def is_locked(row: Row, now: float) -> bool:
    """Returns whether an account is locked now, or was ended."""
    return row.disabled_at is not None or (row.locked_until is not None and row.locked_until > now)


def is_last_admin(connection: Connection, number: int) -> bool:
    """Returns whether nobody else could make accounts."""
    others = select(OPERATOR.c.roles).where(OPERATOR.c.id != number, OPERATOR.c.disabled_at.is_(None))
    return not any(ADMIN in roles.split() for roles in connection.scalars(others))


def invite(connection: Connection, operator: int | None, now: float) -> str:
    """Returns the secret of a new link in place of older ones; None: a link for the first account."""
    mine = INVITATION.c.operator == operator if operator is not None else INVITATION.c.operator.is_(None)
    connection.execute(delete(INVITATION).where(mine))
    secret = new_secret()
    connection.execute(insert(INVITATION).values(digest=digest(secret), operator=operator, created=now))
    return secret


def find_invitation(connection: Connection, secret: str, now: float) -> Row | None:
    """Returns the row of a link that is still good."""
    query = select(INVITATION).where(
        INVITATION.c.digest == digest(secret), INVITATION.c.created > now - INVITATION_SECONDS
    )
    return connection.execute(query).first()


def use_invitation(connection: Connection, secret: str) -> None:
    """Makes a link useless."""
    connection.execute(delete(INVITATION).where(INVITATION.c.digest == digest(secret)))
