"""One database: works that wait together share a transaction, and readers wait for nobody."""

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from assistant.storage.connection import Connection
from assistant.storage.database import Database, DatabaseDown, Refused
from assistant.storage.schema import METADATA
from tests.storage.conftest import rows

INSERT = "INSERT INTO erased VALUES (:id, 1.0)"


@pytest.fixture
def one(tmp_path: Path) -> Iterator[Database]:
    database = Database(tmp_path / "one.db")
    database.prepare(METADATA.create_all)
    yield database
    database.close()


@pytest.fixture
def commits(monkeypatch) -> list[int]:
    """Gets an entry for each transaction that is committed."""
    told: list[int] = []
    commit = Connection.commit

    def count(self: Connection) -> None:
        commit(self)
        told.append(1)

    monkeypatch.setattr(Connection, "commit", count)
    return told


def _insert(key: str):
    def work(connection: Connection) -> str:
        connection.execute(INSERT, {"id": key})
        return key

    return work


async def test_works_that_wait_together_share_a_transaction(one: Database, commits: list[int]) -> None:
    """Twenty messages that arrive at once need few waits for the disk."""
    keys = [f"k-{number}" for number in range(20)]

    results = await asyncio.gather(*(one.run(_insert(key)) for key in keys))

    assert results == keys
    assert len(commits) <= 5
    assert len(rows(one.file, "SELECT * FROM erased")) == 20


async def test_refused_work_leaves_the_others_of_its_group_alone(one: Database) -> None:
    """Of works that wait together only the one that is at fault fails, and writes nothing."""
    works = [_insert("k-1"), _insert("k-2"), _insert("k-2"), lambda _: 1 / 0, _insert("k-3")]

    results = await asyncio.gather(*(one.run(work) for work in works), return_exceptions=True)

    assert [type(result) for result in results] == [str, str, Refused, ZeroDivisionError, str]
    assert rows(one.file, "SELECT conversation_id FROM erased ORDER BY 1") == [("k-1",), ("k-2",), ("k-3",)]


async def test_group_is_stored_as_a_whole_or_not_at_all(one: Database, monkeypatch) -> None:
    """When the commit fails, every work of the group hears of it."""

    def fail(self: Connection) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    with monkeypatch.context() as patch:
        patch.setattr(Connection, "commit", fail)
        works = (one.run(_insert(f"k-{number}")) for number in range(3))
        results = await asyncio.gather(*works, return_exceptions=True)

    assert [type(result) for result in results] == [DatabaseDown] * 3
    assert rows(one.file, "SELECT * FROM erased") == []


async def test_work_is_done_after_a_wait_that_was_given_up(one: Database) -> None:
    """A cancelled wait holds up nobody."""
    given_up = asyncio.ensure_future(one.run(_insert("k-1")))
    await asyncio.sleep(0)
    given_up.cancel()

    assert await one.run(_insert("k-2")) == "k-2"


async def test_look_reads_what_was_committed_while_another_process_writes(one: Database) -> None:
    """A reader neither waits for a writer nor sees what is not committed."""
    await one.run(_insert("k-1"))
    with closing(sqlite3.connect(one.file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        other.execute("INSERT INTO erased VALUES ('k-2', 1.0)")

        found = await one.look(lambda c: [row.conversation_id for row in c.execute("SELECT * FROM erased")])

        other.execute("ROLLBACK")
    assert found == ["k-1"]


async def test_look_that_has_to_write_is_run_as_a_work(one: Database) -> None:
    """What a query mends is stored."""
    assert await one.look(_insert("k-1")) == "k-1"

    assert rows(one.file, "SELECT conversation_id FROM erased") == [("k-1",)]


async def test_look_at_a_file_in_place_of_the_database_fails(one: Database, tmp_path: Path) -> None:
    """A file that was moved away is not read on."""
    await one.look(lambda connection: connection.execute("SELECT 1").first())
    one.file.rename(tmp_path / "aside.db")
    one.file.touch()

    with pytest.raises(DatabaseDown):
        await one.look(lambda connection: connection.execute("SELECT 1").first())
