"""The steps of `migrations/` lead to the tables of `schema.py`."""

from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from assistant.storage.database import Database
from assistant.storage.migrate import migrate
from assistant.storage.schema import METADATA
from tests.storage.conftest import SPAWN, rows

PROCESSES = 4


def _schema(file: Path) -> list[tuple]:
    return rows(
        file, "SELECT type, name, tbl_name FROM sqlite_master WHERE name NOT LIKE '%alembic%' ORDER BY name"
    )


def test_steps_make_the_tables_of_the_schema(tmp_path) -> None:
    """Alembic itself finds no difference in tables, columns, types, indexes or constraints."""
    database = Database(tmp_path / "c.db")
    database.prepare(migrate)

    def compare(connection) -> list:
        # SQLite's own table of numbers that were given
        options = {
            "compare_type": True,
            "compare_server_default": True,
            "include_name": lambda name, kind, _: name != "sqlite_sequence",
        }
        return compare_metadata(MigrationContext.configure(connection, opts=options), METADATA)

    with database.engine().begin() as connection:
        difference = compare(connection)
    database.close()

    assert difference == []


def test_steps_and_schema_make_the_same_database(tmp_path) -> None:
    """The memory-only tables, made without steps, have the same objects and columns."""
    for name, make in (("a.db", migrate), ("b.db", METADATA.create_all)):
        database = Database(tmp_path / name)
        database.prepare(make)
        database.close()

    one, other = tmp_path / "a.db", tmp_path / "b.db"

    assert _schema(one) == _schema(other)
    for table in METADATA.tables:
        columns = [
            rows(file, f"SELECT name, \"notnull\", pk FROM pragma_table_info('{table}')")
            for file in (one, other)
        ]
        assert columns[0] == columns[1]


def test_steps_run_twice_change_nothing(tmp_path) -> None:
    """A database that is up to date stays as it is, rows included."""
    for _ in range(2):
        database = Database(tmp_path / "c.db")
        database.prepare(migrate)
        database.run_here(
            lambda connection: connection.execute("INSERT OR IGNORE INTO erased VALUES ('k-1', 1.0)")
        )
        database.close()

    assert rows(tmp_path / "c.db", "SELECT * FROM erased") == [("k-1", 1.0)]
    assert rows(tmp_path / "c.db", "SELECT count(*) FROM alembic_version") == [(1,)]


def _prepare(file: Path) -> None:
    database = Database(file)
    database.prepare(migrate)
    database.close()


def test_processes_may_start_at_once(tmp_path) -> None:
    """Of several workers that find no database each can start."""
    processes = [SPAWN.Process(target=_prepare, args=(tmp_path / "c.db",)) for _ in range(PROCESSES)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)

    assert [process.exitcode for process in processes] == [0] * PROCESSES
    assert len(_schema(tmp_path / "c.db")) > len(METADATA.tables)
