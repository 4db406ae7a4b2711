"""Search, queues, corrections, counts, audit and the schema, on both databases."""

import subprocess
import sys
from collections import Counter

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import select, update

from assistant.errors import SettingsError
from assistant.review import audit, correction, erasure, full_text, queue
from assistant.review.change import add_note, remove_note
from assistant.review.conversation_view import find_conversation, find_notes, find_properties, find_said
from assistant.review.database import ReviewDatabase
from assistant.review.message_id import first_id, first_of_month, month_of
from assistant.review.projection import write_news
from assistant.review.rollup import HOUR, Count, add_counts, read_counts
from assistant.review.schema import AUDIT, METADATA
from assistant.review.text_search import search
from tests.review.conftest import DAY, ROOT, START, news, write


def _texts(review: ReviewDatabase, words: str, **options: float) -> list[str]:
    with review.read() as connection:
        return [row.text for row in search(connection, words, **options).messages]  # type: ignore[arg-type]


def test_steps_make_the_tables_of_the_schema(review: ReviewDatabase) -> None:
    """Alembic finds no difference in tables, columns, types, indexes or constraints."""

    def is_ours(name: str | None, kind: str, _: object) -> bool:
        return kind != "table" or str(name) in METADATA.tables

    with review.write() as connection:
        options = {"compare_type": True, "include_name": is_ours}
        assert compare_metadata(MigrationContext.configure(connection, opts=options), METADATA) == []
    review.prepare()


def test_search_finds_words_and_phrases_newest_first(review: ReviewDatabase) -> None:
    """Over months, page by page, without regard to case and, on SQLite, accents."""
    texts = ["red lump on the knee", "knee pain", "Lump, red and warm", "a red, red lump"]
    write(review, *(news(number, START - number * 40 * DAY, text) for number, text in enumerate(texts)))

    assert _texts(review, "lump") == [texts[0], texts[2], texts[3]]
    assert _texts(review, '"red lump"') == [texts[0], texts[3]]
    assert _texts(review, "KNEE pain") == ["knee pain"] and _texts(review, "kne") == []
    assert _texts(review, "lump", since=START - 90 * DAY, until=START) == [texts[2]]
    with review.read() as connection:
        first = search(connection, "lump", most=2)
        rest = search(connection, "lump", before=first.next, most=2)
    assert ([row.text for row in rest.messages], rest.next) == ([texts[3]], None)


@pytest.mark.parametrize(
    "words", ["", '"', "' OR 1=1 --", "NEAR(", "a* -b ^c", "💉", "{x} : (y)", '"""a"', ":words"]
)
def test_search_takes_any_words(review: ReviewDatabase, words: str) -> None:
    """What looks like a query is searched for as words."""
    write(review, news(1, START, "nothing of the kind"))

    assert _texts(review, words) == []


def test_replies_are_kept_once_and_shown_everywhere(review: ReviewDatabase) -> None:
    """Ten conversations with the same answer share its text; a page ends where it is told to."""
    write(review, *(news(number, START + number) for number in range(10)))

    with review.read() as connection:
        assert len(connection.execute(select(METADATA.tables["utterance"])).all()) == 1
        assert [one.row.seq for one in find_said(connection, 3, most=1)] == [1]
        (last,) = find_said(connection, 3, before=99, most=1)
        assert (last.row.seq, last.body) == (2, {"text": "It stings."})
        assert find_conversation(connection, 99) is None and find_properties(connection, 99) == []


def test_messages_of_one_moment_have_numbers_of_their_own(review: ReviewDatabase) -> None:
    """A hundred at the same millisecond are all there, and in the month they belong to."""
    write(review, *(news(number, START) for number in range(100)))

    assert len(_texts(review, "hurt", most=200)) == 100
    assert month_of(first_of_month(681)) == 681 and month_of(first_of_month(681) - 1) == 680
    assert first_id(START + 1) - first_id(START) == 64_000


def test_queue_items_are_done_once_and_opened_again(review: ReviewDatabase) -> None:
    """A message is in a queue once, whatever happened to it there."""
    write(review, news(1, START))
    with review.write() as connection:
        message = find_said(connection, 1)[0].row.id
        for _ in range(2):
            queue.put_in_queue(connection, queue.UNSURE, 1, message, START)
        (item,) = queue.list_queue(connection, queue.UNSURE)
        queue.assign(connection, item.id, 7)
        assert queue.finish(connection, item.id, 7, START) and not queue.finish(connection, item.id, 7, START)
        queue.put_in_queue(connection, queue.UNSURE, 1, message, START)
        assert queue.count_queues(connection)[queue.UNSURE] == (0, False)
        assert queue.reopen(connection, item.id)
        assert [row.text for row in queue.list_queue(connection, queue.UNSURE)] == ["does it hurt"]


def test_examples_need_approval_and_consent(review: ReviewDatabase, redactor) -> None:
    """Of two approved corrections only the one whose visitor agrees can be used; an answer is redacted."""
    write(review, news(1, START), news(2, START, improve=False))
    with review.write() as connection:
        for conversation in (1, 2):
            message = find_said(connection, conversation)[0].row.id
            made = correction.propose(
                connection, redactor, message, "intent", "ask_pain", "ask_cost", 7, START
            )
            assert correction.usable(connection) == [] or conversation == 2
            assert correction.decide(connection, made, True, 8, START)
            assert not correction.decide(connection, made, False, 8, START)
        (usable,) = correction.usable(connection)
        correction.mark_exported(connection, [usable.id], START)
        told = correction.propose(connection, redactor, message, "answer", "", "Ask Anna Smith", 7, START)
        assert [row.wanted for row in correction.list_corrections(connection)] == ["Ask [name]"] and told
        assert correction.propose(connection, redactor, 99, "intent", "", "", 7, START) is None
        with pytest.raises(ValueError, match="colour"):
            correction.propose(connection, redactor, message, "colour", "", "", 7, START)
        assert erasure.erase(connection, "k-1", START)["exported_examples"] == 1


