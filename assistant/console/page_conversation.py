"""One conversation, and what staff do with it."""

import re
from urllib.parse import parse_qs

from sqlalchemy import select

from assistant.console import account
from assistant.console.access import READERS
from assistant.console.filter_form import Pairs, as_query, pairs_of
from assistant.console.page_inbox import read_filter
from assistant.console.visit import Missing, Problem, Reply, Visit
from assistant.review import change, conversation_view, inbox
from assistant.review.facet import values_of
from assistant.review.schema import NOTE, OPERATOR

LONGEST_NOTE = 2_000
MOST_TAGS, LONGEST_TAG = 20, 40
# How often a list may end early before "next" says that there is none.
MOST_LOOKS = 10
_TAG = re.compile(r"[\w][\w .'-]*")


def show(visit: Visit, number: int) -> Reply:
    """What was said, and why; 50 messages at a time."""
    row = conversation_view.find_conversation(visit.connection, number)
    if row is None:
        raise Missing
    before = visit.number("before")
    after = visit.number("after") or 0
    said = conversation_view.find_said(visit.connection, number, after, before)
    properties = conversation_view.find_properties(visit.connection, number)
    pairs = pairs_of(visit.queries)
    values = {
        "row": row,
        "said": said,
        "is_first": not said or said[0].row.seq <= 1,
        "is_last": not said or said[-1].row.seq >= row.last_seq,
        "tags": [one.value for one in properties if one.name == "tag"],
        "known_tags": [value for value, _ in values_of(visit.connection, "tag")],
        "notes": conversation_view.find_notes(visit.connection, number),
        "names": account.names_of(visit.connection),
        "readers": _readers(visit),
        "query": as_query(pairs),
        "longest_note": LONGEST_NOTE,
    }
    shown = [said[0].row.seq, said[-1].row.seq] if said else []
    return Reply("conversation.html", values, about=f"conversation:{number}", detail={"messages": shown})


def go_to_next(visit: Visit, number: int) -> Reply:
    """Goes to the conversation behind this one in the same filter, or back to the list after the last."""
    return Reply(location=_next(visit, number, pairs_of(visit.queries)), about=f"conversation:{number}")


def mark_reviewed(visit: Visit, number: int) -> Reply:
    """Marks as reviewed; goes on to the next one where that was asked for."""
    following = _next(visit, number, _pairs(visit))
    is_done = change.mark_reviewed(visit.connection, number, visit.operator.id, visit.now)
    reply = _done(visit, number, is_done)
    if visit.field("go") == "next":
        reply.location = following
    return reply


def unmark_reviewed(visit: Visit, number: int) -> Reply:
    """Takes `mark_reviewed` back."""
    return _done(visit, number, change.mark_reviewed(visit.connection, number, None, visit.now))


def flag(visit: Visit, number: int) -> Reply:
    """Flags, or takes the flag away."""
    is_flagged = visit.field("flagged") == "yes"
    return _done(visit, number, change.flag(visit.connection, number, is_flagged), flagged=is_flagged)


def hold(visit: Visit, number: int) -> Reply:
    """Keeps a conversation whatever its age, or no longer."""
    is_held = visit.field("hold") == "yes"
    return _done(visit, number, change.hold(visit.connection, number, is_held), hold=is_held)


def assign(visit: Visit, number: int) -> Reply:
    """Gives a conversation to somebody who may read it, or to nobody."""
    chosen = visit.field("assignee")
    operator = int(chosen) if chosen.isascii() and chosen.isdigit() and len(chosen) < 10 else None
    if operator is not None and operator not in {one for one, _ in _readers(visit)}:
        raise Missing
    return _done(visit, number, change.assign(visit.connection, number, operator), assignee=operator)


def set_tags(visit: Visit, number: int) -> Reply:
    """Sets the tags, which are separated by commas."""
    tags = [tag.strip() for tag in visit.field("tags").split(",") if tag.strip()]
    if len(tags) > MOST_TAGS or any(len(tag) > LONGEST_TAG or not _TAG.fullmatch(tag) for tag in tags):
        raise Problem("bad_tag")
    # a tag is shown to all and stands in addresses: nobody's name belongs there
    if any(visit.parts.redactor.redact(tag).text != tag for tag in tags):
        raise Problem("tag_identifies")
    return _done(visit, number, change.set_tags(visit.connection, number, tags), tags=len(tags))


def add_note(visit: Visit, number: int) -> Reply:
    """Writes a note, redacted, on the conversation or on one message."""
    text = visit.field("text", LONGEST_NOTE)
    if not text:
        raise Problem("empty_note")
    about = visit.field("seq")
    seq = int(about) if about.isascii() and about.isdigit() and len(about) < 10 else None
    redactor, author = visit.parts.redactor, visit.operator.id
    note = change.add_note(visit.connection, redactor, number, author, text, visit.now, seq)
    reply = _done(visit, number, note is not None, note=note)
    reply.location += "#notes"
    return reply


def remove_note(visit: Visit, number: int, note: int) -> Reply:
    """Removes a note of one's own."""
    here = select(NOTE.c.id).where(NOTE.c.id == note, NOTE.c.conversation == number)
    if visit.connection.execute(here).first() is None:
        raise Missing
    is_gone = change.remove_note(visit.connection, note, visit.operator.id)
    return _done(visit, number, is_gone, note=note)


def _done(visit: Visit, number: int, is_done: bool, **detail: object) -> Reply:
    if not is_done:
        raise Missing
    query = as_query(_pairs(visit))
    location = f"/conversations/{number}" + (f"?{query}" if query else "")
    return Reply(location=location, about=f"conversation:{number}", detail=detail)


def _pairs(visit: Visit) -> Pairs:
    """Returns the filter that a form came from."""
    parsed = parse_qs(visit.field("query"))
    return pairs_of(lambda name: parsed.get(name, []))


def _next(visit: Visit, number: int, pairs: Pairs) -> str:
    row = conversation_view.find_conversation(visit.connection, number)
    if row is None:
        raise Missing
    wanted, query = read_filter(visit, pairs), as_query(pairs)
    place: inbox.Place | None = (row.last_at, row.id)
    for _ in range(MOST_LOOKS):
        page = inbox.list_conversations(visit.connection, wanted, place, 1)
        if page.conversations:
            found = page.conversations[0].row.id
            return f"/conversations/{found}" + (f"?{query}" if query else "")
        place = page.next
        if place is None:
            break
    return "/conversations" + (f"?{query}" if query else "")


def _readers(visit: Visit) -> list[tuple[int, str]]:
    """Returns those whom a conversation can be given to."""
    rows = visit.connection.execute(select(OPERATOR).where(OPERATOR.c.disabled_at.is_(None)))
    return sorted(
        ((row.id, row.name) for row in rows if READERS & set(row.roles.split())), key=lambda one: one[1]
    )
