"""Every role against every route: who gets in, who is refused, and that both are in the audit."""

import re
from collections.abc import Callable

import pytest
import requests

from assistant.console.access import ENROL, FULL, NOBODY, PASSWORD, ROLES, are_allowed
from assistant.console.gate import Route
from assistant.console.routes import ROUTES
from assistant.console.session import begin_session
from assistant.review.database import ReviewDatabase
from tests.console.conftest import Console, Person, now

SIGNED_IN = [route for route in ROUTES if route.stage == FULL]
CHANGES = [route for route in SIGNED_IN if route.method == "POST"]
# What there is none of, and what there is.
NONE, SOME = {"number": "999999", "seq": "9", "note": "999999"}, {"number": "33", "seq": "1", "note": "1"}
NAMES = {"/queues/": "urgent", "/correct/": "unsure", "/insights/": "topic", "/welcome/": "secret"}
Names = Callable[[str], Person]


def path_of(route: Route, numbers: dict[str, str] = NONE) -> str:
    """Returns the route's path with values in place of its parameters."""
    name = next((value for start, value in NAMES.items() if route.path.startswith(start)), "")
    values = {**numbers, "name": name, "secret": name}
    if route.path.startswith(("/groups", "/erasures")) and numbers is SOME:
        values["number"] = "1"
    return re.sub(r"<(\w+):\w+>", lambda found: values[found.group(1)], route.path)


def send(person: Person, route: Route, numbers: dict[str, str] = NONE) -> requests.Response:
    """Sends a request as the person's own pages would."""
    path = path_of(route, numbers)
    return person.get(path) if route.method == "GET" else person.post(path)


@pytest.fixture(scope="module")
def sign_in(review: ReviewDatabase, console: Console, people: dict[str, Person]) -> Names:
    """Begins another session of a role's account, at any stage."""

    def begin(role: str, stage: str = FULL) -> Person:
        (number,) = console.rows("SELECT id FROM operator WHERE login = ?", role.replace("_", "-"))[0]
        with review.write() as connection:
            return Person(console, begin_session(connection, number, stage, now()))

    return begin


@pytest.mark.parametrize("route", SIGNED_IN, ids=lambda route: f"{route.method} {route.path}")
def test_only_roles_of_the_table_get_in(route: Route, console: Console, sign_in: Names) -> None:
    """Each role gets the page or 403, and each request leaves its row in the audit."""
    for role in ROLES:
        person, before = sign_in(role), console.audit()

        answer = send(person, route)

        is_allowed = role in route.roles
        assert (answer.status_code != 403) == is_allowed, role
        assert answer.status_code < 500
        actor, action, result = console.rows(
            "SELECT actor, action, result FROM audit ORDER BY id DESC LIMIT 1"
        )[0]
        assert console.audit() > before
        assert (actor, action) == (role.replace("_", "-"), route.action)
        assert (result == "forbidden") != is_allowed


@pytest.mark.parametrize("route", SIGNED_IN, ids=lambda route: f"{route.method} {route.path}")
def test_nobody_gets_in_without_a_whole_sign_in(route: Route, console: Console, sign_in: Names) -> None:
    """No session, a made-up one, and one without its second factor are led to the sign-in."""
    strangers = [Person(console), Person(console, "made-up")]
    strangers += [sign_in("admin", PASSWORD), sign_in("admin", ENROL)]

    for stranger in strangers:
        answer = send(stranger, route, SOME)

        assert (answer.status_code, answer.headers["location"].split("?")[0]) == (303, "/login")
        assert answer.text == ""


def test_stages_of_the_sign_in_cannot_be_skipped(console: Console, sign_in: Names) -> None:
    """Who has not given a password sees no form for codes, and who has is not asked to enrol again."""
    for stage in (PASSWORD, ENROL):
        routes = [route for route in ROUTES if route.stage == stage]
        for route in routes:
            for other in (Person(console), sign_in("viewer", ENROL if stage == PASSWORD else PASSWORD)):
                assert send(other, route).status_code == 303


