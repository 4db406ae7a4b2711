"""A projector that is killed anywhere loses nothing and writes nothing twice."""

import multiprocessing
import os
import random
import signal
import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import event, func, select

from assistant.projector.grouping import QuestionGroups
from assistant.projector.lock import ProjectorLock
from assistant.projector.log_reader import LogReader
from assistant.projector.projector import Projector
from assistant.redaction.redactor import Redactor
from assistant.review.database import ReviewDatabase
from assistant.review.schema import CONVERSATION, FACET, MESSAGE, QUESTION_GROUP, ROLLUP, TERM
from assistant.review.text_search import search
from assistant.storage.conversation_log import ConversationLog
from tests.projector.conftest import PLAIN, ROOT, encode, reply, say

FORK = multiprocessing.get_context("fork")
KILLS = 40
MOST_STATEMENTS = 120
CONVERSATIONS = 8


def _work(state: Path, statements: int) -> None:
    """Projects until there is nothing to do, or dies by SIGKILL before the n-th statement or commit."""
    left = [statements]

    def die_in_time(*_: object) -> None:
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    lock = ProjectorLock(state)
    assert lock.take()
    review = ReviewDatabase("", state)
    review.prepare()
    event.listen(review.engine, "before_cursor_execute", die_in_time)
    event.listen(review.engine, "commit", die_in_time)
    reader = LogReader(state / "conversations.db")
    redactor = Redactor.load(ROOT / "data" / "redaction")
    projector = Projector(reader, review, redactor, QuestionGroups(encode, PLAIN))
    while projector.step():
        pass
    os._exit(0)


async def test_killed_projector_goes_on_where_it_was(state: Path, conversations: ConversationLog) -> None:
    """After 40 kills between turns, ratings and erasures, the read model is what the log says."""
    chance = random.Random(7)
    erased: set[str] = set()
    kills = number = 0
    while kills < KILLS:
        number += 1
        for _ in range(chance.randint(1, 4)):
            name = f"k-{chance.randrange(CONVERSATIONS)}"
            if name in erased:
                continue
            no = reply("No.", "out_of_scope", None)
            message = f"m{number}-{chance.random()}"
            await say(
                conversations,
                name,
                message,
                f"{chance.choice('abcd')} question",
                chance.choice([no, reply()]),
            )
        if chance.random() < 0.3 and name not in erased:
            await conversations.rate(name, 2, chance.random() < 0.5, "")
        if chance.random() < 0.05 and len(erased) < 3:
            erased.add(name)
            await conversations.erase(name)
        kills += _run(state, chance.randint(1, MOST_STATEMENTS)) == -signal.SIGKILL
    assert _run(state, 0) == 0

    _judge(state)


def _run(state: Path, statements: int) -> int | None:
    process = FORK.Process(target=_work, args=(state, statements))
    process.start()
    process.join(60)
    return process.exitcode


def _judge(state: Path) -> None:
    with closing(sqlite3.connect(state / "conversations.db")) as log:
        ids = {row[0] for row in log.execute("SELECT id FROM conversation")}
        said = set(log.execute("SELECT conversation_id, seq FROM message"))
        asked = log.execute("SELECT count(*) FROM message WHERE role = 'user'").fetchone()[0]
        rated = log.execute("SELECT count(*) FROM feedback").fetchone()[0]
    review = ReviewDatabase("", state)
    with review.read() as connection:
        rows = connection.execute(select(CONVERSATION)).all()
        names = {row.id: row.log_id for row in rows}
        messages = connection.execute(select(MESSAGE)).all()
        facets = dict(
            connection.execute(select(FACET.c.term, func.count()).group_by(FACET.c.term)).all()  # type: ignore[arg-type]
        )
        terms = {row.id: row.conversations for row in connection.execute(select(TERM))}
        members = [row.question_group for row in messages if row.question_group is not None]
        unanswered = connection.exec_driver_sql(
            "SELECT count(*) FROM queue_item WHERE queue = 'unanswered'"
        ).scalar()

        assert set(names.values()) == ids
        assert sorted((names[row.conversation], row.seq) for row in messages) == sorted(said)
        assert sum(row.messages for row in rows) == len(said) and sum(row.turns for row in rows) == asked
        assert {term: count for term, count in terms.items() if count} == facets
        assert {row.id: row.size for row in connection.execute(select(QUESTION_GROUP))} == {
            group: members.count(group) for group in members
        }
        assert len(members) == unanswered
        assert len(search(connection, "question", most=10_000).messages) == asked
        assert connection.exec_driver_sql("SELECT count(*) FROM rating").scalar() == rated
        # what was erased was counted before, once
        counted = connection.scalar(
            select(func.sum(ROLLUP.c.count)).where(ROLLUP.c.name == "message", ROLLUP.c.value == "user")
        )
        assert counted >= asked
    review.close()
