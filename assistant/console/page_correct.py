"""The right topic for a question, in three keys: `pa` and Enter; then the next question appears."""

from assistant.console.page_queue import CORRECTED
from assistant.console.visit import Missing, Problem, Reply, Visit
from assistant.review import conversation_view, correction, queue
from assistant.review.conversation_view import Said

KIND = "intent"
RIGHT, SKIP = "0", "s"
MOST_SUGGESTED = 5


def show(visit: Visit, name: str) -> Reply:
    """The newest question of a queue behind `before`."""
    if name not in CORRECTED:
        raise Missing
    items = queue.list_queue(visit.connection, name, visit.number("before"), most=1)
    if not items:
        return Reply("correct.html", {"said": None, "name": name}, about=f"queue:{name}")
    item = items[0]
    said = _said(visit, item.conversation, item.seq)
    return _page(visit, said, name, f"/correct/{name}")


def show_one(visit: Visit, number: int, seq: int) -> Reply:
    """A question of a conversation."""
    return _page(visit, _said(visit, number, seq), "", f"/conversations/{number}/correct/{seq}")


def correct(visit: Visit, name: str) -> Reply:
    """Writes the correction, closes the item, and goes to the next question."""
    if name not in CORRECTED:
        raise Missing
    message = visit.form_number("message")
    item = queue.find_open(visit.connection, name, message)
    location = f"/correct/{name}?before={message}"
    if item is None or visit.field("code").lower() in ("", SKIP):
        return Reply(location=location, about=f"queue:{name}", detail={"skipped": message})
    said = _said(visit, item.conversation, item.seq)
    detail = _write(visit, said)
    queue.finish(visit.connection, item.id, visit.operator.id, visit.now)
    return Reply(location=location, about=f"conversation:{item.conversation}", detail=detail)


def correct_one(visit: Visit, number: int, seq: int) -> Reply:
    """Writes the correction of a question of a conversation."""
    detail = _write(visit, _said(visit, number, seq))
    return Reply(
        location=f"/conversations/{number}?after={max(0, seq - 10)}#m{seq}",
        about=f"conversation:{number}",
        detail=detail,
    )


def list_proposed(visit: Visit) -> Reply:
    """Corrections that wait for a second look."""
    after = visit.number("after") or 0
    rows = correction.list_corrections(visit.connection, after=after)
    detail = {"conversations": sorted({row.conversation for row in rows})}
    return Reply("corrections.html", {"rows": rows}, about="corrections", detail=detail)


def decide(visit: Visit, number: int) -> Reply:
    """Approves or rejects."""
    is_approved = visit.field("decision") == "approve"
    if not correction.decide(visit.connection, number, is_approved, visit.operator.id, visit.now):
        raise Missing
    return Reply(location="/corrections", about=f"correction:{number}", detail={"approved": is_approved})


def codes_of(intents: tuple[str, ...]) -> dict[str, str]:
    """Returns a code of two letters for each intent: the first, and the next one in its name that is free."""
    codes: dict[str, str] = {}
    for intent in intents:
        name = "".join(letter for letter in intent.removeprefix("ask_") if letter.isalpha())
        letters = name[1:] + "abcdefghijklmnopqrstuvwxyz"
        code = next((name[0] + one for one in letters if name[0] + one not in codes), None)
        if code is not None:
            codes[code] = intent
    return codes


def _page(visit: Visit, said: Said, name: str, action: str, error: str = "") -> Reply:
    ranking = _ranking(said)
    topics = [
        (code, visit.parts.labels("intent", intent)) for code, intent in codes_of(visit.parts.intents).items()
    ]
    values = {
        "said": said,
        "name": name,
        "action": action,
        "found": visit.parts.labels("intent", said.trace.intent) if said.trace is not None else "",
        "suggested": [(visit.parts.labels("intent", intent), share) for intent, share in ranking],
        "topics": sorted(topics, key=lambda one: one[1].lower()),
        "error": error,
    }
    return Reply("correct.html", values, about=f"conversation:{said.row.conversation}")


def _ranking(said: Said) -> list[tuple[str, float]]:
    return [(str(name), float(share)) for name, share in said.detail.get("ranking", [])][:MOST_SUGGESTED]


def _said(visit: Visit, conversation: int, seq: int) -> Said:
    found = conversation_view.find_said(visit.connection, conversation, seq - 1, most=1)
    if not found or found[0].row.seq != seq or found[0].row.role != "user":
        raise Missing
    return found[0]


def _write(visit: Visit, said: Said) -> dict[str, object]:
    """Returns the audit's detail; raises Problem for a code that is none."""
    code = visit.field("code").lower()
    found = said.trace.intent if said.trace is not None else ""
    if code == RIGHT:
        return {"message": said.row.id, "right": found}
    ranking = _ranking(said)
    if code.isascii() and code.isdigit() and 1 <= int(code) <= len(ranking):
        wanted = ranking[int(code) - 1][0]
    else:
        wanted = codes_of(visit.parts.intents).get(code, "")
    if not wanted:
        raise Problem("bad_code")
    redactor, author = visit.parts.redactor, visit.operator.id
    args = (said.row.id, KIND, found, wanted, author, visit.now)
    correction.propose(visit.connection, redactor, *args)
    return {"message": said.row.id, "wanted": wanted}
