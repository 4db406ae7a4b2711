"""Lists of conversations: by filter, by words."""

from collections.abc import Callable
from urllib.parse import parse_qs

from sqlalchemy import delete, insert, select, update
from sqlalchemy.engine import Row

from assistant.console import account, filter_form
from assistant.console.filter_form import CHOICES, Pairs, as_query, pairs_of
from assistant.console.visit import Missing, Problem, Reply, Visit
from assistant.review import inbox, text_search
from assistant.review.conversation_filter import BadFilter, ConversationFilter
from assistant.review.facet import LONGEST_VALUE, values_of
from assistant.review.inbox import Place
from assistant.review.schema import SAVED_FILTER

PAGE = 30
LONGEST_SEARCH = 200
LONGEST_FILTER_NAME = 60
MOST_SAVED = 50


def list_conversations(visit: Visit) -> Reply:
    """One page of the conversations that a filter takes."""
    pairs = pairs_of(visit.queries)
    wanted = read_filter(visit, pairs)
    page = inbox.list_conversations(visit.connection, wanted, _place(visit.query("after")), PAGE)
    values = {
        "page": page,
        "count": inbox.count_conversations(visit.connection, wanted),
        "query": as_query(pairs),
        "next": as_query(pairs, after=_as_text(page.next)) if page.next else None,
        "is_first": not visit.query("after"),
        "chosen": _chosen(pairs),
        "is_filtered": bool(pairs),
        "choices": {name: values_of(visit.connection, name) for name in CHOICES},
        "names": account.names_of(visit.connection),
        "saved": _saved(visit),
    }
    detail = {"filter": wanted.to_json(), "shown": len(page.conversations)}
    return Reply("inbox.html", values, about="conversations", detail=detail)


def save_filter(visit: Visit) -> Reply:
    """Keeps the filter of an address under a name, for oneself or for all."""
    name = visit.parts.redactor.redact(visit.field("name", LONGEST_FILTER_NAME)).text[:LONGEST_VALUE]
    query = visit.field("query", 2000)
    pairs = pairs_of(_values(query))
    read_filter(visit, pairs)
    if not name or not pairs:
        raise Problem("empty_filter")
    mine = (SAVED_FILTER.c.operator == visit.operator.id) & (SAVED_FILTER.c.name == name)
    values = {"filter": as_query(pairs), "is_shared": visit.field("shared") == "yes"}
    if not visit.connection.execute(update(SAVED_FILTER).where(mine).values(values)).rowcount:
        if len(_saved(visit)) >= MOST_SAVED:
            raise Problem("too_many_filters", 409)
        row = {"operator": visit.operator.id, "name": name, **values}
        visit.connection.execute(insert(SAVED_FILTER).values(row))
    return Reply(location=f"/conversations?{as_query(pairs)}", about="filter")


def delete_filter(visit: Visit, number: int) -> Reply:
    """Removes a saved filter of one's own."""
    mine = (SAVED_FILTER.c.id == number) & (SAVED_FILTER.c.operator == visit.operator.id)
    if not visit.connection.execute(delete(SAVED_FILTER).where(mine)).rowcount:
        raise Missing
    return Reply(location="/conversations", about=f"filter:{number}")


def begin_search(visit: Visit) -> Reply:
    """Keeps the words with the session, so that they stand in no address and no log."""
    assert visit.session is not None
    visit.parts.searches.keep(visit.session.digest, visit.field("words", LONGEST_SEARCH))
    return Reply(location="/search", about="search")


def show_search(visit: Visit) -> Reply:
    """One page of the messages that hold the words of the session's last search."""
    assert visit.session is not None
    words = visit.parts.searches.words(visit.session.digest)
    found = text_search.search(visit.connection, words, visit.number("before"), most=PAGE)
    values = {"words": words, "found": found, "is_first": visit.number("before") is None}
    shown = sorted({row.conversation for row in found.messages})
    return Reply("search.html", values, about="search", detail={"conversations": shown})


def read_filter(visit: Visit, pairs: Pairs) -> ConversationFilter:
    """Returns the filter of an address; raises Problem for one that cannot be."""
    try:
        return filter_form.parse(pairs, visit.parts.knowledge().clinic.time_zone)
    except BadFilter:
        raise Problem("bad_filter") from None


def _chosen(pairs: Pairs) -> dict[str, list[str]]:
    chosen: dict[str, list[str]] = {name: [] for name in filter_form.NAMES}
    for name, value in pairs:
        chosen[name].append(value)
    return chosen


def _values(query: str) -> Callable[[str], list[str]]:
    parsed = parse_qs(query)
    return lambda name: parsed.get(name, [])


def _saved(visit: Visit) -> list[Row]:
    mine = (SAVED_FILTER.c.operator == visit.operator.id) | SAVED_FILTER.c.is_shared
    return list(visit.connection.execute(select(SAVED_FILTER).where(mine).order_by(SAVED_FILTER.c.name)))


def _place(text: str) -> Place | None:
    """Returns where a page ends, from `1790000000.25_12`; None for anything else."""
    time, _, number = text.partition("_")
    try:
        place = float(time), int(number)
    except ValueError:
        return None
    return place if 0 <= place[0] < 1e12 and 0 < place[1] < 2**62 else None


def _as_text(place: Place | None) -> str:
    return f"{place[0]!r}_{place[1]}" if place else ""
