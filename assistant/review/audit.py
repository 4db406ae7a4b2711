"""Who saw or changed what: rows that are only added, each with a hash over itself and the one before."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.engine import Connection, Row

from assistant.review.schema import AUDIT

# One at a time may add a row: PostgreSQL; on SQLite a transaction that may write is alone.
LOCK = 20_211_223
BEGINNING = "0" * 64
AT_ONCE = 10_000
# The oldest row after those before it were removed by age: the chain goes on from its hash, which is theirs.
REMOVED = "audit.removed"


@dataclass(frozen=True)
class Verified:
    """How many rows there are, the newest one's hash, and the first whose hash is wrong; None if none is."""

    rows: int
    head: str
    wrong: int | None


def record(
    connection: Connection,
    actor: str,
    action: str,
    about: str,
    now: float,
    detail: dict[str, Any] | None = None,
    address: str = "",
    result: str = "done",
) -> None:
    """Adds a row, within the transaction of what it tells; `detail` may hold no text of a conversation."""
    if connection.dialect.name != "sqlite":
        connection.execute(select(func.pg_advisory_xact_lock(LOCK)))
    values = {
        "time": now,
        "actor": actor,
        "action": action,
        "object": about,
        "detail": json.dumps(detail or {}, ensure_ascii=False, sort_keys=True),
        "address": address,
        "result": result,
    }
    before = connection.scalar(select(AUDIT.c.hash).order_by(AUDIT.c.id.desc()).limit(1)) or BEGINNING
    connection.execute(insert(AUDIT).values(**values, hash=_hash(before, values)))


def verify(connection: Connection) -> Verified:
    """Computes all hashes anew; keep `head` elsewhere to see that the newest rows were not cut off."""
    before, rows = BEGINNING, 0
    for row in _all(connection):
        values = dict(row._mapping)
        number, found = values.pop("id"), values.pop("hash")
        begins = rows == 0 and row.action == REMOVED
        if not begins and _hash(before, values) != found:
            return Verified(rows, before, number)
        before = found
        rows += 1
    return Verified(rows, before, None)


def remove_before(connection: Connection, time: float, now: float) -> int:
    """Removes the rows before a time; the newest of them stays and tells how many, which is returned."""
    oldest = connection.scalar(select(AUDIT.c.time).order_by(AUDIT.c.id).limit(1))
    if oldest is None or oldest >= time:
        return 0
    newest = connection.scalar(select(func.max(AUDIT.c.id)).where(AUDIT.c.time < time))
    count = connection.execute(delete(AUDIT).where(AUDIT.c.id < newest)).rowcount
    row = connection.execute(select(AUDIT).where(AUDIT.c.id == newest)).one()
    mark = {
        "time": now,
        "actor": "projector",
        "action": REMOVED,
        "object": "audit",
        "detail": json.dumps({"rows": count + 1}),
        "address": "",
        "result": "done",
    }
    connection.execute(update(AUDIT).where(AUDIT.c.id == newest).values(**mark, hash=row.hash))
    return int(count) + 1


def list_audit(connection: Connection, before: int | None = None, most: int = 50, **equal: str) -> list[Row]:
    """Returns rows, the newest first; `equal`: columns and their values, as `actor` or `object`."""
    query = select(AUDIT).order_by(AUDIT.c.id.desc()).limit(most)
    for column, value in equal.items():
        query = query.where(AUDIT.c[column] == value)
    if before is not None:
        query = query.where(AUDIT.c.id < before)
    return list(connection.execute(query))


def _all(connection: Connection) -> Iterator[Row]:
    last = 0
    while True:
        query = select(AUDIT).where(AUDIT.c.id > last).order_by(AUDIT.c.id).limit(AT_ONCE)
        rows = connection.execute(query).all()
        yield from rows
        if len(rows) < AT_ONCE:
            return
        last = rows[-1].id


def _hash(before: str, values: dict[str, Any]) -> str:
    line = json.dumps([before, values], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(line.encode("utf-8")).hexdigest()
