"""Signing in and out: passwords, second factor, links, lockout, time-outs."""

import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pyotp
import pytest

from assistant.console.account import MOST_FAILURES
from assistant.console.second_factor import STEP_SECONDS, matching_step
from assistant.console.secret import hash_password, is_good_password, is_password
from assistant.console.throttle import MOST, SECONDS, Throttle
from assistant.review.database import ReviewDatabase
from tests.conftest import ROOT
from tests.console.conftest import CSRF, PASSWORD, Console, Person, add_person, code_now, now

LINK = re.compile(r"http://127\.0\.0\.1:\d+(/welcome/[\w-]+)")


def _change(console: Console, statement: str, *values: object) -> None:
    with closing(sqlite3.connect(console.state_dir / "review.db")) as connection, connection:
        connection.execute(statement, values)


def _log_in(console: Console, login: str, password: str = PASSWORD) -> tuple[Person, int]:
    person = Person(console)
    return person, person.post("/login", {"login": login, "password": password}).status_code


def _last(console: Console) -> tuple:
    return console.rows("SELECT actor, action, result FROM audit ORDER BY id DESC LIMIT 1")[0]


@pytest.fixture
def someone(review: ReviewDatabase, console: Console, request: pytest.FixtureRequest) -> tuple[str, str]:
    """Login and second factor's secret of a reviewer of this test's own."""
    login = "u" + re.sub("[^a-z]", "", request.node.name)[-40:]
    return login, add_person(review, login, ("reviewer",))[1]


def test_first_start_prints_a_link_that_makes_the_first_account_once(tmp_path: Path) -> None:
    """The whole way: link, password, app, recovery codes, overview; then the link is used up."""
    console = Console.start(tmp_path)
    try:
        path = LINK.search(console.text()).group(1)  # type: ignore[union-attr]
        person = Person(console)
        form = {"name": "Ann", "login": "ann", "password": PASSWORD, "again": PASSWORD}
        weak = person.post(path, {**form, "password": "short", "again": "short"})
        made = person.post(path, form)
        key = re.search(r"<code>([A-Z2-7 ]+)</code>", person.get("/enrol").text).group(1)  # type: ignore[union-attr]
        wrong = person.post("/enrol", {"code": "000000"})
        enrolled = person.post("/enrol", {"code": code_now(key.replace(" ", ""))})
        codes = re.findall(r"<li>([a-z0-9]{5}-[a-z0-9]{5})</li>", enrolled.text)

        assert (weak.status_code, made.headers["location"], wrong.status_code) == (400, "/enrol", 401)
        assert len(codes) == 10 and person.get("/").status_code == 200
        assert [person.get(page).status_code for page in ("/accounts", "/conversations")] == [200, 200]
        assert Person(console).get(path).status_code == 404
        assert Person(console).post(path, {**form, "login": "bob"}).status_code == 404
        assert PASSWORD not in console.text() and path not in (console.state_dir / "review.db").read_text(
            "latin-1"
        )
        mode = (console.state_dir / "review.db").stat().st_mode & 0o777
        assert mode == 0o600
    finally:
        assert console.stop() == 0


def test_password_and_code_let_in(console: Console, someone: tuple[str, str]) -> None:
    """The password alone does not; each step has its row in the audit."""
    login, totp = someone

    person, status = _log_in(console, login)
    before = person.get("/conversations").status_code
    told = _last(console)
    answer = person.post("/login/code", {"code": code_now(totp), "next": "/conversations/4"})

    assert (status, before, told) == (303, 303, (login, "login", "done"))
    assert answer.headers["location"] == "/conversations/4"
    assert _last(console) == (login, "login.code", "done")
    assert person.get("/conversations").status_code == 200


def test_session_changes_its_secret_when_it_is_worth_more(console: Console, someone: tuple[str, str]) -> None:
    """What was sent before the second step opens nothing after it."""
    login, totp = someone
    person, _ = _log_in(console, login)
    early = str(person.browser.cookies.get(f"staff-{console.port}"))

    answer = person.post("/login/code", {"code": code_now(totp)})

    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie and early not in cookie
    assert Person(console, early).get("/conversations").status_code == 303


def test_code_is_taken_once(console: Console, someone: tuple[str, str]) -> None:
    """Somebody who saw it typed cannot use it."""
    login, totp = someone
    code = code_now(totp)

    answers = [_log_in(console, login)[0].post("/login/code", {"code": code}).status_code for _ in range(2)]

    assert answers == [303, 401]


