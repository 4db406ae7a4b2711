"""The read model's database: a SQLite file of its own, or PostgreSQL by URL."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, event
from sqlalchemy.engine import Connection
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from assistant.errors import SettingsError

MIGRATIONS = Path(__file__).parent / "migrations"
FILE_NAME = "review.db"
BUSY_SECONDS = 5.0
# Readers in the way of emptying the journal are short; the projector has more to do than to wait for one.
WIPE_SECONDS = 0.2
# The pool gives a connection to one thread at a time, but not always to the one that opened it.
ANY_THREAD = {"check_same_thread": False}
# Several processes may start at once; any number that nobody else uses.
MIGRATION_LOCK = 20_211_222
POSTGRESQL_POOL = {"pool_pre_ping": True, "pool_size": 4, "max_overflow": 4}


class ReviewDatabase:
    """Connections to the read model.

    Args:
        url: SQLAlchemy's URL, empty for a file.
        folder: where the file is; made with mode 0700, the file with 0600.
    """

    def __init__(self, url: str, folder: Path) -> None:
        """See class; opens nothing. Raises SettingsError for a URL that cannot be used."""
        self.file = None if url else folder / FILE_NAME
        try:
            if self.file is not None:
                self.engine = create_engine(
                    f"sqlite:///{self.file}", future=True, poolclass=_FewFiles, connect_args=ANY_THREAD
                )
            elif url.startswith("postgresql"):
                self.engine = create_engine(url, future=True, **POSTGRESQL_POOL)
            else:
                raise ArgumentError
        except (ArgumentError, NoSuchModuleError):
            raise SettingsError(
                "MESOGUIDE_REVIEW_DATABASE is no URL of PostgreSQL. Write postgresql://user:password@host/name,"
                " or leave it out for a file in the state folder."
            ) from None
        if self.file is not None:
            event.listen(self.engine, "connect", _set_up)
            event.listen(self.engine, "begin", _begin)

    def prepare(self) -> None:
        """Makes what is missing and brings the tables up to date; raises SQLAlchemyError or OSError."""
        if self.file is not None:
            self.file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self.file.touch(mode=0o600)
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        with self.write() as connection:
            if self.file is None:
                connection.execute(sqlalchemy.select(sqlalchemy.func.pg_advisory_xact_lock(MIGRATION_LOCK)))
            config.attributes["connection"] = connection
            command.upgrade(config, "head")

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Gives a connection in a transaction that may write; it is committed at the end."""
        with self.engine.connect().execution_options(may_write=True) as connection, connection.begin():
            yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Gives a connection that sees one state of the tables and waits for no writer."""
        with self.engine.connect() as connection, connection.begin():
            yield connection

    def wipe(self) -> bool:
        """Takes what was deleted out of SQLite's journal; returns whether nobody was in the way."""
        if self.file is None:
            return True
        with self.engine.connect() as connection:
            raw = connection.connection
            raw.execute(f"PRAGMA busy_timeout={int(WIPE_SECONDS * 1000)}").close()
            row = raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            raw.execute(f"PRAGMA busy_timeout={int(BUSY_SECONDS * 1000)}").close()
        return bool(row[0] == 0)

    def tidy(self) -> None:
        """Lets SQLite look at its tables, so that it chooses indexes well; PostgreSQL does that by itself."""
        if self.file is not None:
            with self.write() as connection:
                connection.exec_driver_sql("PRAGMA analysis_limit=1000")
                connection.exec_driver_sql("ANALYZE")

    def close(self) -> None:
        """Closes the connections."""
        self.engine.dispose()


class _FewFiles(sqlalchemy.pool.QueuePool):
    """Keeps a few open connections to the file; opening one reads the schema again."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **{**options, "pool_size": 4, "max_overflow": 4})


def _set_up(raw: Any, _: Any) -> None:
    # SQLAlchemy begins transactions here: Python would do it on its own, and too late
    raw.isolation_level = None
    for pragma in (
        "journal_mode=WAL",
        "synchronous=NORMAL",
        "secure_delete=ON",
        "temp_store=MEMORY",
        "cache_size=-16000",
        f"busy_timeout={int(BUSY_SECONDS * 1000)}",
    ):
        raw.execute(f"PRAGMA {pragma}").close()


def _begin(connection: Connection) -> None:
    may_write = connection.get_execution_options().get("may_write")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if may_write else "BEGIN")
