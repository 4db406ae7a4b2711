"""What staff do with a conversation: review, flag, tag, assign, hold, note."""

from collections.abc import Iterable

from sqlalchemy import delete, insert, select, update
from sqlalchemy.engine import Connection

from assistant.redaction.redactor import Redactor
from assistant.review.facet import set_property
from assistant.review.schema import CONVERSATION, NOTE

YES = "yes"


def mark_reviewed(connection: Connection, conversation: int, operator: int | None, now: float) -> bool:
    """Marks a conversation as reviewed, by None as not reviewed; returns whether there is such a one."""
    values = {"reviewed_at": now if operator is not None else None, "reviewed_by": operator}
    if not _change(connection, conversation, **values):
        return False
    set_property(connection, conversation, "reviewed", [YES] if operator is not None else [])
    return True


def flag(connection: Connection, conversation: int, is_flagged: bool) -> bool:
    """Marks a conversation to be looked at again; returns whether there is such a one."""
    if not _change(connection, conversation, flagged=is_flagged):
        return False
    set_property(connection, conversation, "flagged", [YES] if is_flagged else [])
    return True


def assign(connection: Connection, conversation: int, operator: int | None) -> bool:
    """Gives a conversation to an operator, or to nobody; returns whether there is such a one."""
    if not _change(connection, conversation, assignee=operator):
        return False
    set_property(connection, conversation, "assignee", [str(operator)] if operator is not None else [])
    return True


def hold(connection: Connection, conversation: int, is_held: bool) -> bool:
    """Keeps a conversation whatever its age, or no longer; its visitor can still have it erased."""
    return _change(connection, conversation, hold=is_held)


def set_tags(connection: Connection, conversation: int, tags: Iterable[str]) -> bool:
    """Gives a conversation these tags and no others; returns whether there is such a one."""
    if not _lock(connection, conversation):
        return False
    set_property(connection, conversation, "tag", {tag.strip() for tag in tags} - {""})
    return True


def add_note(
    connection: Connection,
    redactor: Redactor,
    conversation: int,
    author: int,
    text: str,
    now: float,
    seq: int | None = None,
) -> int | None:
    """Writes a note on a conversation, or on one message of it; returns its number, None without such a one.

    Staff may write a name into it, so it is redacted as well.
    """
    if not _lock(connection, conversation):
        return None
    row = {"conversation": conversation, "seq": seq, "author": author, "time": now}
    redacted = redactor.redact(text).text
    return int(connection.execute(insert(NOTE).values(**row, text=redacted)).inserted_primary_key[0])


def remove_note(connection: Connection, note: int, author: int) -> bool:
    """Removes a note of this author; returns whether there was one."""
    gone = delete(NOTE).where(NOTE.c.id == note, NOTE.c.author == author)
    return bool(connection.execute(gone).rowcount)


def _change(connection: Connection, conversation: int, **values: object) -> bool:
    if not _lock(connection, conversation):
        return False
    connection.execute(update(CONVERSATION).where(CONVERSATION.c.id == conversation).values(values))
    return True


def _lock(connection: Connection, conversation: int) -> bool:
    """Keeps the projector off the row until the end (PostgreSQL); returns whether there is one."""
    query = select(CONVERSATION.c.id).where(CONVERSATION.c.id == conversation).with_for_update()
    return connection.execute(query).first() is not None