@pytest.mark.parametrize("route", CHANGES, ids=lambda route: route.path)
def test_form_from_elsewhere_changes_nothing(
    route: Route, console: Console, people: dict[str, Person]
) -> None:
    """A wrong token, somebody else's, none, and another page's origin are refused."""
    role = next(role for role in ROLES if role in route.roles)
    person, path = people[role], path_of(route, SOME)
    other = people["viewer" if role != "viewer" else "auditor"].token()
    before = _state(console)

    answers = [
        person.post(path, token=""),
        person.post(path, token="wrong"),
        person.post(path, token=other),
        person.post(path, headers={"Origin": "https://elsewhere.example"}),
        person.post(path, headers={"Origin": "null"}),
        person.post(path, headers={"Origin": None}),
    ]

    assert [answer.status_code for answer in answers] == [403] * 6
    assert _state(console) == before


def _state(console: Console) -> list[tuple]:
    """Returns all rows of what a form could change."""
    tables = ("conversation", "facet", "note", "correction", "queue_item", "question_group", "saved_filter")
    tables += ("erasure", "recovery_code", "invitation")
    rows = [row for table in tables for row in console.rows(f"SELECT * FROM {table}")]
    return rows + console.rows("SELECT id, roles, password_hash, disabled_at FROM operator")


def test_sign_in_form_from_elsewhere_is_refused(console: Console) -> None:
    """Nobody can be signed in by another page."""
    for route in ROUTES:
        if route.stage == NOBODY and route.method == "POST":
            answer = Person(console).post(path_of(route), headers={"Origin": "https://elsewhere.example"})

            assert answer.status_code == 403


def test_other_names_of_the_machine_lead_nowhere(console: Console, people: dict[str, Person]) -> None:
    """A page that calls our address by its own name reads nothing."""
    answer = people["reviewer"].get("/conversations", headers={"Host": "elsewhere.example"})

    assert answer.status_code == 421 and "conversation" not in answer.text.lower()


def test_every_answer_has_its_headers(console: Console, people: dict[str, Person]) -> None:
    """No script, no foreign content, no copy in a cache; also on errors and files."""
    for path in ("/", "/conversations/33", "/insights/topic", "/login", "/none", "/conversations/999999"):
        headers = people["all"].get(path).headers

        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert "script-src" not in headers["Content-Security-Policy"]
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert headers["Cache-Control"] == "no-store"
        assert headers["X-Content-Type-Options"] == "nosniff"


def test_viewer_sees_no_form_that_would_be_refused(people: dict[str, Person]) -> None:
    """Pages offer only what the role may do."""
    pages = [
        people["viewer"].get(path).text for path in ("/", "/conversations/33", "/queues/urgent", "/groups/1")
    ]

    for route in CHANGES:
        if "viewer" not in route.roles:
            path = re.escape(route.path)
            pattern = re.sub(r"<\w+:\w+>", r"[^/\"]+", path.replace(r"\<", "<").replace(r"\>", ">"))
            assert not any(re.search(f'action="{pattern}"', page) for page in pages), route.path


def test_numbers_beyond_all_rows_are_missing(people: dict[str, Person]) -> None:
    """A number that no database column holds is no failure."""
    for number in ("0", "-1", "9" * 18, "9" * 40):
        assert people["reviewer"].get(f"/conversations/{number}").status_code == 404
    assert people["reviewer"].get("/queues/urgent?before=" + "9" * 40).status_code == 200
    assert people["reviewer"].get("/conversations?after=nan_1&turns_from=9999").status_code == 200


def test_nobody_is_admin_and_auditor() -> None:
    """Who makes accounts does not audit them."""
    assert are_allowed(frozenset(("admin", "reviewer"))) and are_allowed(frozenset(("auditor",)))
    assert not are_allowed(frozenset(("admin", "auditor")))
    assert not are_allowed(frozenset()) and not are_allowed(frozenset(("root",)))
