"""What the chat stores is what staff read: all of it, once, redacted."""

import json
import shutil
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from sqlalchemy import func, select

from assistant.projector.house import House
from assistant.projector.lock import ProjectorLock
from assistant.projector.log_reader import LogReader
from assistant.projector.projector import Projector
from assistant.review import audit, erasure
from assistant.review.change import add_note, set_tags
from assistant.review.conversation_filter import ConversationFilter
from assistant.review.conversation_view import find_said
from assistant.review.database import ReviewDatabase
from assistant.review.export import export
from assistant.review.facet import Property
from assistant.review.inbox import list_conversations
from assistant.review.question_group import find_questions, list_groups
from assistant.review.queue import RATED_DOWN, UNANSWERED, UNSURE, URGENT, count_queues, list_queue
from assistant.review.rollup import read_counts
from assistant.review.schema import CONVERSATION, MESSAGE, METADATA, QUESTION_GROUP, ROLLUP
from assistant.review.text_search import search
from assistant.storage.conversation_log import ConversationLog
from tests.projector.conftest import START, Clock, bytes_in, reply, say, work_off

EVERYTHING = ConversationFilter()


def _everything(review: ReviewDatabase) -> dict[str, list[tuple]]:
    """Returns all rows of the read model but the time of its last change."""
    with review.read() as connection:
        return {
            name: sorted(map(tuple, connection.execute(select(table))), key=repr)
            for name, table in METADATA.tables.items()
            if name != "projection"
        }


async def test_turn_is_shown_with_its_reason(
    conversations: ConversationLog, projector: Projector, review: ReviewDatabase
) -> None:
    """Messages, intent, ranking, action, entities at their place in the redacted text, properties."""
    await conversations.start("k-1", {"improve": True}, [reply("Hello", "smalltalk", None)])
    await say(conversations, "k-1", "m1", "I am Anna Kowalska, does it hurt in the face")
    work_off(projector)

    with review.read() as connection:
        (listed,) = list_conversations(connection, EVERYTHING).conversations
        welcome, question, answer = find_said(connection, listed.row.id)

    assert welcome.body["text"] == "Hello" and answer.body["topic"] == "pain"
    assert question.row.text == "I am [name], does it hurt in the face"
    assert (question.trace.intent, question.trace.action, question.trace.decided_by) == (
        "ask_pain", "action_answer_topic", "classifier",
    )  # fmt: skip
    entity = question.detail["entities"][0]
    assert question.row.text[entity["start"] : entity["end"]] == "face"
    assert question.detail["ranking"][0] == ["ask_pain", 0.9] and answer.row.answers == question.row.seq
    assert (listed.row.turns, listed.row.messages, listed.row.improve) == (1, 3, True)
    assert {Property("topic", "pain"), Property("channel", "web"), Property("language", "en")} <= set(
        listed.properties
    )


async def test_same_rows_again_change_nothing(
    conversations: ConversationLog, make_projector: Callable[[], Projector], review: ReviewDatabase
) -> None:
    """A read model that is told to begin anew over what it has stays as it is."""
    for number in range(3):
        await say(conversations, f"k-{number}", "m1", "does it hurt")
    await conversations.rate("k-1", 2, False, "bad")
    work_off(make_projector())
    before = _everything(review)
    with review.write() as connection:
        connection.exec_driver_sql("UPDATE projection SET outbox_id = 0, filled_to = ''")

    work_off(make_projector())

    assert _everything(review) == before


async def test_lost_read_model_is_filled_again(
    state: Path,
    conversations: ConversationLog,
    make_projector: Callable[[], Projector],
    review: ReviewDatabase,
) -> None:
    """Without its rows, and without the old rows of the outbox, everything is read from the log."""
    for number in range(60):
        await say(conversations, f"k-{number:03}", "m1", f"question {number}")
    work_off(make_projector())
    with review.write() as connection:
        for table in METADATA.tables.values():
            connection.execute(table.delete())
        connection.exec_driver_sql("DROP TABLE search_" + str(56 * 12 + 8))
    with closing(sqlite3.connect(state / "conversations.db")) as log, log:
        log.execute("DELETE FROM outbox")

    work_off(make_projector())

    with review.read() as connection:
        assert connection.scalar(select(func.count()).select_from(MESSAGE)) == 120
        assert len(search(connection, "question", most=200).messages) == 60


