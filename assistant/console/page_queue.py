"""What a person should look at: the overview, the queues, groups of questions, answers due for review."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from assistant.console import account
from assistant.console.access import AUDITOR, READERS
from assistant.console.page_conversation import LONGEST_NOTE
from assistant.console.visit import Missing, Problem, Reply, Visit
from assistant.knowledge.review import countries_due, is_withdrawn
from assistant.review import change, correction, question_group, queue
from assistant.review.facet import Property, term_ids

SHORTEST_NOTE = 5
SOON = timedelta(days=30)
# What is corrected by topic, one after the other.
CORRECTED = (queue.UNANSWERED, queue.UNSURE, queue.RATED_DOWN)


def show_home(visit: Visit) -> Reply:
    """What is to be done; who may not read conversations is sent to what they may see."""
    if not visit.operator.roles & READERS:
        return Reply(location="/audit" if AUDITOR in visit.operator.roles else "/accounts")
    mine = Property("assignee", str(visit.operator.id))
    proposed = correction.list_corrections(visit.connection, most=queue.MOST_COUNTED + 1)
    values = {
        "counts": queue.count_queues(visit.connection),
        "mine": term_ids(visit.connection, [mine]).get(mine, (0, 0))[1],
        "groups": len(question_group.list_groups(visit.connection, most=queue.MOST_COUNTED)),
        "proposed": (min(len(proposed), queue.MOST_COUNTED), len(proposed) > queue.MOST_COUNTED),
        "due": sum(one["state"] != "soon" for one in _due(visit)),
    }
    return Reply("home.html", values, about="overview")


def show_queue(visit: Visit, name: str) -> Reply:
    """The open items of a queue, or what was done of it; the newest first."""
    if name not in queue.QUEUES:
        raise Missing
    state = queue.DONE if visit.query("state") == queue.DONE else queue.OPEN
    items = queue.list_queue(visit.connection, name, visit.number("before"), state)
    values = {
        "name": name,
        "state": state,
        "items": items,
        "kinds": queue.find_kinds(visit.connection, items),
        "next": items[-1].message if len(items) == queue.PAGE else None,
        "needs_note": name == queue.URGENT,
        "is_corrected": name in CORRECTED,
        "names": account.names_of(visit.connection),
        "now": visit.now,
        "longest_note": LONGEST_NOTE,
    }
    return Reply("queue.html", values, about=f"queue:{name}", detail=_seen(items))


def finish(visit: Visit, number: int) -> Reply:
    """Closes an item; an urgent one only with a note that says what was done."""
    item = queue.find_item(visit.connection, number)
    if item is None:
        raise Missing
    text = visit.field("note", LONGEST_NOTE)
    if item.queue == queue.URGENT and len(text) < SHORTEST_NOTE:
        raise Problem("note_needed")
    if not queue.finish(visit.connection, number, visit.operator.id, visit.now):
        raise Problem("already_done", 409)
    if text:
        redactor, author = visit.parts.redactor, visit.operator.id
        change.add_note(visit.connection, redactor, item.conversation, author, text, visit.now, item.seq)
    about = f"conversation:{item.conversation}"
    return Reply(location=f"/queues/{item.queue}", about=about, detail={"item": number, "queue": item.queue})


def reopen(visit: Visit, number: int) -> Reply:
    """Takes `finish` back; its note stays."""
    item = queue.find_item(visit.connection, number)
    if item is None or not queue.reopen(visit.connection, number):
        raise Missing
    about = f"conversation:{item.conversation}"
    return Reply(location=f"/queues/{item.queue}", about=about, detail={"item": number, "queue": item.queue})


def show_groups(visit: Visit) -> Reply:
    """Similar questions without an answer, the largest groups first."""
    state = question_group.DONE if visit.query("state") == question_group.DONE else question_group.OPEN
    offset = min(visit.number("offset") or 0, 100_000)
    groups = question_group.list_groups(visit.connection, state, offset)
    following = offset + question_group.PAGE if len(groups) == question_group.PAGE else None
    values = {"groups": groups, "state": state, "offset": offset, "next": following}
    return Reply("groups.html", values, about="groups", detail={"groups": [row.id for row in groups]})


def show_group(visit: Visit, number: int) -> Reply:
    """The questions of a group."""
    questions = question_group.find_questions(visit.connection, number, visit.number("before"))
    group = question_group.find_group(visit.connection, number)
    if group is None:
        raise Missing
    following = questions[-1].id if len(questions) == question_group.PAGE else None
    values = {"group": group, "questions": questions, "next": following}
    return Reply("group.html", values, about=f"group:{number}", detail=_seen(questions))


def set_group_state(visit: Visit, number: int) -> Reply:
    """Closes a group, or opens it again."""
    state = question_group.DONE if visit.field("state") == question_group.DONE else question_group.OPEN
    if not question_group.set_state(visit.connection, number, state):
        raise Missing
    return Reply(location="/groups", about=f"group:{number}", detail={"state": state})


def show_due(visit: Visit) -> Reply:
    """Answers that somebody has to read again, and telephone numbers to look up."""
    knowledge = visit.parts.knowledge()
    countries = sorted(countries_due(knowledge, _today(visit)))
    return Reply("due.html", {"due": _due(visit), "countries": countries}, about="due")


def _due(visit: Visit) -> list[dict[str, object]]:
    knowledge, today = visit.parts.knowledge(), _today(visit)
    found = []
    for entry in sorted(knowledge.entries.values(), key=lambda entry: (entry.review_due, entry.id)):
        if entry.review_due - SOON <= today:
            state = "due" if entry.review_due <= today else "soon"
            state = "withdrawn" if is_withdrawn(knowledge, entry, today) else state
            found.append({"entry": entry, "state": state})
    return found


def _today(visit: Visit) -> date:
    zone = ZoneInfo(visit.parts.knowledge().clinic.time_zone)
    return datetime.fromtimestamp(visit.now, zone).date()


def _seen(rows: list) -> dict[str, object]:
    return {"conversations": sorted({row.conversation for row in rows})}