def test_recovery_code_is_taken_once(console: Console, someone: tuple[str, str]) -> None:
    """It stands in for the app, however it is typed."""
    login, totp = someone
    person, _ = _log_in(console, login)
    person.post("/login/code", {"code": code_now(totp)})
    page = person.post("/account/codes", {"old": PASSWORD}).text
    code = re.findall(r"<li>([a-z0-9]{5}-[a-z0-9]{5})</li>", page)[0].upper().replace("-", " ")

    answers = [_log_in(console, login)[0].post("/login/code", {"code": code}).status_code for _ in range(2)]

    assert answers == [303, 401]


def test_wrong_name_and_wrong_password_look_the_same(console: Console, someone: tuple[str, str]) -> None:
    """Nobody learns which accounts there are; what was typed as a name is not kept."""
    pages = []
    for login in (someone[0], "nobody-of-this-name"):
        page = Person(console).post("/login", {"login": login, "password": "wrong"})
        pages.append((page.status_code, page.text.replace(login, "")))

    assert pages[0] == pages[1] and pages[0][0] == 401
    assert _last(console) == ("unknown", "login", "refused")
    assert console.rows("SELECT count(*) FROM audit WHERE actor LIKE 'nobody%'") == [(0,)]


def test_five_failures_lock_the_account_for_a_while(console: Console, someone: tuple[str, str]) -> None:
    """The right password does not help then; a quarter of an hour later it does."""
    login, _ = someone
    for _ in range(MOST_FAILURES):
        _log_in(console, login, "wrong")

    locked = _log_in(console, login)[1]
    _change(console, "UPDATE operator SET locked_until = locked_until - 900 WHERE login = ?", login)

    assert (locked, _log_in(console, login)[1]) == (401, 303)


def test_wrong_codes_lock_the_account_too(console: Console, someone: tuple[str, str]) -> None:
    """Guessing six digits ends after five."""
    login, totp = someone
    person, _ = _log_in(console, login)
    for _ in range(MOST_FAILURES):
        person.post("/login/code", {"code": "000000"})

    assert person.post("/login/code", {"code": code_now(totp)}).headers["location"] == "/login"
    assert _log_in(console, login)[1] == 401


@pytest.mark.parametrize(("column", "seconds"), [("used", 15 * 60 + 1), ("created", 12 * 3600 + 1)])
def test_session_ends_by_itself(
    console: Console, someone: tuple[str, str], column: str, seconds: int
) -> None:
    """After a quarter of an hour without a page, and after twelve hours in any case."""
    login, totp = someone
    person, _ = _log_in(console, login)
    person.post("/login/code", {"code": code_now(totp)})
    mine = "operator = (SELECT id FROM operator WHERE login = ?)"
    _change(console, f"UPDATE operator_session SET {column} = {column} - ? WHERE {mine}", seconds - 60, login)
    still = person.get("/account").status_code
    _change(console, f"UPDATE operator_session SET {column} = ? WHERE {mine}", now() - seconds, login)

    assert (still, person.get("/account").status_code) == (200, 303)


def test_sign_out_ends_the_session(console: Console, review: ReviewDatabase) -> None:
    """The cookie is worth nothing afterwards, also for who copied it."""
    secret, _ = add_person(review, "leaver", ("reviewer",))

    Person(console, secret).post("/logout")

    assert Person(console, secret).get("/account").status_code == 303


def test_sessions_of_ones_own_can_be_ended_and_no_others(console: Console, review: ReviewDatabase) -> None:
    """From the page of the account."""
    first, totp = add_person(review, "twice", ("reviewer",))
    other, _ = add_person(review, "other", ("reviewer",))
    second, _ = _log_in(console, "twice")
    second.post("/login/code", {"code": code_now(totp)})
    here = Person(console, first)
    mine = re.findall(r'name="session" value="(\w+)"', here.get("/account").text)
    other_number = console.rows("SELECT id FROM operator WHERE login = 'other'")[0][0]
    digests = "SELECT substr(digest, 1, 16) FROM operator_session WHERE operator = ?"
    theirs = console.rows(digests, other_number)[0][0]

    assert here.post("/account/sessions", {"session": theirs}).status_code == 404
    assert here.post("/account/sessions", {"session": ""}).status_code == 404
    assert here.post("/account/sessions", {"session": mine[0]}).status_code == 303
    assert (second.get("/account").status_code, Person(console, other).get("/account").status_code) == (
        303,
        200,
    )