async def test_rating_and_choice_are_shown(
    conversations: ConversationLog, projector: Projector, review: ReviewDatabase, clock: Clock
) -> None:
    """A rating stands at its reply, redacted, and can be changed; who withdraws a consent is heard."""
    await conversations.start("k-1", {"improve": True}, [])
    await say(conversations, "k-1", "m1", "does it hurt")
    await conversations.rate("k-1", 2, True, "good")
    work_off(projector)
    clock.now += 60
    await conversations.rate("k-1", 2, False, "call me on 07911 123456")
    await conversations.choose("k-1", {"improve": False})
    work_off(projector)

    with review.read() as connection:
        down = ConversationFilter(facets={"rating": ("down",)})
        (listed,) = list_conversations(connection, down).conversations
        rating = find_said(connection, listed.row.id)[1].rating
        assert (
            list_conversations(connection, ConversationFilter(facets={"rating": ("up",)})).conversations == []
        )
        assert [row.text for row in list_queue(connection, RATED_DOWN)] == ["does it hurt"]

    assert (rating.helpful, rating.comment, listed.row.improve) == (False, "call me on [phone]", False)


async def test_queues_and_groups(
    conversations: ConversationLog, projector: Projector, review: ReviewDatabase, clock: Clock
) -> None:
    """What went wrong is in its queue; similar questions without an answer are together."""
    no = reply("I can't answer that.", "out_of_scope", None)
    for number, text in enumerate(("cryolipolysis price?", "cryolipolysis near me", "weather today")):
        clock.now += 1
        await say(conversations, f"k-{number}", "m1", text, no)
    await say(conversations, "k-8", "m1", "can't breathe", reply("Call 999", "emergency", None))
    await say(conversations, "k-9", "m1", "hmm", score=0.1)
    work_off(projector)

    with review.read() as connection:
        counts = {queue: count for queue, (count, _) in count_queues(connection).items()}
        groups = list_groups(connection)
        questions = [row.text for row in find_questions(connection, groups[0].id)]

    assert (counts[UNANSWERED], counts[URGENT], counts[UNSURE]) == (3, 1, 1)
    assert [(group.size, group.text) for group in groups] == [
        (2, "cryolipolysis price?"),
        (1, "weather today"),
    ]
    assert questions == ["cryolipolysis near me", "cryolipolysis price?"]


async def test_erased_conversation_leaves_no_byte(
    state: Path, conversations: ConversationLog, projector: Projector, review: ReviewDatabase, redactor
) -> None:
    """Messages, words of the index, notes, tags and group are gone; what others said is still found."""
    no = reply("No.", "out_of_scope", None)
    await say(conversations, "k-2", "m1", "zanzibarmarker again", no)
    await say(conversations, "k-1", "m1", "zanzibarmarker uniquemarker", no)
    await say(conversations, "k-1", "m2", "othermarker in the face")
    work_off(projector)
    with review.write() as connection:
        (found,) = search(connection, "uniquemarker").messages
        add_note(connection, redactor, found.conversation, 1, "notemarker", START)
        set_tags(connection, found.conversation, ["tagmarker"])
    started = time.monotonic()
    await conversations.erase("k-1")
    work_off(projector)
    took = time.monotonic() - started

    left = bytes_in(state)
    with review.read() as connection:
        assert [row.conversation for row in search(connection, "zanzibarmarker").messages] != []
        assert len(list_conversations(connection, EVERYTHING).conversations) == 1
        assert [group.size for group in list_groups(connection)] == [1]
        receipt = connection.execute(select(METADATA.tables["erasure"])).one()
    for marker in (b"uniquemarker", b"othermarker", b"notemarker"):
        assert marker not in left, marker
    assert json.loads(receipt.receipt)["message"] == 4 and receipt.log_id is None
    assert took < 5


async def test_staff_can_have_a_conversation_erased(
    state: Path, conversations: ConversationLog, projector: Projector, review: ReviewDatabase
) -> None:
    """The projector erases it in the log too, and nothing comes back."""
    await say(conversations, "k-1", "m1", "staffmarker")
    work_off(projector)
    with review.write() as connection:
        assert erasure.request_erasure(connection, 1, "privacy", START)

    work_off(projector)
    await say(conversations, "k-2", "m1", "hello")
    work_off(projector)

    assert await conversations.is_erased("k-1") and b"staffmarker" not in bytes_in(state)
    with review.read() as connection:
        assert [row.log_id for row in connection.execute(select(CONVERSATION))] == ["k-2"]


async def test_erasure_of_the_newest_conversation_is_seen(
    conversations: ConversationLog, projector: Projector, review: ReviewDatabase
) -> None:
    """Erasing empties the outbox; the row that tells of it has a number above all others."""
    await say(conversations, "k-1", "m1", "does it hurt")
    work_off(projector)

    await conversations.erase("k-1")
    work_off(projector)

    with review.read() as connection:
        assert list_conversations(connection, EVERYTHING).conversations == []


async def test_first_question_of_a_group_can_be_erased(
    conversations: ConversationLog, projector: Projector, review: ReviewDatabase, clock: Clock
) -> None:
    """The next question stands for the group, with its own vector."""
    no = reply("No.", "out_of_scope", None)
    for number in (1, 2):
        clock.now += 1
        await say(conversations, f"k-{number}", "m1", f"cryolipolysis {number}", no)
    work_off(projector)
    await conversations.erase("k-1")
    work_off(projector)
    await say(conversations, "k-3", "m1", "cryolipolysis 3", no)
    work_off(projector)

    with review.read() as connection:
        assert [(group.size, group.text) for group in list_groups(connection)] == [(2, "cryolipolysis 2")]
        assert len(connection.scalar(select(QUESTION_GROUP.c.vector))) == 64 * 4


