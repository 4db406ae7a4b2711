"""Who saw or changed what."""

from assistant.console.visit import Reply, Visit
from assistant.review import audit

PAGE = 50
COLUMNS = ("actor", "action", "object", "result")


def show(visit: Visit) -> Reply:
    """The newest rows, of one operator, action, object or result; with `verify` all hashes computed anew."""
    checked = audit.verify(visit.connection) if visit.query("verify") == "yes" else None
    chosen = {name: visit.query(name)[:128] for name in COLUMNS}
    equal = {name: value for name, value in chosen.items() if value}
    rows = audit.list_audit(visit.connection, visit.number("before"), PAGE, **equal)
    values = {"rows": rows, "chosen": chosen, "is_full": len(rows) == PAGE, "checked": checked}
    detail = {**equal, "verified": checked.rows, "wrong": checked.wrong} if checked is not None else equal
    return Reply("audit.html", values, about="audit", detail=detail)