def test_new_password_needs_the_old_one_and_ends_other_sessions(
    console: Console, review: ReviewDatabase
) -> None:
    """A browser that was left open is not enough."""
    first, totp = add_person(review, "changer", ("viewer",))
    second, _ = _log_in(console, "changer")
    second.post("/login/code", {"code": code_now(totp)})
    here = Person(console, first)
    new = "a quite other phrase"

    refused = here.post("/account/password", {"old": "wrong", "password": new, "again": new}).status_code
    different = here.post("/account/password", {"old": PASSWORD, "password": new, "again": "x"}).status_code
    taken = here.post("/account/password", {"old": PASSWORD, "password": new, "again": new}).status_code

    assert (refused, different, taken) == (400, 400, 303)
    assert (here.get("/account").status_code, second.get("/account").status_code) == (200, 303)
    assert (_log_in(console, "changer")[1], _log_in(console, "changer", new)[1]) == (401, 303)


def test_admin_makes_changes_and_ends_accounts(console: Console, review: ReviewDatabase) -> None:
    """By a link to hand over; new roles and an end take hold at once."""
    admin = Person(console, add_person(review, "boss", ("admin",))[0])
    page = admin.post("/accounts", {"login": "newcomer", "name": "New", "role": ["viewer"]}).text
    path = LINK.search(page).group(1)  # type: ignore[union-attr]
    person = Person(console)
    person.post(path, {"password": PASSWORD, "again": PASSWORD, "login": "boss", "name": "x"})
    key = re.search(r"<code>([A-Z2-7 ]+)</code>", person.get("/enrol").text).group(1)  # type: ignore[union-attr]
    person.post("/enrol", {"code": code_now(key.replace(" ", ""))})
    number = console.rows("SELECT id FROM operator WHERE login = 'newcomer'")[0][0]

    assert person.get("/conversations").status_code == 200 and person.get("/accounts").status_code == 403
    admin.post(f"/accounts/{number}/roles", {"role": ["auditor"]})
    assert person.get("/audit").status_code == 303
    bad = [{"role": []}, {"role": ["root"]}, {"role": ["admin", "auditor"]}]
    assert [admin.post(f"/accounts/{number}/roles", form).status_code for form in bad] == [400] * 3
    assert admin.post("/accounts", {"login": "newcomer", "name": "N", "role": ["viewer"]}).status_code == 409
    assert admin.post("/accounts", {"login": "../x", "name": "N", "role": ["viewer"]}).status_code == 400
    admin.post(f"/accounts/{number}/end")
    assert _log_in(console, "newcomer")[1] == 401


def test_last_admin_cannot_be_ended(tmp_path: Path) -> None:
    """Else nobody could make accounts any more."""
    database = ReviewDatabase("", tmp_path / "state")
    database.prepare()
    secret, _ = add_person(database, "only", ("admin",))
    console = Console.start(tmp_path)
    admin = Person(console, secret)

    codes = [
        admin.post("/accounts/1/end").status_code,
        admin.post("/accounts/1/roles", {"role": ["viewer"]}).status_code,
    ]

    console.stop()
    database.close()
    assert codes == [409, 409]


def test_return_address_leads_nowhere_else(console: Console, someone: tuple[str, str]) -> None:
    """After signing in one stays on the console."""
    for target in (
        "https://elsewhere.example",
        "//elsewhere.example",
        "/\\elsewhere.example",
        "javascript:x",
    ):
        answer = Person(console).post("/login", {"login": someone[0], "password": PASSWORD, "next": target})

        assert answer.headers["location"] == "/login/code"


def test_cookie_is_kept_to_https_where_there_is_https(tmp_path: Path) -> None:
    """With an https address the cookie is Secure, bound to the host, and HTTPS is demanded."""
    database = ReviewDatabase("", tmp_path / "state")
    database.prepare()
    add_person(database, "ann", ("viewer",))
    console = Console.start(tmp_path, MESOGUIDE_CONSOLE_URL="https://staff.example.org")
    headers = {"Host": "staff.example.org", "Origin": "https://staff.example.org"}

    answer = Person(console).post("/login", {"login": "ann", "password": PASSWORD}, headers=headers)

    console.stop()
    database.close()
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-staff=") and "Secure" in cookie and "Path=/" in cookie
    assert "Strict-Transport-Security" in answer.headers


