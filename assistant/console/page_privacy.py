"""Erasing a conversation for good, with a receipt."""

import json

from assistant.console.visit import Missing, Problem, Reply, Visit
from assistant.review import conversation_view, erasure

SHORTEST_REASON = 5
LONGEST_REASON = 300


def ask(visit: Visit, number: int) -> Reply:
    """What is going to be erased, and why."""
    row = conversation_view.find_conversation(visit.connection, number)
    if row is None:
        raise Missing
    return Reply("erase.html", {"row": row, "longest": LONGEST_REASON}, about=f"conversation:{number}")


def erase(visit: Visit, number: int) -> Reply:
    """Asks the projector to erase; a conversation on hold has to be released first."""
    row = conversation_view.find_conversation(visit.connection, number)
    if row is None:
        raise Missing
    if row.hold:
        raise Problem("on_hold", 409)
    reason = visit.field("reason", LONGEST_REASON)
    if len(reason) < SHORTEST_REASON or visit.field("sure") != "yes":
        raise Problem("reason_needed")
    receipt = erasure.request_erasure(visit.connection, number, visit.operator.login, visit.now)
    if receipt is None:
        raise Missing
    detail = {"reason": visit.parts.redactor.redact(reason).text, "receipt": receipt}
    return Reply(location=f"/erasures/{receipt}", about=f"conversation:{number}", detail=detail)


def list_receipts(visit: Visit) -> Reply:
    """Requests of staff and of visitors, with what was taken away."""
    rows = erasure.list_erasures(visit.connection, visit.number("before"))
    values = {"rows": [(row, json.loads(row.receipt)) for row in rows], "full": len(rows) == 50}
    return Reply("erasures.html", values, about="erasures")


def show_receipt(visit: Visit, number: int) -> Reply:
    """One receipt, to be printed."""
    row = erasure.find_erasure(visit.connection, number)
    if row is None:
        raise Missing
    values = {"row": row, "counts": json.loads(row.receipt)}
    return Reply("receipt.html", values, about=f"erasure:{number}")
