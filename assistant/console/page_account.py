"""An operator's own account, and the accounts of all for who makes them."""

from sqlalchemy.exc import IntegrityError

from assistant.console import account, second_factor, session
from assistant.console.access import ADMIN, ROLES, are_allowed
from assistant.console.secret import SHORTEST, hash_password, is_good_password, is_password
from assistant.console.visit import Missing, Problem, Reply, Visit


def show_own(visit: Visit) -> Reply:
    """Password, second factor, sessions of who is signed in."""
    return _own(visit, "")


def change_password(visit: Visit) -> Reply:
    """Needs the old one; other sessions end."""
    assert visit.session is not None
    row = account.lock_operator(visit.connection, visit.operator.id)
    if row is None:
        raise Missing
    password = visit.raw_field("password")
    error = ""
    if account.is_locked(row, visit.now) or not is_password(row.password_hash, visit.raw_field("old")[:1000]):
        error = "wrong_password"
        if not account.is_locked(row, visit.now):
            account.count_failure(visit.connection, row, visit.now)
    elif not is_good_password(password, row.login):
        error = "bad_password"
    elif password != visit.raw_field("again"):
        error = "not_the_same"
    if error:
        reply = _own(visit, error)
        reply.status, reply.result = 400, "refused"
        return reply
    account.change_operator(visit.connection, row.id, password_hash=hash_password(password), failures=0)
    session.end_sessions(visit.connection, row.id, but=visit.session.digest)
    return Reply(location="/account", about=f"operator:{row.login}")


def new_codes(visit: Visit) -> Reply:
    """Replaces the recovery codes; the password is asked for."""
    row = account.lock_operator(visit.connection, visit.operator.id)
    if row is None or account.is_locked(row, visit.now):
        raise Missing
    if not is_password(row.password_hash, visit.raw_field("old")[:1000]):
        account.count_failure(visit.connection, row, visit.now)
        reply = _own(visit, "wrong_password")
        reply.status, reply.result = 400, "refused"
        return reply
    codes = second_factor.new_recovery_codes(visit.connection, visit.operator.id)
    return Reply("recovery.html", {"codes": codes}, about=f"operator:{visit.operator.login}")


def end_own_session(visit: Visit) -> Reply:
    """Ends one session of one's own, named by the beginning of its digest."""
    wanted = visit.field("session", 16)
    for row in session.list_sessions(visit.connection, visit.operator.id, visit.now):
        if wanted and row.digest.startswith(wanted):
            session.end_session(visit.connection, row.digest, visit.operator.id)
            return Reply(location="/account", about=f"operator:{visit.operator.login}")
    raise Missing


def show_all(visit: Visit) -> Reply:
    """All accounts."""
    return _all(visit)


def create(visit: Visit) -> Reply:
    """Makes an account, and a link to hand over."""
    login, name = visit.field("login", 64).lower(), visit.field("name", account.LONGEST_NAME)
    roles = frozenset(visit.request.form.getlist("role") or [])
    if not account.LOGIN.fullmatch(login) or not name:
        raise Problem("bad_login")
    if not are_allowed(roles):
        raise Problem("bad_roles")
    try:
        with visit.connection.begin_nested():
            number = account.create_operator(visit.connection, login, name, roles, "en", visit.now)
    except IntegrityError:
        raise Problem("login_taken", 409) from None
    return _with_link(visit, number, login, {"roles": sorted(roles)})


def change_roles(visit: Visit, number: int) -> Reply:
    """Gives an account other roles; its sessions end."""
    row = _other(visit, number)
    roles = frozenset(visit.request.form.getlist("role") or [])
    if not are_allowed(roles):
        raise Problem("bad_roles")
    if ADMIN not in roles and account.is_last_admin(visit.connection, number):
        raise Problem("last_admin", 409)
    account.change_operator(visit.connection, number, roles=" ".join(sorted(roles)))
    session.end_sessions(visit.connection, number)
    detail = {"before": row.roles.split(), "now": sorted(roles)}
    return Reply(location="/accounts", about=f"operator:{row.login}", detail=detail)


def renew(visit: Visit, number: int) -> Reply:
    """Takes password and second factor away, and gives a link to set them anew."""
    row = _other(visit, number)
    if row.disabled_at is not None:
        raise Missing
    account.end_access(visit.connection, number)
    return _with_link(visit, number, row.login, {})


def end(visit: Visit, number: int) -> Reply:
    """Ends an account for good or until it is opened again; its name stays beside what it did."""
    row = _other(visit, number)
    if account.is_last_admin(visit.connection, number):
        raise Problem("last_admin", 409)
    account.end_access(visit.connection, number)
    account.change_operator(visit.connection, number, disabled_at=visit.now)
    return Reply(location="/accounts", about=f"operator:{row.login}")


def reopen(visit: Visit, number: int) -> Reply:
    """Opens an ended account, with a link to set its password."""
    row = _other(visit, number)
    account.change_operator(visit.connection, number, disabled_at=None)
    return _with_link(visit, number, row.login, {})


def end_sessions(visit: Visit, number: int) -> Reply:
    """Signs an operator out everywhere."""
    row = _other(visit, number)
    session.end_sessions(visit.connection, number)
    return Reply(location="/accounts", about=f"operator:{row.login}")


def _other(visit: Visit, number: int) -> account.Row:
    row = account.lock_operator(visit.connection, number)
    if row is None:
        raise Missing
    return row


def _with_link(visit: Visit, number: int, login: str, detail: dict) -> Reply:
    secret = account.invite(visit.connection, number, visit.now)
    reply = _all(visit)
    reply.values["link"] = {"login": login, "url": f"{visit.parts.address}/welcome/{secret}"}
    reply.about, reply.detail = f"operator:{login}", detail
    return reply


def _all(visit: Visit) -> Reply:
    rows = [
        {
            "row": row,
            "roles": row.roles.split(),
            "sessions": len(session.list_sessions(visit.connection, row.id, visit.now)),
            "state": _state(row, visit.now),
        }
        for row in account.list_operators(visit.connection)
    ]
    return Reply("accounts.html", {"operators": rows, "roles": ROLES, "link": None}, about="operators")


def _state(row: account.Row, now: float) -> str:
    if row.disabled_at is not None:
        return "ended"
    if not row.password_hash:
        return "invited"
    return "locked" if account.is_locked(row, now) else "open"


def _own(visit: Visit, error: str) -> Reply:
    assert visit.session is not None
    values = {
        "error": error,
        "shortest": SHORTEST,
        "codes_left": second_factor.count_recovery_codes(visit.connection, visit.operator.id),
        "sessions": session.list_sessions(visit.connection, visit.operator.id, visit.now),
        "current": visit.session.digest,
    }
    return Reply("account.html", values, about=f"operator:{visit.operator.login}")
