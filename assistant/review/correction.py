"""What staff would have wanted: another intent, other entities, another answer.

Text of a conversation becomes an example only when its visitor agreed to that (`improve`) and a second
look has approved it; an erasure takes the correction away and its receipt counts those that were exported.
"""

from collections.abc import Iterable

from sqlalchemy import insert, select, update
from sqlalchemy.engine import Connection, Row

from assistant.redaction.redactor import Redactor
from assistant.review.schema import CONVERSATION, CORRECTION, MESSAGE

KINDS = ("intent", "entities", "topic", "answer")
PROPOSED, APPROVED, REJECTED = "proposed", "approved", "rejected"


def propose(
    connection: Connection,
    redactor: Redactor,
    message: int,
    kind: str,
    found: str,
    wanted: str,
    author: int,
    now: float,
) -> int | None:
    """Writes a correction of a visitor's message; returns its number, None without such a message.

    Raises ValueError for a kind that is not in KINDS.
    """
    if kind not in KINDS:
        raise ValueError(f"{kind!r} is no kind of correction. Known are: {', '.join(KINDS)}.")
    row = connection.execute(select(MESSAGE).where(MESSAGE.c.id == message, MESSAGE.c.role == "user")).first()
    if row is None:
        return None
    values = {
        "conversation": row.conversation,
        "message": message,
        "kind": kind,
        "found": found,
        "wanted": redactor.redact(wanted).text if kind == "answer" else wanted,
        "text": row.text,
        "state": PROPOSED,
        "author": author,
        "time": now,
    }
    return int(connection.execute(insert(CORRECTION).values(values)).inserted_primary_key[0])


def decide(connection: Connection, correction: int, is_approved: bool, operator: int, now: float) -> bool:
    """Approves or rejects; returns whether the correction was still proposed."""
    decided = (
        update(CORRECTION)
        .where(CORRECTION.c.id == correction, CORRECTION.c.state == PROPOSED)
        .values(state=APPROVED if is_approved else REJECTED, decided_by=operator, decided_at=now)
    )
    return bool(connection.execute(decided).rowcount)


def list_corrections(
    connection: Connection, state: str = PROPOSED, after: int = 0, most: int = 50
) -> list[Row]:
    """Returns corrections of a state, the oldest first, with whether their visitor agreed to their use."""
    query = (
        select(CORRECTION, CONVERSATION.c.improve)
        .join(CONVERSATION, CONVERSATION.c.id == CORRECTION.c.conversation)
        .where(CORRECTION.c.state == state, CORRECTION.c.id > after)
        .order_by(CORRECTION.c.id)
        .limit(most)
    )
    return list(connection.execute(query))


def usable(connection: Connection) -> list[Row]:
    """Returns the approved corrections whose visitor agrees to their use now."""
    query = (
        select(CORRECTION)
        .join(CONVERSATION, CONVERSATION.c.id == CORRECTION.c.conversation)
        .where(CORRECTION.c.state == APPROVED, CONVERSATION.c.improve)
        .order_by(CORRECTION.c.id)
    )
    return list(connection.execute(query))


def mark_exported(connection: Connection, corrections: Iterable[int], now: float) -> None:
    """Remembers that these became examples."""
    connection.execute(
        update(CORRECTION).where(CORRECTION.c.id.in_(list(corrections))).values(exported_at=now)
    )
