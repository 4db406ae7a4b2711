"""What pages show and change, on a real server and a real database."""

import csv
import io
import json
from collections import Counter
from html.parser import HTMLParser
from urllib.parse import urlencode

import pytest

from assistant.console.page_correct import codes_of
from assistant.console.routes import ROUTES
from assistant.console.serve import make_parts
from assistant.review import erasure
from assistant.review.database import ReviewDatabase
from assistant.review.projection import write_news
from assistant.settings import Settings
from tests.conftest import ROOT
from tests.console.conftest import HOSTILE, Console, Person, add_person, now, question

EVERYTHING = (
    "/", "/conversations", "/conversations/33", "/conversations/33?topic=pain", "/queues/unanswered",
    "/queues/rated_down", "/groups", "/groups/1", "/due", "/correct/unanswered",
    "/conversations/33/correct/1", "/corrections", "/search", "/insights", "/erasures",
    "/conversations/33/erase", "/accounts", "/account",
)  # fmt: skip


class Dangers(HTMLParser):
    """Collects what could run, and the text that a reader sees."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        """See HTMLParser."""
        if tag in ("script", "iframe", "object", "embed", "style", "base"):
            self.found.append(tag)
        for name, value in attributes:
            is_running = name.startswith("on") or name == "style"
            if is_running or (name in ("href", "src", "action") and str(value).startswith("javascript:")):
                self.found.append(f"{tag} {name}")

    def handle_data(self, data: str) -> None:
        """See HTMLParser."""
        self.text += data


def read(page: str) -> Dangers:
    """Returns what is in a page."""
    reader = Dangers()
    reader.feed(page)
    return reader


def test_hostile_texts_are_shown_as_they_are(
    console: Console, review: ReviewDatabase, people: dict[str, Person]
) -> None:
    """Tags in messages, comments, notes, names, filters, searches and channels are words, nothing else."""
    person = people["all"]
    add_person(review, "hostile", ("reviewer",))
    with review.write() as connection:
        connection.exec_driver_sql("UPDATE operator SET name = ? WHERE login = 'hostile'", (HOSTILE,))
        connection.exec_driver_sql(
            "INSERT INTO rollup VALUES (?, 'channel', ?, 9)", (int(now() // 3600), HOSTILE[:99])
        )
    person.post("/conversations/33/notes", {"text": HOSTILE})
    person.post("/filters", {"name": HOSTILE[:50], "query": "topic=pain"})
    person.post("/search", {"words": HOSTILE})
    person.post("/correct/unanswered", {"message": _message(console, "script"), "code": "pa"})

    pages = {path: read(person.get(path).text) for path in EVERYTHING}
    pages["login"] = read(Person(console).post("/login", {"login": HOSTILE, "password": "x"}).text)
    pages["audit"] = read(people["auditor"].get("/audit?actor=" + urlencode({"": HOSTILE})[1:]).text)

    assert {path: page.found for path, page in pages.items() if page.found} == {}
    for path in ("/conversations", "/conversations/33", "/corrections", "/accounts", "/queues/unanswered"):
        shown = pages[path].text
        assert HOSTILE in shown or path == "/queues/unanswered", path


def _message(console: Console, words: str) -> str:
    """Returns the number of a visitor's message."""
    query = "SELECT id FROM message WHERE role = 'user' AND text LIKE ? ORDER BY id DESC"
    return str(console.rows(query, f"%{words}%")[0][0])


def test_inbox_filters_and_goes_on_page_by_page(people: dict[str, Person]) -> None:
    """Thirty on a page, the rest behind it, and none twice."""
    first = people["reviewer"].get("/conversations?topic=pain").text
    following = first.split('href="/conversations?topic=pain&amp;after=')[1].split('"')[0]
    second = people["reviewer"].get(f"/conversations?topic=pain&after={following}").text

    def shown(page: str) -> set[str]:
        return {part.split("?")[0] for part in page.split('href="/conversations/')[1:]}

    assert len(shown(first)) == 30 and shown(second) and not shown(first) & shown(second)
    assert "33" not in shown(first) | shown(second)
    assert shown(people["reviewer"].get("/conversations?tag=call+back").text) == {"1"}
    assert people["reviewer"].get("/conversations?since=yesterday").status_code == 400
    assert people["reviewer"].get("/conversations?first=topic%3Apain").status_code == 400


