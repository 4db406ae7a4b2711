"""Groups of similar questions that had no answer."""

from sqlalchemy import delete, insert, select, update
from sqlalchemy.engine import Connection, Row

from assistant.review.schema import MESSAGE, QUESTION_GROUP

OPEN, DONE = "open", "done"
PAGE = 50


def list_groups(connection: Connection, state: str = OPEN, offset: int = 0, most: int = PAGE) -> list[Row]:
    """Returns groups with the text of their first question, the largest first."""
    query = (
        select(QUESTION_GROUP.c.id, QUESTION_GROUP.c.size, QUESTION_GROUP.c.last_at, MESSAGE.c.text)
        .join(MESSAGE, MESSAGE.c.id == QUESTION_GROUP.c.message)
        .where(QUESTION_GROUP.c.state == state)
        .order_by(QUESTION_GROUP.c.size.desc(), QUESTION_GROUP.c.id.desc())
        .offset(offset)
        .limit(most)
    )
    return list(connection.execute(query))


def find_group(connection: Connection, group: int) -> Row | None:
    """Returns a group's number, size, time of its newest question and state."""
    columns = (QUESTION_GROUP.c.id, QUESTION_GROUP.c.size, QUESTION_GROUP.c.last_at, QUESTION_GROUP.c.state)
    return connection.execute(select(*columns).where(QUESTION_GROUP.c.id == group)).first()


def find_questions(
    connection: Connection, group: int, before: int | None = None, most: int = PAGE
) -> list[Row]:
    """Returns the questions of a group, the newest first; `before`: the message to go on from."""
    query = select(MESSAGE).where(MESSAGE.c.question_group == group).order_by(MESSAGE.c.id.desc()).limit(most)
    if before is not None:
        query = query.where(MESSAGE.c.id < before)
    return list(connection.execute(query))


def set_state(connection: Connection, group: int, state: str) -> bool:
    """Marks a group as dealt with, or open again; returns whether there is one."""
    changed = update(QUESTION_GROUP).where(QUESTION_GROUP.c.id == group).values(state=state)
    return bool(connection.execute(changed).rowcount)


def begin_group(connection: Connection, message: int, vector: bytes, time: float) -> int:
    """Writes a group with its first question, whose vector stands for the group; returns its number."""
    row = {"message": message, "vector": vector, "size": 0, "last_at": time, "state": OPEN}
    return int(connection.execute(insert(QUESTION_GROUP).values(row)).inserted_primary_key[0])


def join_group(connection: Connection, group: int, message: int, time: float) -> bool:
    """Adds a question to a group; returns whether the group is still there."""
    joined = (
        update(QUESTION_GROUP)
        .where(QUESTION_GROUP.c.id == group)
        .values(size=QUESTION_GROUP.c.size + 1, last_at=time)
    )
    if connection.execute(joined).rowcount == 0:
        return False
    connection.execute(update(MESSAGE).where(MESSAGE.c.id == message).values(question_group=group))
    return True


def leave_group(connection: Connection, group: int, message: int) -> None:
    """Takes a question out, before its row goes; an empty group goes too.

    A group whose first question goes is stood for by its next one; that one's vector is missing
    (empty) until the projector has computed it.
    """
    connection.execute(update(MESSAGE).where(MESSAGE.c.id == message).values(question_group=None))
    row = connection.execute(select(QUESTION_GROUP).where(QUESTION_GROUP.c.id == group)).first()
    if row is None:
        return
    values: dict[str, object] = {"size": row.size - 1}
    if row.message == message:
        oldest = select(MESSAGE.c.id).where(MESSAGE.c.question_group == group).order_by(MESSAGE.c.id).limit(1)
        values.update(message=connection.scalar(oldest), vector=b"")
    if values.get("message", row.message) is None:
        connection.execute(delete(QUESTION_GROUP).where(QUESTION_GROUP.c.id == group))
    else:
        connection.execute(update(QUESTION_GROUP).where(QUESTION_GROUP.c.id == group).values(values))
