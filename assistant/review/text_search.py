"""Search in what visitors and staff wrote, newest first."""

from dataclasses import dataclass

from sqlalchemy import select, text
from sqlalchemy.engine import Connection, Row

from assistant.review import full_text
from assistant.review.message_id import first_id, first_of_month
from assistant.review.schema import CONVERSATION, MESSAGE

PAGE = 50


@dataclass(frozen=True)
class Found:
    """Messages with their conversations' rows, and the number to go on from; None at the end."""

    messages: list[Row]
    next: int | None


def search(
    connection: Connection,
    words: str,
    before: int | None = None,
    since: float | None = None,
    until: float | None = None,
    most: int = PAGE,
) -> Found:
    """Returns the messages that hold all words and "phrases"; nothing for words without a letter or digit.

    Args:
        before: number of the message to go on from.
        since, until: bounds of the time, seconds since 1970.
    """
    parts = full_text.parts_of(words)
    if not parts:
        return Found([], None)
    highest = min(
        [one for one in (before, first_id(until) if until is not None else None) if one is not None],
        default=None,
    )
    lowest = first_id(since) if since is not None else 0
    ids: list[int] = []
    for month in full_text.months(connection):
        if (highest is not None and first_of_month(month) >= highest) or first_of_month(month + 1) <= lowest:
            continue
        column, condition, values = full_text.match(connection, month, parts)
        bounds = f" AND {column} >= :lowest" + (f" AND {column} < :highest" if highest is not None else "")
        statement = (
            f"SELECT {column} FROM {full_text.table_of(month)} WHERE {condition}{bounds}"
            f" ORDER BY {column} DESC LIMIT :most"
        )
        given = {**values, "lowest": lowest, "highest": highest, "most": most + 1 - len(ids)}
        if highest is None:
            del given["highest"]
        ids += connection.scalars(text(statement), given)
        if len(ids) > most:
            break
    page = ids[:most]
    query = (
        select(MESSAGE, CONVERSATION.c.channel, CONVERSATION.c.flagged, CONVERSATION.c.reviewed_at)
        .join(CONVERSATION, CONVERSATION.c.id == MESSAGE.c.conversation)
        .where(MESSAGE.c.id.in_(page))
        .order_by(MESSAGE.c.id.desc())
    )
    return Found(list(connection.execute(query)), page[-1] if len(ids) > most else None)