def test_filter_is_kept_for_oneself_or_for_all(console: Console, people: dict[str, Person]) -> None:
    """Others see a shared one, and nobody deletes another's."""
    for name, shared in (("mine alone", ""), ("for all of us", "yes")):
        people["reviewer"].post("/filters", {"name": name, "query": "kind=emergency", "shared": shared})
    seen = people["viewer"].get("/conversations").text
    numbers = [row[0] for row in console.rows("SELECT id FROM saved_filter WHERE filter = 'kind=emergency'")]

    assert "for all of us" in seen and "mine alone" not in seen
    assert [people["viewer"].post(f"/filters/{one}/delete").status_code for one in numbers] == [404, 404]
    assert [people["reviewer"].post(f"/filters/{one}/delete").status_code for one in numbers] == [303, 303]


def test_search_words_stand_in_no_address_log_or_audit(console: Console, people: dict[str, Person]) -> None:
    """They are kept with the session only, and another session does not see them."""
    answer = people["reviewer"].post("/search", {"words": "dog allowed"})
    found = people["reviewer"].get(answer.headers["location"])

    assert answer.headers["location"] == "/search"
    assert "is my dog allowed in" in found.text and "can I bring" not in found.text
    assert "dog" not in people["viewer"].get("/search").text
    assert console.rows("SELECT count(*) FROM audit WHERE detail LIKE '%dog%' OR object LIKE '%dog%'") == [
        (0,)
    ]
    assert "dog" not in console.text()


def test_conversation_shows_what_was_said_and_why(people: dict[str, Person]) -> None:
    """Question, reply with its marks, buttons, sources; intent, ranking, action, time."""
    page = people["viewer"].get("/conversations/1").text

    for part in (
        "does it hurt much number 1", "It <strong>stings</strong> a little.", "<li>one</li>", "Does it last?",
        "A small study", "Does it hurt?", "80 %", "action_answer_topic", "0.02 s", "symptom: pain",
    ):  # fmt: skip
        assert part in page, part


def test_reviewed_is_undone_and_leads_to_the_next_of_the_filter(
    people: dict[str, Person], console: Console
) -> None:
    """One press marks and goes on, within the same filter."""
    person = people["reviewer"]

    answer = person.post("/conversations/3/review", {"go": "next", "query": "topic=pain"})
    state = console.rows("SELECT reviewed_by IS NOT NULL FROM conversation WHERE id = 3")
    person.post("/conversations/3/unreview")

    assert answer.headers["location"] == "/conversations/4?topic=pain" and state == [(1,)]
    assert console.rows("SELECT reviewed_by FROM conversation WHERE id = 3") == [(None,)]
    assert person.get("/conversations/30/next?topic=pain").headers["location"] == "/conversations?topic=pain"


def test_flag_assign_tags_and_notes(people: dict[str, Person], console: Console) -> None:
    """Each is written, shown, and can be filtered by; what identifies somebody is not kept."""
    person = people["reviewer"]
    viewer = console.rows("SELECT id FROM operator WHERE login = 'viewer'")[0][0]
    auditor = console.rows("SELECT id FROM operator WHERE login = 'auditor'")[0][0]

    person.post("/conversations/5/flag", {"flagged": "yes"})
    person.post("/conversations/5/assign", {"assignee": str(viewer)})
    person.post("/conversations/5/tags", {"tags": "call back, aftercare"})
    person.post("/conversations/5/notes", {"text": "Rang Jane Miller on 020 7946 0123."})
    page = person.get("/conversations/5").text

    assert all(
        part in page for part in ("Flagged", "Assigned to Name of viewer", "aftercare", "Rang [name] on")
    )
    assert "Miller" not in page and "7946" not in page
    assert (
        '"/conversations/5' in person.get(f"/conversations?assignee={viewer}&flagged=yes&tag=aftercare").text
    )
    assert person.post("/conversations/5/assign", {"assignee": str(auditor)}).status_code == 404
    assert person.post("/conversations/5/tags", {"tags": "ring 020 7946 0123"}).status_code == 400
    assert person.post("/conversations/5/tags", {"tags": "<b>"}).status_code == 400
    assert person.post("/conversations/5/notes", {"text": "  "}).status_code == 400


def test_note_of_another_cannot_be_deleted(people: dict[str, Person], console: Console) -> None:
    """Nor one's own through another conversation's address."""
    people["reviewer"].post("/conversations/6/notes", {"text": "a note"})
    (note,) = console.rows("SELECT max(id) FROM note")[0]

    assert people["knowledge_editor"].post(f"/conversations/6/notes/{note}/delete").status_code == 404
    assert people["reviewer"].post(f"/conversations/7/notes/{note}/delete").status_code == 404
    assert people["reviewer"].post(f"/conversations/6/notes/{note}/delete").status_code == 303


