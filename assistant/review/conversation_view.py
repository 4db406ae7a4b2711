"""One conversation: what was said, and for each question why it was answered so."""

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.engine import Connection, Row

from assistant.review.facet import Property, properties_of
from assistant.review.schema import CONVERSATION, CORRECTION, MESSAGE, NOTE, RATING, TRACE, UTTERANCE

PAGE = 50


@dataclass(frozen=True)
class Said:
    """A message with what belongs to it.

    Attributes:
        row: the message.
        body: a reply as the visitor saw it, without number and time; None of other messages.
        trace: of a question: intent, scores, rule, action; None where nothing is known.
        detail: ranking, questions, entities, premises, slots of the trace.
        rating: of a reply, by the visitor.
        corrections: by staff.
    """

    row: Row
    body: dict[str, Any] | None
    trace: Row | None
    detail: dict[str, Any]
    rating: Row | None
    corrections: list[Row]


def find_conversation(connection: Connection, conversation: int) -> Row | None:
    """Returns the conversation's row, None where there is none."""
    return connection.execute(select(CONVERSATION).where(CONVERSATION.c.id == conversation)).first()


def find_properties(connection: Connection, conversation: int) -> list[Property]:
    """Returns the conversation's properties, tags among them."""
    return properties_of(connection, [conversation]).get(conversation, [])


def find_notes(connection: Connection, conversation: int) -> list[Row]:
    """Returns the notes of staff, the oldest first."""
    query = select(NOTE).where(NOTE.c.conversation == conversation).order_by(NOTE.c.id)
    return list(connection.execute(query))


def find_said(
    connection: Connection, conversation: int, after: int = 0, before: int | None = None, most: int = PAGE
) -> list[Said]:
    """Returns messages in order: the first behind a number, or with `before` the last before that one."""
    query = select(MESSAGE, UTTERANCE.c.body).select_from(
        MESSAGE.outerjoin(UTTERANCE, UTTERANCE.c.id == MESSAGE.c.utterance)
    )
    query = query.where(MESSAGE.c.conversation == conversation)
    if before is None:
        rows = list(
            connection.execute(query.where(MESSAGE.c.seq > after).order_by(MESSAGE.c.seq).limit(most))
        )
    else:
        last = query.where(MESSAGE.c.seq < before).order_by(MESSAGE.c.seq.desc()).limit(most)
        rows = list(connection.execute(last))[::-1]
    if not rows:
        return []
    ids = [row.id for row in rows]
    seqs = (rows[0].seq, rows[-1].seq)
    traces = {row.message: row for row in connection.execute(select(TRACE).where(TRACE.c.message.in_(ids)))}
    rated = select(RATING).where(RATING.c.conversation == conversation, RATING.c.seq.between(*seqs))
    ratings = {row.seq: row for row in connection.execute(rated)}
    corrections: dict[int, list[Row]] = {}
    corrected = select(CORRECTION).where(CORRECTION.c.conversation == conversation).order_by(CORRECTION.c.id)
    for row in connection.execute(corrected):
        corrections.setdefault(row.message, []).append(row)
    return [
        Said(
            row,
            json.loads(row.body) if row.body else None,
            traces.get(row.id),
            json.loads(traces[row.id].detail) if row.id in traces else {},
            ratings.get(row.seq),
            corrections.get(row.id, []),
        )
        for row in rows
    ]
