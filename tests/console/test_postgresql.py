"""The console over PostgreSQL."""

import time
from pathlib import Path

from assistant.review import audit
from assistant.review.database import ReviewDatabase
from tests.console.conftest import Console, Person, add_person, fill
from tests.console.test_pages import EVERYTHING


def test_pages_and_forms_work_on_postgresql(postgresql: str, tmp_path: Path) -> None:
    """All pages open, what is written is shown, and the audit's chain holds."""
    database = ReviewDatabase(postgresql, tmp_path)
    with database.engine.begin() as connection:
        connection.exec_driver_sql("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    database.prepare()
    fill(database, time.time())
    roles = ("reviewer", "knowledge_editor", "privacy_officer", "admin")
    secret, _ = add_person(database, "ann", roles)
    console = Console.start(tmp_path, MESOGUIDE_REVIEW_DATABASE=postgresql)
    person = Person(console, secret)
    with database.read() as connection:
        token = connection.exec_driver_sql("SELECT csrf FROM operator_session").scalar()

    opened = {path: person.get(path).status_code for path in EVERYTHING}
    forms = {
        "/conversations/5/notes": {"text": "a note of mine"},
        "/conversations/5/flag": {"flagged": "yes"},
        "/conversations/5/tags": {"tags": "call back"},
        "/filters": {"name": "mine", "query": "topic=pain"},
        "/search": {"words": "dog"},
        "/conversations/5/correct/1": {"code": "pa"},
        "/accounts": {"login": "ann", "name": "Ann", "role": "viewer"},
    }
    sent = {path: person.post(path, form, token=token).status_code for path, form in forms.items()}
    shown = person.get("/conversations/5").text
    found = person.get("/search").text
    console.stop()
    with database.read() as connection:
        checked = audit.verify(connection)
    database.close()

    assert set(opened.values()) == {200}, opened
    assert sent.pop("/accounts") == 409 and set(sent.values()) == {303}, sent
    assert "a note of mine" in shown and "Flagged" in shown and "my dog" in found
    assert checked.wrong is None and checked.rows > len(EVERYTHING)
