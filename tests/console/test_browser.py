"""The pages in a real browser: axe, width, content policy, and the right topic in three keys."""

import json
import shutil
import subprocess

import pytest

from assistant.console import account
from assistant.console.access import ENROL, PASSWORD
from assistant.console.session import begin_session
from assistant.review.database import ReviewDatabase
from tests.conftest import ROOT
from tests.console.conftest import PASSWORD as SIGN_IN
from tests.console.conftest import Console, Person, now
from tests.console.test_pages import EVERYTHING
from tests.widget.conftest import CHROMIUM, WIDGET, _need

PICTURES = ROOT / "tests" / "console" / "pictures"
# One of each template is enough.
ALIKE = {"/conversations/33", "/queues/rated_down", "/queues/unanswered", "/conversations/33/correct/1"}
PAGES = [
    *(page for page in EVERYTHING if page not in ALIKE),
    "/audit?verify=yes",
    "/queues/urgent",
    "/queues/urgent?state=done",
    "/none",
]


@pytest.fixture(scope="module")
def node() -> str:
    """The path of Node; the tools are those of the widget."""
    found = shutil.which("node")
    _need(found is not None, "Node (apt-get install nodejs npm)")
    _need((WIDGET / "node_modules").is_dir(), "widget/node_modules (npm ci --prefix widget)")
    _need(CHROMIUM.exists(), "/usr/bin/chromium (apt-get install chromium)")
    return str(found)


def test_pages_have_no_barriers_and_topics_take_three_keys(
    node: str, console: Console, review: ReviewDatabase, people: dict[str, Person]
) -> None:
    """axe finds nothing, also with all folded out, light and dark; nothing is wider than a phone."""
    person = people["all"]
    person.post("/conversations/33/notes", {"text": "a note"})
    person.post("/conversations/33/flag", {"flagged": "yes"})
    person.post("/conversations/36/correct/1", {"code": "2"})
    person.post("/filters", {"name": "emergencies", "query": "kind=emergency"})
    person.post("/search", {"words": "dog"})
    PICTURES.mkdir(exist_ok=True)
    name = f"staff-{console.port}"
    with review.write() as connection:
        number = account.create_operator(connection, "beginner", "Beginner", ("viewer",), "en", now())
        link = account.invite(connection, number, now())
        begun = {stage: begin_session(connection, number, stage, now()) for stage in (PASSWORD, ENROL)}
    task = {
        "url": console.url,
        "name": name,
        "visits": [
            {"session": person.browser.cookies.get(name), "paths": PAGES},
            {"session": "", "paths": ["/login", f"/welcome/{link}"]},
            {"session": begun[PASSWORD], "paths": ["/login/code"]},
            {"session": begun[ENROL], "paths": ["/enrol"]},
        ],
        "password": SIGN_IN,
        "keys": [["p", "a", "Enter"], ["1", "Enter"], ["s", "Enter"]],
        "pictures": str(PICTURES),
    }
    command = [node, str(ROOT / "tests" / "console" / "browser.js")]

    done = subprocess.run(
        command, input=json.dumps(task), cwd=WIDGET, capture_output=True, text=True, timeout=300
    )

    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    # of the page that there is none of, the browser says so
    assert [one for one in found["problems"] if not one.endswith("404 (Not Found)")] == []
    assert (
        found["keyed"][:2] == ["is my dog allowed in", "can I bring my dog"] and found["keyed"][3] == "Done"
    )
