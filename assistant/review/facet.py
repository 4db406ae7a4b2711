"""Properties of conversations that lists are filtered by: a topic, a tag, a kind of reply, a rating."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import bindparam, delete, insert, select, tuple_, update
from sqlalchemy.engine import Connection

from assistant.review.schema import CONVERSATION, FACET, TERM

NAMES = (
    "channel", "language", "topic", "kind", "urgency", "intent", "by", "rule", "rating", "tag", "assignee",
    "reviewed", "flagged",
)  # fmt: skip
LONGEST_VALUE = 128


@dataclass(frozen=True, order=True)
class Property:
    """One property: `topic` `pain`."""

    name: str
    value: str


Seqs = tuple[int, int]
"""First and last message with a property."""


def term_ids(connection: Connection, wanted: Iterable[Property]) -> dict[Property, tuple[int, int]]:
    """Returns id and number of conversations of the properties that exist."""
    pairs = [(one.name, one.value) for one in wanted]
    if not pairs:
        return {}
    query = select(TERM).where(tuple_(TERM.c.name, TERM.c.value).in_(pairs))
    return {Property(row.name, row.value): (row.id, row.conversations) for row in connection.execute(query)}


def add_properties(
    connection: Connection, conversation: int, last_at: float, found: Mapping[Property, Seqs]
) -> list[Property]:
    """Writes the properties of new messages, and the time of the newest to all; returns those that are new.

    Call it after the conversation's own `last_at` is written.
    """
    rows = connection.execute(select(FACET).where(FACET.c.conversation == conversation)).all()
    known = {row.term: row for row in rows}
    ids = _ids(connection, found)
    fresh = []
    for one, (first, last) in found.items():
        row = known.get(ids[one])
        if row is None:
            fresh.append(one)
        elif last > row.last_seq or first < row.first_seq:
            connection.execute(
                update(FACET)
                .where(FACET.c.conversation == conversation, FACET.c.term == row.term)
                .values(first_seq=min(first, row.first_seq), last_seq=max(last, row.last_seq))
            )
    if any(row.last_at != last_at for row in rows):
        connection.execute(update(FACET).where(FACET.c.conversation == conversation).values(last_at=last_at))
    if fresh:
        values = [
            {
                "conversation": conversation,
                "term": ids[one],
                "last_at": last_at,
                "first_seq": found[one][0],
                "last_seq": found[one][1],
            }
            for one in fresh
        ]
        connection.execute(insert(FACET), values)
        _count(connection, [ids[one] for one in fresh], 1)
    return fresh


def set_property(connection: Connection, conversation: int, name: str, values: Iterable[str]) -> None:
    """Gives a conversation these values of a name and no others; such a property is not tied to a message."""
    wanted = {Property(name, value[:LONGEST_VALUE]) for value in values}
    query = (
        select(TERM.c.id, TERM.c.value)
        .join(FACET, FACET.c.term == TERM.c.id)
        .where(FACET.c.conversation == conversation, TERM.c.name == name)
    )
    present = {Property(name, row.value): row.id for row in connection.execute(query)}
    gone = [term for one, term in present.items() if one not in wanted]
    if gone:
        connection.execute(delete(FACET).where(FACET.c.conversation == conversation, FACET.c.term.in_(gone)))
        _count(connection, gone, -1)
    last_at = connection.scalar(select(CONVERSATION.c.last_at).where(CONVERSATION.c.id == conversation))
    add_properties(connection, conversation, last_at, {one: (0, 0) for one in wanted - set(present)})


def properties_of(connection: Connection, conversations: Iterable[int]) -> dict[int, list[Property]]:
    """Returns the properties of each conversation, sorted."""
    query = (
        select(FACET.c.conversation, TERM.c.name, TERM.c.value)
        .join(TERM, TERM.c.id == FACET.c.term)
        .where(FACET.c.conversation.in_(list(conversations)))
    )
    found: dict[int, list[Property]] = {}
    for row in connection.execute(query):
        found.setdefault(row.conversation, []).append(Property(row.name, row.value))
    return {conversation: sorted(some) for conversation, some in found.items()}


def values_of(connection: Connection, name: str, most: int = 200) -> list[tuple[str, int]]:
    """Returns the values of a name with their numbers of conversations, the most frequent first."""
    query = (
        select(TERM.c.value, TERM.c.conversations)
        .where(TERM.c.name == name, TERM.c.conversations > 0)
        .order_by(TERM.c.conversations.desc(), TERM.c.value)
        .limit(most)
    )
    return [(row.value, row.conversations) for row in connection.execute(query)]


def remove_all(connection: Connection, conversation: int) -> int:
    """Takes away all properties of a conversation; returns how many."""
    terms = list(connection.scalars(select(FACET.c.term).where(FACET.c.conversation == conversation)))
    connection.execute(delete(FACET).where(FACET.c.conversation == conversation))
    _count(connection, terms, -1)
    return len(terms)


def _ids(connection: Connection, wanted: Iterable[Property]) -> dict[Property, int]:
    wanted = list(wanted)
    found = {one: term for one, (term, _) in term_ids(connection, wanted).items()}
    for one in wanted:
        if one not in found:
            row = {"name": one.name, "value": one.value, "conversations": 0}
            found[one] = connection.execute(insert(TERM).values(row)).inserted_primary_key[0]
    return found


def _count(connection: Connection, terms: list[int], change: int) -> None:
    if terms:
        counted = (
            update(TERM)
            .where(TERM.c.id == bindparam("term"))
            .values(conversations=TERM.c.conversations + change)
        )
        connection.execute(counted, [{"term": term} for term in terms])