def test_emergency_is_closed_only_with_a_note(people: dict[str, Person], console: Console) -> None:
    """The note stands in the conversation; opening again brings the item back."""
    person = people["reviewer"]
    ((item, conversation),) = console.rows("SELECT id, conversation FROM queue_item WHERE queue = 'urgent'")

    without = [person.post(f"/items/{item}/done", {"note": note}).status_code for note in ("", "ok")]
    assert "waiting" in person.get("/queues/urgent").text
    closed = person.post(f"/items/{item}/done", {"note": "Called, is in hospital."}).status_code
    again = person.post(f"/items/{item}/done", {"note": "Called, is in hospital."}).status_code

    assert (without, closed, again) == ([400, 400], 303, 409)
    assert "Called, is in hospital." in person.get(f"/conversations/{conversation}").text
    assert "Nothing waits here" in person.get("/queues/urgent").text
    assert "cannot breathe" in person.get("/queues/urgent?state=done").text
    assert person.post(f"/items/{item}/reopen").status_code == 303
    assert "cannot breathe" in person.get("/queues/urgent").text


def test_wish_for_a_person_stands_on_top_with_its_waiting_time(people: dict[str, Person]) -> None:
    """The first card of the overview."""
    home = people["reviewer"].get("/").text

    assert home.index("Wants a person") < home.index("Emergencies")
    assert "waiting" in people["reviewer"].get("/queues/person").text


def test_right_topic_takes_two_letters_and_shows_the_next(
    people: dict[str, Person], console: Console
) -> None:
    """The item is closed, the correction waits for approval, and the answer leads to the next question."""
    person = people["reviewer"]
    message = _message(console, "my dog")
    code = next(code for code, intent in codes_of(_intents()).items() if intent == "ask_pain")

    wrong = person.post("/correct/unanswered", {"message": message, "code": "zz"})
    done = person.post("/correct/unanswered", {"message": message, "code": code})
    following = person.get(done.headers["location"])

    assert wrong.status_code == 400
    assert "can I bring my dog" in following.text and "is my dog allowed" not in following.text
    query = "SELECT found, wanted, state FROM correction WHERE message = ?"
    assert console.rows(query, int(message)) == [("out_of_scope", "ask_pain", "proposed")]
    assert console.rows("SELECT state FROM queue_item WHERE message = ?", int(message)) == [("done",)]


def _intents() -> tuple[str, ...]:
    return make_parts(Settings.from_environment(ROOT, {})).intents


def test_every_intent_has_a_code_of_two_letters() -> None:
    """So any topic is two keys and Enter away."""
    intents = _intents()
    codes = codes_of(intents)

    assert sorted(codes.values()) == sorted(intents) and len(intents) > 90
    assert all(len(code) == 2 and code.isalpha() for code in codes)


def test_correction_of_what_is_no_question_is_refused(people: dict[str, Person], console: Console) -> None:
    """A reply, a message of another queue, and somebody else's number lead nowhere."""
    person = people["reviewer"]
    before = console.rows("SELECT count(*) FROM correction")

    assert person.post("/conversations/33/correct/2", {"code": "pa"}).status_code == 404
    assert person.post("/conversations/999999/correct/1", {"code": "pa"}).status_code == 404
    other = _message(console, "number 9")
    assert person.post("/correct/unanswered", {"message": other, "code": "pa"}).status_code == 303
    assert person.get("/correct/urgent").status_code == 404
    assert console.rows("SELECT count(*) FROM correction") == before


def test_correction_is_approved_by_an_editor_once(people: dict[str, Person], console: Console) -> None:
    """A reviewer proposes, an editor decides."""
    people["reviewer"].post("/conversations/8/correct/1", {"code": "2"})
    (number,) = console.rows("SELECT max(id) FROM correction")[0]
    path = f"/corrections/{number}"

    answers = [
        people[role].post(path, {"decision": "approve"}).status_code
        for role in ("reviewer", "knowledge_editor", "knowledge_editor")
    ]

    assert answers == [403, 303, 404]
    assert console.rows("SELECT state, wanted FROM correction WHERE id = ?", number) == [
        ("approved", "ask_aftercare")
    ]


def test_group_is_closed_and_opened(people: dict[str, Person]) -> None:
    """Its questions stand together."""
    page = people["viewer"].get("/groups/1").text
    assert "can I bring my dog" in page and "is my dog allowed in" in page

    people["reviewer"].post("/groups/1", {"state": "done"})
    assert "dog" not in people["reviewer"].get("/groups").text
    people["reviewer"].post("/groups/1", {"state": "open"})
    assert "dog" in people["reviewer"].get("/groups").text