async def test_damaged_row_stops_nobody_else(
    state: Path, conversations: ConversationLog, projector: Projector, review: ReviewDatabase
) -> None:
    """A message that is no JSON leaves its conversation out and the others in."""
    for number in (1, 2):
        await say(conversations, f"k-{number}", "m1", "does it hurt")
    with closing(sqlite3.connect(state / "conversations.db")) as log, log:
        log.execute("UPDATE message SET body = '{' WHERE conversation_id = 'k-1' AND seq = 1")

    work_off(projector)

    with review.read() as connection:
        assert [row.log_id for row in connection.execute(select(CONVERSATION))] == ["k-2"]


async def test_row_that_cannot_be_written_stops_nobody_else(
    state: Path, conversations: ConversationLog, projector: Projector, review: ReviewDatabase
) -> None:
    """What is refused only when it is written leaves its conversation out, and the projector goes on."""
    for number in (1, 2):
        await say(conversations, f"k-{number}", "m1", "does it hurt")
    with closing(sqlite3.connect(state / "conversations.db")) as log, log:
        log.execute("UPDATE message SET time = 'soon' WHERE conversation_id = 'k-1'")

    work_off(projector)
    await say(conversations, "k-3", "m1", "does it hurt")
    work_off(projector)

    with review.read() as connection:
        assert sorted(row.log_id for row in connection.execute(select(CONVERSATION))) == ["k-2", "k-3"]


async def test_old_conversations_go(
    state: Path, conversations: ConversationLog, projector: Projector, review: ReviewDatabase, clock: Clock
) -> None:
    """By the age of the newest message, unless they are held; counts stay, the month's index goes."""
    for number in (1, 2):
        await say(conversations, f"k-{number}", "m1", f"agemarker{number}")
    work_off(projector)
    with review.write() as connection:
        connection.execute(CONVERSATION.update().where(CONVERSATION.c.log_id == "k-2").values(hold=True))
        audit.record(connection, "projector", "test", "x", clock())
    clock.now += 181 * 24 * 3600
    reader = LogReader(state / "conversations.db")
    house = House(reader, review, 180, clock)
    for _ in range(3):
        house.keep(10)
    reader.close()

    with review.read() as connection:
        assert [row.log_id for row in connection.execute(select(CONVERSATION))] == ["k-2"]
        counts = read_counts(connection, "message", START - 86_400, START + 86_400)
        assert sum(connection.scalars(select(ROLLUP.c.count).where(ROLLUP.c.name == "message"))) == 4
    assert counts and all(count.count is None for count in counts)
    with review.engine.connect() as connection:
        assert b"agemarker1" not in (state / "review.db").read_bytes()


async def test_export_and_files_hold_no_identifier(
    state: Path, conversations: ConversationLog, projector: Projector, review: ReviewDatabase
) -> None:
    """Planted identifiers are in the log only: not in the read model's file, its index, or an export."""
    planted = [
        "Oksana Melnyk",
        "oksana.m@example.com",
        "+44 20 7946 0958",
        "4111 1111 1111 1111",
        "QQ123456C",
    ]
    for number, one in enumerate(planted):
        await say(conversations, "k-1", f"m{number}", f"my name is Oksana Melnyk, {one}, thanks")
    await conversations.rate("k-1", 2, False, f"write to {planted[1]}")
    work_off(projector)
    review.wipe()

    with review.read() as connection:
        lines = list(export(connection, EVERYTHING))
    written = (state / "review.db").read_bytes()

    assert len(json.loads(lines[0])["messages"]) == 10
    for text in (written.lower(), lines[0].lower().encode()):
        for one in ("oksana", "melnyk", "example.com", "7946", "4111", "123456"):
            assert one.encode() not in text, one


def test_one_projector_at_a_time(state: Path) -> None:
    """A second one gets the lock when the first gives it up."""
    first, second = ProjectorLock(state), ProjectorLock(state)

    assert first.take() and not second.take()
    first.close()
    assert second.take()
    second.close()


async def test_projector_waits_for_a_log_that_is_away(
    state: Path, conversations: ConversationLog, projector: Projector, review: ReviewDatabase
) -> None:
    """Without the log's file it goes on when the file is back."""
    await say(conversations, "k-1", "m1", "does it hurt")
    conversations.close()
    shutil.move(state / "conversations.db", state / "away")
    turns = iter([False, True])

    projector.run(lambda: next(turns), lambda _: None)
    shutil.move(state / "away", state / "conversations.db")
    work_off(projector)

    with review.read() as connection:
        assert len(list_conversations(connection, EVERYTHING).conversations) == 1
