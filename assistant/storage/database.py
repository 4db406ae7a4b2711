"""One database file: a thread of its own, one transaction at a time, and no silence when it fails."""

import asyncio
import os
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import create_engine, event
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.pool import StaticPool

Result = TypeVar("Result")
# How long SQLite waits for another process's transaction before the database counts as out of reach.
BUSY_SECONDS = 1.0


class DatabaseDown(Exception):
    """The database cannot be used now; what was to be written is not written.

    Attributes:
        cause: kind of the error, without any text of a conversation.
    """

    def __init__(self, cause: str) -> None:
        super().__init__(cause)
        self.cause = cause


class Database:
    """A SQLite database.

    Args:
        file: made with mode 0600 where it is missing, once, by `prepare`.
        durable: whether a commit waits for the disk.
    """

    def __init__(self, file: Path, durable: bool = True) -> None:
        """See class; opens nothing."""
        self.file = file
        self._durable = durable
        self._engine: Engine | None = None
        self._inode = 0
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=f"database-{file.stem}")

    def prepare(self, make_tables: Callable[[Connection], None]) -> None:
        """Makes the file and its tables; raises SQLAlchemyError, sqlite3.Error or OSError."""
        self.file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.close(os.open(self.file, os.O_CREAT | os.O_RDWR, 0o600))
        with self._open().begin() as connection:
            make_tables(connection)

    async def run(self, work: Callable[[Connection], Result]) -> Result:
        """Runs `work` in one transaction in the database's thread; raises DatabaseDown."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, self.run_here, work)

    def run_waiting(self, work: Callable[[Connection], Result]) -> Result:
        """Runs `work` in the database's thread and waits; for other threads than the event loop's."""
        return self._thread.submit(self.run_here, work).result()

    def run_here(self, work: Callable[[Connection], Result]) -> Result:
        """Runs `work` in one transaction in this thread; raises DatabaseDown."""
        try:
            with self._open().begin() as connection:
                return work(connection)
        except (DBAPIError, sqlite3.Error, OSError) as error:
            self._close()
            raise DatabaseDown(_cause(error)) from None

    def close(self) -> None:
        """Closes the connection and ends the thread."""
        self._thread.shutdown()
        self._close()

    def _open(self) -> Engine:
        """Returns the engine, on the file that has this name now.

        A file that was moved away would be written on unseen, and lost.
        """
        if self._engine is not None and os.stat(self.file).st_ino == self._inode:
            return self._engine
        self._close()
        self._inode = os.stat(self.file).st_ino
        self._engine = create_engine(
            f"sqlite:///file:{self.file}?mode=rw&uri=true",
            poolclass=StaticPool,
            connect_args={"check_same_thread": False, "timeout": BUSY_SECONDS, "cached_statements": 256},
        )
        event.listen(self._engine, "connect", self._prepare_connection)
        event.listen(self._engine, "begin", _begin)
        return self._engine

    def _close(self) -> None:
        engine, self._engine = self._engine, None
        if engine is not None:
            try:
                engine.dispose()
            except (SQLAlchemyError, sqlite3.Error):
                # a broken connection may fail to close; it is gone either way
                return

    def _prepare_connection(self, connection: sqlite3.Connection, _: Any) -> None:
        # pysqlite would begin transactions on its own, and too late for "immediate"
        connection.isolation_level = None
        for pragma in (
            "journal_mode=WAL",
            f"synchronous={'FULL' if self._durable else 'OFF'}",
            "secure_delete=ON",
            "temp_store=MEMORY",
        ):
            connection.execute(f"PRAGMA {pragma}").close()


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _cause(error: BaseException) -> str:
    """Returns the error without its statement and parameters, which hold texts."""
    inner = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    return f"{type(inner).__name__}: {str(inner).splitlines()[0] if str(inner) else 'no message'}"
