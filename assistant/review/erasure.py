"""Takes conversations away: because their visitor or staff want it, or by age."""

import hashlib
import json
from collections.abc import Iterable

from sqlalchemy import Table, delete, func, insert, select, update
from sqlalchemy.engine import Connection, Row

from assistant.review import facet, full_text
from assistant.review.question_group import leave_group
from assistant.review.schema import (
    CONVERSATION,
    CORRECTION,
    ERASURE,
    MESSAGE,
    NOTE,
    QUEUE_ITEM,
    RATING,
    TRACE,
)

_OF_CONVERSATION: tuple[Table, ...] = (TRACE, RATING, QUEUE_ITEM, NOTE, CORRECTION, MESSAGE)
BY_VISITOR = "visitor"
AT_ONCE = 100


def request_erasure(connection: Connection, conversation: int, operator: str, now: float) -> int | None:
    """Asks the projector to erase a conversation here and in the log.

    Returns the request's number, None where there is no such conversation.
    """
    log_id = connection.scalar(select(CONVERSATION.c.log_id).where(CONVERSATION.c.id == conversation))
    if log_id is None:
        return None
    digest = digest_of(log_id)
    known = connection.scalar(select(ERASURE.c.id).where(ERASURE.c.digest == digest))
    if known is None:
        row = {
            "digest": digest,
            "requested": now,
            "requested_by": operator,
            "log_id": log_id,
            "receipt": "{}",
        }
        known = connection.execute(insert(ERASURE).values(row)).inserted_primary_key[0]
    return int(known)


def requested(connection: Connection) -> list[str]:
    """Returns the ids in the log of conversations that staff want erased and that are not."""
    query = select(ERASURE.c.log_id).where(ERASURE.c.done.is_(None), ERASURE.c.log_id.is_not(None))
    return list(connection.scalars(query))


def list_erasures(connection: Connection, before: int | None = None, most: int = 50) -> list[Row]:
    """Returns requests and receipts, the newest first; `before`: the number to go on from."""
    query = select(ERASURE).order_by(ERASURE.c.id.desc()).limit(most)
    if before is not None:
        query = query.where(ERASURE.c.id < before)
    return list(connection.execute(query))


def find_erasure(connection: Connection, number: int) -> Row | None:
    """Returns one request or receipt."""
    return connection.execute(select(ERASURE).where(ERASURE.c.id == number)).first()


def erase(connection: Connection, log_id: str, now: float) -> dict[str, int]:
    """Deletes everything of a conversation, writes the receipt, and returns the rows by table.

    The words leave the full text with `full_text.clean`, and the journal with `ReviewDatabase.wipe`.
    """
    conversation = connection.scalar(select(CONVERSATION.c.id).where(CONVERSATION.c.log_id == log_id))
    counts = _delete(connection, conversation) if conversation is not None else {}
    digest = digest_of(log_id)
    before = connection.execute(select(ERASURE).where(ERASURE.c.digest == digest)).first()
    if before is None:
        row = {"digest": digest, "requested": now, "requested_by": BY_VISITOR, "log_id": None}
        connection.execute(insert(ERASURE).values(**row, done=now, receipt=json.dumps(counts)))
    else:
        # erased a second time, after a crash between the two: the first receipt is the one that counts
        receipt = before.receipt if not counts else json.dumps(counts)
        done = {"done": now, "log_id": None, "receipt": receipt}
        connection.execute(update(ERASURE).where(ERASURE.c.digest == digest).values(done))
    return counts


def expire(connection: Connection, before: float) -> int:
    """Deletes up to 100 conversations whose newest message is older, but none on hold; returns how many."""
    old = (
        select(CONVERSATION.c.id)
        .where(CONVERSATION.c.last_at < before, CONVERSATION.c.hold.is_(False))
        .order_by(CONVERSATION.c.last_at)
        .limit(AT_ONCE)
    )
    found = list(connection.scalars(old))
    for conversation in found:
        _delete(connection, conversation)
    return len(found)


def is_erased(connection: Connection, log_id: str) -> bool:
    """Returns whether the conversation was erased, or is to be."""
    return (
        connection.execute(select(ERASURE.c.id).where(ERASURE.c.digest == digest_of(log_id))).first()
        is not None
    )


def digest_of(log_id: str) -> str:
    """Returns what stays of an erased conversation's id."""
    return hashlib.sha256(log_id.encode("utf-8")).hexdigest()


def _delete(connection: Connection, conversation: int) -> dict[str, int]:
    exported = select(func.count()).where(
        CORRECTION.c.conversation == conversation, CORRECTION.c.exported_at.is_not(None)
    )
    counts = {"exported_examples": int(connection.scalar(exported) or 0)}
    query = select(MESSAGE.c.id, MESSAGE.c.role, MESSAGE.c.text, MESSAGE.c.question_group)
    rows = connection.execute(query.where(MESSAGE.c.conversation == conversation)).all()
    full_text.remove_texts(connection, _indexed((row.id, row.role, row.text) for row in rows))
    for row in rows:
        if row.question_group is not None:
            leave_group(connection, row.question_group, row.id)
    counts["facet"] = facet.remove_all(connection, conversation)
    for table in _OF_CONVERSATION:
        gone = connection.execute(delete(table).where(table.c.conversation == conversation))
        counts[table.name] = int(gone.rowcount)
    counts["conversation"] = connection.execute(
        delete(CONVERSATION).where(CONVERSATION.c.id == conversation)
    ).rowcount
    return counts


def _indexed(rows: Iterable[tuple[int, str, str]]) -> list[tuple[int, str]]:
    return [(message, text) for message, role, text in rows if role != "assistant" and text]