def test_insights_tell_no_small_count_to_viewers_and_in_files(people: dict[str, Person]) -> None:
    """Others see it; every plot has its table, whose rows lead to the conversations."""
    viewer, reviewer = (people[role].get("/insights?days=7").text for role in ("viewer", "reviewer"))
    file = people["reviewer"].get("/insights/kind?days=7")
    rows = dict(csv.reader(io.StringIO(file.text)))

    assert "fewer than 5" in viewer and "fewer than 5" not in reviewer
    assert rows["emergency"] == "<5" and int(rows["answer"]) >= 30
    assert file.headers["content-type"].startswith("text/csv")
    assert reviewer.count("<img") == reviewer.count("<table") > 5
    assert "/conversations?kind=emergency&amp;since=" in reviewer


def test_conversation_on_hold_is_not_erased(people: dict[str, Person], console: Console) -> None:
    """Staff have to end the hold first; who asks without a reason asks again."""
    person = people["privacy_officer"]
    person.post("/conversations/10/hold", {"hold": "yes"})
    held = person.post("/conversations/10/erase", {"reason": "asked by letter", "sure": "yes"})
    person.post("/conversations/10/hold", {"hold": "no"})
    incomplete = person.post("/conversations/10/erase", {"reason": "asked by letter"})

    assert (held.status_code, incomplete.status_code) == (409, 400)
    assert console.rows("SELECT count(*) FROM erasure WHERE requested_by = 'privacy-officer'") == [(0,)]


def test_receipt_says_what_was_erased(people: dict[str, Person], review: ReviewDatabase) -> None:
    """Before and after the projector has done it; a reader then finds nothing."""
    person = people["privacy_officer"]
    with review.write() as connection:
        write_news(connection, question(90, now() - 90_000, "erase me"), Counter())
        number = connection.exec_driver_sql("SELECT id FROM conversation WHERE log_id = 'k-90'").scalar()
    answer = person.post(f"/conversations/{number}/erase", {"reason": "asked by letter", "sure": "yes"})
    waiting = person.get(answer.headers["location"]).text
    with review.write() as connection:
        erasure.erase(connection, "k-90", now())
    done = person.get(answer.headers["location"]).text

    assert "not yet" in waiting and "messages" in done and "not yet" not in done
    assert person.get(f"/conversations/{number}").status_code == 404
    assert answer.headers["location"] in person.get("/erasures").text


def test_every_read_names_what_was_seen(people: dict[str, Person], console: Console) -> None:
    """Lists, searches, queues and groups name the conversations or the filter; a refusal is there too."""
    person = people["viewer"]
    seen = {
        "/conversations/9": ("conversation:9", "messages"),
        "/conversations?topic=pain": ("conversations", "filter"),
        "/queues/unsure": ("queue:unsure", "conversations"),
        "/groups/1": ("group:1", "conversations"),
        "/search": ("search", "conversations"),
        "/insights": ("insights", "days"),
    }
    for path, (about, key) in seen.items():
        person.get(path)

        row = console.rows("SELECT actor, object, detail, address FROM audit ORDER BY id DESC LIMIT 1")[0]
        assert row[:2] == ("viewer", about) and key in json.loads(row[2]) and row[3] == "127.0.0.1"


def test_no_page_and_no_route_shows_what_was_masked() -> None:
    """There is no raw text here, so there is nothing to unmask."""
    assert not [route for route in ROUTES if "mask" in route.path or "raw" in route.path]


def test_console_is_small_and_free_of_the_models(console: Console, people: dict[str, Person]) -> None:
    """After all pages and a password: under 150 MB, without NumPy, Rasa, spaCy, TensorFlow."""
    for path in EVERYTHING:
        assert people["all"].get(path).status_code == 200
    Person(console).post("/login", {"login": "viewer", "password": "wrong"})
    with open(f"/proc/{console.process.pid}/status", encoding="utf-8") as status:
        peak = next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) / 1024
    with open(f"/proc/{console.process.pid}/maps", encoding="utf-8") as maps:
        loaded = maps.read()

    assert peak < 150
    assert not any(name in loaded for name in ("numpy", "tensorflow", "spacy", "onnxruntime", "scipy"))


@pytest.mark.parametrize(
    "path", ["/conversations/1/unmask", "/static/../serve.py", "/%2e%2e/etc/passwd", "/welcome/x/y"]
)
def test_unknown_addresses_are_missing(people: dict[str, Person], path: str) -> None:
    """Nothing else is served."""
    assert people["all"].get(path).status_code == 404
