"""Questions and replies that a person should look at."""

from collections.abc import Iterable

from sqlalchemy import func, insert, select, update
from sqlalchemy.engine import Connection, Row

from assistant.review.schema import CONVERSATION, MESSAGE, QUEUE_ITEM

PERSON, URGENT, FAILED, RATED_DOWN = "person", "urgent", "failed", "rated_down"
UNANSWERED, UNSURE = "unanswered", "unsure"
QUEUES = (PERSON, URGENT, FAILED, RATED_DOWN, UNANSWERED, UNSURE)
OPEN, DONE = "open", "done"
PAGE = 50
MOST_COUNTED = 1_000


def put_in_queue(connection: Connection, queue: str, conversation: int, message: int, now: float) -> None:
    """Adds a message to a queue, unless it is or was there."""
    present = select(QUEUE_ITEM.c.id).where(QUEUE_ITEM.c.queue == queue, QUEUE_ITEM.c.message == message)
    if connection.execute(present).first() is None:
        row = {
            "queue": queue,
            "state": OPEN,
            "conversation": conversation,
            "message": message,
            "created": now,
        }
        connection.execute(insert(QUEUE_ITEM).values(row))


def list_queue(
    connection: Connection, queue: str, before: int | None = None, state: str = OPEN, most: int = PAGE
) -> list[Row]:
    """Returns items with their messages, the newest message first; `before`: the message to go on from."""
    query = (
        select(QUEUE_ITEM, MESSAGE.c.text, MESSAGE.c.seq, MESSAGE.c.time, CONVERSATION.c.language)
        .join(MESSAGE, MESSAGE.c.id == QUEUE_ITEM.c.message)
        .join(CONVERSATION, CONVERSATION.c.id == QUEUE_ITEM.c.conversation)
        .where(QUEUE_ITEM.c.queue == queue, QUEUE_ITEM.c.state == state)
        .order_by(QUEUE_ITEM.c.message.desc())
        .limit(most)
    )
    if before is not None:
        query = query.where(QUEUE_ITEM.c.message < before)
    return list(connection.execute(query))


def find_item(connection: Connection, item: int) -> Row | None:
    """Returns an item with the seq of its message."""
    query = (
        select(QUEUE_ITEM, MESSAGE.c.seq)
        .join(MESSAGE, MESSAGE.c.id == QUEUE_ITEM.c.message)
        .where(QUEUE_ITEM.c.id == item)
    )
    return connection.execute(query).first()


def find_open(connection: Connection, queue: str, message: int) -> Row | None:
    """Returns the open item of a message in a queue, as `find_item` does."""
    query = (
        select(QUEUE_ITEM, MESSAGE.c.seq)
        .join(MESSAGE, MESSAGE.c.id == QUEUE_ITEM.c.message)
        .where(QUEUE_ITEM.c.queue == queue, QUEUE_ITEM.c.message == message, QUEUE_ITEM.c.state == OPEN)
    )
    return connection.execute(query).first()


def find_kinds(connection: Connection, items: Iterable[Row]) -> dict[tuple[int, int], list[str]]:
    """Returns the kinds of the replies to items' messages, by conversation and seq of the message."""
    wanted = {(item.conversation, item.seq) for item in items}
    query = select(MESSAGE.c.conversation, MESSAGE.c.answers, MESSAGE.c.kind).where(
        MESSAGE.c.conversation.in_({conversation for conversation, _ in wanted}),
        MESSAGE.c.answers.in_({seq for _, seq in wanted}),
        MESSAGE.c.kind.is_not(None),
    )
    found: dict[tuple[int, int], list[str]] = {}
    for row in connection.execute(query.order_by(MESSAGE.c.id)):
        if (row.conversation, row.answers) in wanted:
            found.setdefault((row.conversation, row.answers), []).append(row.kind)
    return found


def count_queues(connection: Connection) -> dict[str, tuple[int, bool]]:
    """Returns for each queue how many items are open, and whether there are more than were counted."""
    counts = {}
    for queue in QUEUES:
        some = select(QUEUE_ITEM.c.id).where(QUEUE_ITEM.c.queue == queue, QUEUE_ITEM.c.state == OPEN)
        found = connection.scalar(select(func.count()).select_from(some.limit(MOST_COUNTED + 1).subquery()))
        counts[queue] = (min(int(found), MOST_COUNTED), int(found) > MOST_COUNTED)
    return counts


def finish(connection: Connection, item: int, operator: int, now: float) -> bool:
    """Marks an item as dealt with; returns whether it was open."""
    done = (
        update(QUEUE_ITEM)
        .where(QUEUE_ITEM.c.id == item, QUEUE_ITEM.c.state == OPEN)
        .values(state=DONE, done_by=operator, done_at=now)
    )
    return bool(connection.execute(done).rowcount)


def reopen(connection: Connection, item: int) -> bool:
    """Takes `finish` back; returns whether it was done."""
    again = (
        update(QUEUE_ITEM)
        .where(QUEUE_ITEM.c.id == item, QUEUE_ITEM.c.state == DONE)
        .values(state=OPEN, done_by=None, done_at=None)
    )
    return bool(connection.execute(again).rowcount)


def assign(connection: Connection, item: int, operator: int | None) -> None:
    """Gives an item to an operator, or to nobody."""
    connection.execute(update(QUEUE_ITEM).where(QUEUE_ITEM.c.id == item).values(assignee=operator))
