"""Signing in: password, second factor, and the links that begin an account."""

from urllib.parse import quote

from assistant.console import account, second_factor, session
from assistant.console.access import ENROL, FIRST_ROLES, FULL, PASSWORD
from assistant.console.secret import SHORTEST, hash_password, is_good_password, is_password
from assistant.console.visit import UNKNOWN, Missing, Problem, Reply, Visit

LOGIN = "login.html"


def show_login(visit: Visit) -> Reply:
    """The form for name and password."""
    return Reply(LOGIN, {"next": _inside(visit.query("next")), "error": "", "login": ""})


def log_in(visit: Visit) -> Reply:
    """Checks the password; a wrong one, an unknown name and a locked account look and take the same."""
    login = visit.field("login", 64)
    target = _inside(visit.raw_field("next"))
    row = account.lock_login(visit.connection, login)
    is_right = is_password(row.password_hash if row is not None else "", visit.raw_field("password")[:1000])
    if row is None or not is_right or account.is_locked(row, visit.now):
        if row is not None and not account.is_locked(row, visit.now):
            account.count_failure(visit.connection, row, visit.now)
        values = {"next": target, "error": "wrong_login", "login": login}
        actor = row.login if row is not None else UNKNOWN
        return Reply(LOGIN, values, status=401, result="refused", actor=actor)
    stage = PASSWORD if row.totp_secret else ENROL
    secret = session.begin_session(visit.connection, row.id, stage, visit.now)
    location = "/login/code" if row.totp_secret else "/enrol"
    return Reply(
        location=_with_next(location, target), cookie=secret, actor=row.login, detail={"stage": stage}
    )


def show_code(visit: Visit) -> Reply:
    """The form for the second factor."""
    return Reply("code.html", {"next": _inside(visit.query("next")), "error": ""})


def check_code(visit: Visit) -> Reply:
    """Takes a code of the app, or a recovery code; failures lock the account as wrong passwords do."""
    row = account.lock_operator(visit.connection, visit.operator.id)
    if row is None or not row.totp_secret:
        raise Missing
    code = visit.field("code", 32)
    target = _inside(visit.raw_field("next"))
    step = second_factor.matching_step(row.totp_secret, code.replace(" ", ""), visit.now, row.totp_step)
    by_app = step is not None
    if step is not None:
        second_factor.remember_step(visit.connection, row.id, step)
    elif not second_factor.use_recovery_code(visit.connection, row.id, code, visit.now):
        account.count_failure(visit.connection, row, visit.now)
        return Reply("code.html", {"next": target, "error": "wrong_code"}, status=401, result="refused")
    account.change_operator(visit.connection, row.id, failures=0, locked_until=None)
    secret = _begin(visit, row.id)
    return Reply(location=target or "/", cookie=secret, detail={"by": "app" if by_app else "recovery code"})


def show_welcome(visit: Visit, secret: str) -> Reply:
    """The form behind a link."""
    invitation = account.find_invitation(visit.connection, secret, visit.now)
    if invitation is None:
        raise Problem("link", 404)
    return _welcome(visit, invitation, "")


def accept_welcome(visit: Visit, secret: str) -> Reply:
    """Makes the first account, or sets the password of the one that the link is for; the link is used up."""
    invitation = account.find_invitation(visit.connection, secret, visit.now)
    if invitation is None:
        raise Problem("link", 404)
    password = visit.raw_field("password")
    row = None
    if invitation.operator is not None:
        row = account.find_operator(visit.connection, invitation.operator)
        if row is None or row.disabled_at is not None:
            raise Problem("link", 404)
    login = row.login if row is not None else visit.field("login", 64).lower()
    name = row.name if row is not None else visit.field("name", account.LONGEST_NAME)
    error = ""
    if row is None and (not account.LOGIN.fullmatch(login) or not name):
        error = "bad_login"
    elif not is_good_password(password, login):
        error = "bad_password"
    elif password != visit.raw_field("again"):
        error = "not_the_same"
    if error:
        reply = _welcome(visit, invitation, error)
        reply.status, reply.result, reply.actor = 400, "refused", login if row is not None else UNKNOWN
        return reply
    if row is not None:
        number = int(row.id)
    elif account.list_operators(visit.connection):
        raise Problem("link", 404)
    else:
        number = account.create_operator(visit.connection, login, name, FIRST_ROLES, "en", visit.now)
    account.use_invitation(visit.connection, secret)
    session.end_sessions(visit.connection, number)
    account.change_operator(
        visit.connection, number, password_hash=hash_password(password), failures=0, locked_until=None,
        totp_secret=None, totp_step=None,
    )  # fmt: skip
    begun = session.begin_session(visit.connection, number, ENROL, visit.now)
    return Reply(location="/enrol", cookie=begun, actor=login, about=f"operator:{login}")


def show_enrol(visit: Visit) -> Reply:
    """The square for the authenticator app; the secret stays the same until a code has come."""
    return _enrol(visit, "")


def enrol(visit: Visit) -> Reply:
    """Takes the first code; shows the recovery codes once."""
    assert visit.session is not None
    totp = _pending(visit)
    step = second_factor.matching_step(totp, visit.field("code", 32).replace(" ", ""), visit.now, None)
    if step is None:
        reply = _enrol(visit, "wrong_code")
        reply.status, reply.result = 401, "refused"
        return reply
    account.change_operator(visit.connection, visit.operator.id, totp_secret=totp, totp_step=step)
    codes = second_factor.new_recovery_codes(visit.connection, visit.operator.id)
    secret = _begin(visit, visit.operator.id)
    return Reply("recovery.html", {"codes": codes}, cookie=secret, about=f"operator:{visit.operator.login}")


def log_out(visit: Visit) -> Reply:
    """Ends this session."""
    assert visit.session is not None
    session.end_session(visit.connection, visit.session.digest, visit.operator.id)
    visit.parts.searches.forget(visit.session.digest)
    return Reply(location="/login", cookie="")


def _begin(visit: Visit, operator: int) -> str:
    """Replaces the session of the stage before: what the browser sent until now is worth nothing any more."""
    assert visit.session is not None
    session.end_session(visit.connection, visit.session.digest, operator)
    return session.begin_session(visit.connection, operator, FULL, visit.now)


def _welcome(visit: Visit, invitation: object, error: str) -> Reply:
    number = getattr(invitation, "operator", None)
    row = account.find_operator(visit.connection, number) if number is not None else None
    values = {"login": row.login if row is not None else "", "is_first": row is None, "error": error}
    return Reply("welcome.html", {**values, "shortest": SHORTEST})


def _pending(visit: Visit) -> str:
    """Returns the secret that is being set up: made from the session, so that nothing has to be kept."""
    assert visit.session is not None
    return second_factor.totp_from(visit.session.csrf)


def _enrol(visit: Visit, error: str) -> Reply:
    totp = _pending(visit)
    uri = second_factor.as_uri(totp, visit.operator.login)
    shown = " ".join(totp[place : place + 4] for place in range(0, len(totp), 4))
    return Reply("enrol.html", {"picture": second_factor.as_picture(uri), "secret": shown, "error": error})


def _inside(target: str) -> str:
    """Returns a place of the console, "" for any other."""
    is_path = target.startswith("/") and not target.startswith(("//", "/\\"))
    return target if is_path and target.isprintable() and len(target) < 1000 else ""


def _with_next(location: str, target: str) -> str:
    return f"{location}?next={quote(target, safe='')}" if target else location