def test_notes_are_redacted_and_belong_to_their_author(review: ReviewDatabase, redactor) -> None:
    """A name in a note is masked; another operator cannot remove it."""
    write(review, news(1, START))
    with review.write() as connection:
        note = add_note(connection, redactor, 1, 7, "Called Dr Kowalska on 07911 123456", START)
        assert add_note(connection, redactor, 99, 7, "x", START) is None
        assert [row.text for row in find_notes(connection, 1)] == ["Called Dr [name] on [phone]"]
        assert not remove_note(connection, note, 8) and remove_note(connection, note, 7)


def test_counts_below_five_are_not_shown(review: ReviewDatabase) -> None:
    """By day and value; a value that nobody had is left out."""
    with review.write() as connection:
        for hour, count in ((0, 3), (1, 4), (30, 2)):
            add_counts(connection, {(int(START // HOUR) // 24 * 24 + hour, "topic", "pain"): count})  # type: ignore[arg-type]
        day = START // DAY * DAY
        assert read_counts(connection, "topic", day, day + 2 * DAY) == [
            Count(day, "pain", 7),
            Count(day + DAY, "pain", None),
        ]


def test_audit_shows_that_a_row_was_changed(review: ReviewDatabase) -> None:
    """A changed row, a removed one and one that was put in break the chain; old rows may go in order."""
    with review.write() as connection:
        for number in range(20):
            audit.record(connection, "anna", "read", f"conversation {number}", START + number)
    with review.read() as connection:
        whole = audit.verify(connection)
        assert (whole.rows, whole.wrong) == (20, None)
        assert [row.object for row in audit.list_audit(connection, most=2, actor="anna")][
            0
        ] == "conversation 19"
    with review.engine.connect() as connection, connection.begin() as transaction:
        connection.execute(update(AUDIT).where(AUDIT.c.id == 7).values(actor="otto"))
        assert audit.verify(connection).wrong == 7
        transaction.rollback()
    with review.engine.connect() as connection, connection.begin() as transaction:
        connection.execute(AUDIT.delete().where(AUDIT.c.id == 7))
        assert audit.verify(connection).wrong == 8
        transaction.rollback()
    with review.write() as connection:
        assert audit.remove_before(connection, START + 10, START + 100) == 10
        audit.record(connection, "anna", "read", "x", START)
        left = audit.verify(connection)
        assert (left.rows, left.wrong) == (12, None)


def test_age_takes_old_conversations_in_turn(review: ReviewDatabase) -> None:
    """The oldest first, a bounded number at once, words included."""
    write(review, *(news(number, START - (400 - number) * DAY, f"word{number}") for number in range(3)))
    write(review, news(9, START, "word9"))

    with review.write() as connection:
        assert erasure.expire(connection, START - 180 * DAY) == 3
        assert erasure.expire(connection, START - 180 * DAY) == 0
        assert full_text.clean(connection) > 0
        full_text.drop_empty(connection, month_of(first_id(START)))
        assert full_text.months(connection) == [month_of(first_id(START))]

    assert _texts(review, "word1") == [] and _texts(review, "word9") == ["word9"]


def test_a_reader_sees_one_state(review: ReviewDatabase) -> None:
    """What is written while somebody reads is not half there for them."""
    write(review, news(1, START))
    with review.read() as connection:
        if connection.dialect.name != "sqlite":
            pytest.skip("PostgreSQL shows each statement what is committed")
        assert find_conversation(connection, 1) is not None
        with review.write() as other:
            write_news(other, news(2, START), Counter())
        assert find_conversation(connection, 2) is None


def test_file_is_for_its_owner_alone(tmp_path) -> None:
    """Mode 0600, also of the journal."""
    review = ReviewDatabase("", tmp_path)
    review.prepare()
    write(review, news(1, START))

    assert {file.name: oct(file.stat().st_mode & 0o777) for file in tmp_path.glob("review.db*")} == {
        name: "0o600" for name in ("review.db", "review.db-wal", "review.db-shm")
    }
    review.close()


def test_url_of_another_database_is_refused(tmp_path) -> None:
    """The sentence names the setting."""
    for url in ("mysql://x/y", "nonsense", "sqlite:///x"):
        with pytest.raises(SettingsError, match="MESOGUIDE_REVIEW_DATABASE"):
            ReviewDatabase(url, tmp_path)


def test_room_loads_without_rasa() -> None:
    """Importing all of it, as the console does, brings neither Rasa nor TensorFlow nor NumPy."""
    modules = [f"assistant.review.{file.stem}" for file in (ROOT / "assistant" / "review").glob("*.py")]
    check = "import sys, importlib\nfor name in sys.argv[1:]: importlib.import_module(name)\n"
    check += "print(sorted({'rasa', 'tensorflow', 'numpy', 'spacy', 'onnxruntime'} & set(sys.modules)))"

    run = subprocess.run(
        [sys.executable, "-c", check, *modules], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert run.stdout.strip() == "[]"
