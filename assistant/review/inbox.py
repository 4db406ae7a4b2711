"""The list of conversations, newest first, page by page, whatever the filter.

No request looks at more than `MOST_LOOKED_AT` conversations: the list is driven by the property that
fewest conversations have, and where the page is still not full after so many, it says how far back it
looked and goes on from there.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, exists, literal, select, tuple_
from sqlalchemy.engine import Connection, Row
from sqlalchemy.sql import ColumnElement
from sqlalchemy.sql.selectable import FromClause

from assistant.review.conversation_filter import ConversationFilter
from assistant.review.facet import Property, properties_of, term_ids
from assistant.review.schema import CONVERSATION, FACET

PAGE = 50
MOST_LOOKED_AT = 5_000
MOST_COUNTED = 1_000

Place = tuple[float, int]
"""Time of the newest message and number of a conversation: where a page ends."""


@dataclass(frozen=True)
class Listed:
    """A conversation in a list: its row, and its properties."""

    row: Row
    properties: list[Property]


@dataclass(frozen=True)
class Page:
    """Conversations, and where the next page begins; None after the last.

    Attributes:
        looked_to: time down to which was looked where the page is not full, None where it is complete.
    """

    conversations: list[Listed]
    next: Place | None
    looked_to: float | None = None


def list_conversations(
    connection: Connection, wanted: ConversationFilter, after: Place | None = None, most: int = PAGE
) -> Page:
    """Returns the conversations behind a place, the newest where none is given."""
    plan = _plan(connection, wanted)
    if plan is None:
        return Page([], None)
    found, cut = _find(connection, plan, after, most + 1)
    page = found[:most]
    rows = connection.execute(select(CONVERSATION).where(CONVERSATION.c.id.in_([key for _, key in page])))
    by_key = {row.id: row for row in rows}
    properties = properties_of(connection, by_key)
    listed = [Listed(by_key[key], properties.get(key, [])) for _, key in page]
    if len(found) > most:
        return Page(listed, page[-1])
    return Page(listed, cut, cut[0] if cut else None)


def count_conversations(connection: Connection, wanted: ConversationFilter) -> tuple[int, bool]:
    """Returns how many there are, and whether there may be more: counting ends at 1,000."""
    plan = _plan(connection, wanted)
    if plan is None:
        return 0, False
    found, cut = _find(connection, plan, None, MOST_COUNTED + 1)
    return min(len(found), MOST_COUNTED), cut is not None or len(found) > MOST_COUNTED


@dataclass(frozen=True)
class _Plan:
    """What drives a list, of which one property at least, and what to look at in each conversation."""

    source: FromClause
    key: ColumnElement[Any]
    terms: list[int]
    drive: list[ColumnElement[bool]]
    look: list[ColumnElement[bool]]


def _plan(connection: Connection, wanted: ConversationFilter) -> _Plan | None:
    """Returns how to find them, None where nothing can be found."""
    groups = [[Property(name, value) for value in values] for name, values in wanted.facets.items()]
    groups += [[one] for one in (wanted.first, wanted.then) if one is not None]
    known = term_ids(connection, [one for group in [*groups, wanted.without] for one in group])
    terms = [([known[one][0] for one in group if one in known]) for group in groups]
    if any(not some for some in terms):
        return None
    sizes = [sum(known[one][1] for one in group if one in known) for group in groups]
    source: FromClause = CONVERSATION
    key, last_at, driving = CONVERSATION.c.id, CONVERSATION.c.last_at, []
    if sizes:
        source = FACET.alias("driver")
        key, last_at = source.c.conversation, source.c.last_at
        driving = terms.pop(sizes.index(min(sizes)))
    drive = []
    if wanted.since is not None:
        drive.append(last_at >= wanted.since)
    if wanted.until is not None:
        drive.append(last_at < wanted.until)
    look = [_has(key, some) for some in terms]
    look += [~_has(key, [known[one][0]]) for one in wanted.without if one in known]
    if wanted.first is not None and wanted.then is not None:
        look.append(_in_order(key, known[wanted.first][0], known[wanted.then][0]))
    look += _of_row(wanted, key, source is CONVERSATION)
    return _Plan(source, key, driving, drive, look)


def _has(key: ColumnElement[Any], terms: list[int]) -> ColumnElement[bool]:
    facet = FACET.alias()
    return exists(select(literal(1)).where(facet.c.conversation == key, _is_one_of(facet.c.term, terms)))


def _in_order(key: ColumnElement[Any], first: int, then: int) -> ColumnElement[bool]:
    one, other = FACET.alias(), FACET.alias()
    return exists(
        select(literal(1)).where(
            one.c.conversation == key,
            one.c.term == first,
            other.c.conversation == key,
            other.c.term == then,
            one.c.first_seq < other.c.last_seq,
        )
    )


def _of_row(wanted: ConversationFilter, key: ColumnElement[Any], is_here: bool) -> list[ColumnElement[bool]]:
    """Returns the conditions on the conversation's own columns."""
    row = CONVERSATION if is_here else CONVERSATION.alias("looked")
    conditions = []
    if wanted.confidence_below is not None:
        conditions.append(row.c.confidence < wanted.confidence_below)
    if wanted.confidence_from is not None:
        conditions.append(row.c.confidence >= wanted.confidence_from)
    if wanted.turns_from is not None:
        conditions.append(row.c.turns >= wanted.turns_from)
    if wanted.turns_to is not None:
        conditions.append(row.c.turns <= wanted.turns_to)
    if not conditions or is_here:
        return conditions
    return [exists(select(literal(1)).where(and_(row.c.id == key, *conditions)))]


def _find(
    connection: Connection, plan: _Plan, after: Place | None, most: int
) -> tuple[list[Place], Place | None]:
    """Returns where the conversations are, and where looking ended early, None where it did not."""
    last_at = plan.source.c.last_at
    conditions = list(plan.drive)
    if after is not None:
        conditions.append(tuple_(last_at, plan.key) < tuple_(literal(after[0]), literal(after[1])))
    newest_first = (last_at.desc(), plan.key.desc())
    cut = None
    if plan.look or len(plan.terms) > 1:
        cut = _cut(connection, plan, conditions)
        if cut is not None:
            conditions.append(tuple_(last_at, plan.key) >= tuple_(literal(cut[0]), literal(cut[1])))
    if plan.terms:
        conditions.append(_is_one_of(plan.source.c.term, plan.terms))
    query = select(last_at, plan.key).where(*conditions, *plan.look).order_by(*newest_first).limit(most)
    if len(plan.terms) > 1:
        query = query.distinct()
    found = [(float(row[0]), int(row[1])) for row in connection.execute(query)]
    return found, cut if len(found) < most else None


def _cut(connection: Connection, plan: _Plan, conditions: list[ColumnElement[bool]]) -> Place | None:
    """Returns how far back may be looked; of several values each has its share of what is looked at."""
    last_at = plan.source.c.last_at
    bound = select(last_at, plan.key).where(*conditions).order_by(last_at.desc(), plan.key.desc()).limit(1)
    share = bound.offset(MOST_LOOKED_AT // max(1, len(plan.terms)))
    each = [share.where(plan.source.c.term == term) for term in plan.terms] or [share]
    rows = [connection.execute(one).first() for one in each]
    return max(((float(row[0]), int(row[1])) for row in rows if row is not None), default=None)


def _is_one_of(column: ColumnElement[Any], terms: list[int]) -> ColumnElement[bool]:
    return column == terms[0] if len(terms) == 1 else column.in_(terms)