def test_command_line_verifies_the_audit_and_gives_links(tmp_path: Path) -> None:
    """A changed row is named, and the exit code says so; an unknown name lists the known ones."""
    database = ReviewDatabase("", tmp_path)
    database.prepare()
    add_person(database, "ann", ("admin",))
    database.close()

    def run(*command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-W", "ignore", "-m", "assistant.console", *command],
            cwd=ROOT, env={"MESOGUIDE_STATE_DIR": str(tmp_path), "PATH": ""}, capture_output=True, text=True,
        )  # fmt: skip

    assert run("link", "ann").stdout.startswith("http://127.0.0.1:5006/welcome/")
    assert "Accounts are: ann" in run("link", "bob").stderr
    intact = run("verify-audit")
    with closing(sqlite3.connect(tmp_path / "review.db")) as connection, connection:
        connection.execute("UPDATE audit SET actor = 'somebody else'")
    changed = run("verify-audit")

    assert (intact.returncode, "1 rows, none changed" in intact.stdout) == (0, True)
    assert (changed.returncode, changed.stdout.startswith("Row 1 of the audit was changed")) == (1, True)


def test_port_in_use_is_told(tmp_path: Path, console: Console) -> None:
    """In one sentence, with what to set."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "assistant.console"],
        cwd=ROOT, capture_output=True, text=True,
        env={"MESOGUIDE_STATE_DIR": str(tmp_path), "MESOGUIDE_CONSOLE_PORT": str(console.port), "PATH": ""},
    )  # fmt: skip

    assert done.returncode == 1 and "MESOGUIDE_CONSOLE_PORT" in done.stderr and "Traceback" not in done.stderr


def test_passwords_are_hashed_and_weak_ones_refused() -> None:
    """argon2id; twelve characters, not the name, not one letter."""
    kept = hash_password(PASSWORD)

    assert kept.startswith("$argon2id$") and is_password(kept, PASSWORD) and not is_password(kept, "x")
    assert not is_password("", "") and not is_password("not a hash", "x")
    assert is_good_password(PASSWORD, "ann")
    assert not any(
        is_good_password(bad, "annabel") for bad in ("short", "a" * 20, "my annabel lee 1", "x" * 200)
    )


def test_codes_of_the_last_and_next_half_minute_are_taken() -> None:
    """A clock may be a little off; older ones, and one before the newest that was taken, are not."""
    totp = pyotp.TOTP(pyotp.random_base32())
    at = 1_790_000_010
    step = at // STEP_SECONDS

    codes = {shift: totp.at(at + shift * STEP_SECONDS) for shift in (-2, -1, 0, 1, 2)}

    found = {shift: matching_step(totp.secret, code, at, None) for shift, code in codes.items()}
    assert found == {-2: None, -1: step - 1, 0: step, 1: step + 1, 2: None}
    assert matching_step(totp.secret, codes[-1], at, step) is None
    assert (
        matching_step(totp.secret, "", at, None) is None and matching_step(totp.secret, "٣", at, None) is None
    )


def test_one_address_may_not_guess_for_ever() -> None:
    """Thirty failures in a quarter of an hour; another address may still."""
    throttle = Throttle()
    for _ in range(MOST):
        throttle.count("a", 100.0)

    assert throttle.is_full("a", 101.0) and not throttle.is_full("b", 101.0)
    assert not throttle.is_full("a", 100.0 + SECONDS + 1)


def test_guesses_at_links_end_after_thirty(tmp_path: Path) -> None:
    """Without a row of the audit for each that comes then; whoever is signed in goes on."""
    database = ReviewDatabase("", tmp_path / "state")
    database.prepare()
    secret, _ = add_person(database, "ann", ("viewer",))
    console = Console.start(tmp_path)

    codes = [Person(console).get(f"/welcome/guess{number}").status_code for number in range(MOST + 3)]
    known = Person(console, secret).get("/account").status_code
    rows = console.rows("SELECT count(*) FROM audit WHERE action = 'welcome'")

    console.stop()
    database.close()
    assert codes == [404] * MOST + [429] * 3 and known == 200
    assert rows == [(MOST,)]


def test_every_form_of_a_page_has_the_token(console: Console, review: ReviewDatabase) -> None:
    """The one that the session has."""
    person = Person(console, add_person(review, "forms", ("reviewer",))[0])
    page = person.get("/conversations/1").text

    assert set(CSRF.findall(page)) == {person.token()}
    assert page.count('method="post"') == len(CSRF.findall(page)) > 5
