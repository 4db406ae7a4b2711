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
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, SQLAlchemyError
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


class Refused(Exception):
    """The database works, and refuses what was to be written; holds nothing of it."""


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
        self._identity = (0, 0)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=f"database-{file.stem}")

    def prepare(self, make_tables: Callable[[Connection], None]) -> None:
        """Makes the file and its tables; raises SQLAlchemyError, sqlite3.Error or OSError."""
        self.file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        # not opened: closing it would take this process's locks of it away
        self.file.touch(mode=0o600)
        self._identity = _identity(self.file)
        with self._open().begin() as connection:
            make_tables(connection)

    async def run(self, work: Callable[[Connection], Result]) -> Result:
        """Runs `work` in one transaction in the database's thread; raises DatabaseDown."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, self.run_here, work)

    def run_waiting(self, work: Callable[[Connection], Result]) -> Result:
        """Runs `work` in the database's thread and waits; for other threads than the event loop's."""
        return self._thread.submit(self.run_here, work).result()

    def run_here(self, work: Callable[[Connection], Result]) -> Result:
        """Runs `work` in one transaction in this thread; raises DatabaseDown, or Refused."""
        try:
            with self._open().begin() as connection:
                return work(connection)
        except (IntegrityError, DataError) as error:
            raise Refused(_cause(error)) from None
        except (DBAPIError, sqlite3.Error, OSError) as error:
            self._close()
            raise DatabaseDown(_cause(error)) from None

    async def wipe(self) -> None:
        """Takes what was deleted out of the journal too; leaves that to a later call where it is in use."""
        await asyncio.get_running_loop().run_in_executor(self._thread, self._wipe)

    def close(self) -> None:
        """Closes the connection and ends the thread."""
        self._thread.shutdown()
        self._close()

    def _open(self) -> Engine:
        """Returns the engine, on the file that was prepared.

        A file that was moved away would be written on unseen, and lost. With another one in its
        place, SQLite would mix the journal of the first into it.
        """
        if _identity(self.file) != self._identity:
            self._close()
            raise OSError("another file has the name of the database")
        if self._engine is not None:
            return self._engine
        # SQLite would open a file that may only be read, and leave a journal beside it that may only be read
        if not os.access(self.file, os.W_OK, effective_ids=True):
            raise PermissionError("the database may only be read")
        self._engine = create_engine(
            f"sqlite:///file:{self.file}?mode=rw&uri=true",
            poolclass=StaticPool,
            connect_args={"check_same_thread": False, "timeout": BUSY_SECONDS, "cached_statements": 256},
        )
        event.listen(self._engine, "connect", self._prepare_connection)
        event.listen(self._engine, "begin", _begin)
        return self._engine

    def _wipe(self) -> None:
        try:
            with self._open().connect() as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").close()
        except (DBAPIError, sqlite3.Error, OSError):
            self._close()

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
        # a damaged character is a matter of its row, not of the database
        connection.text_factory = _decoded
        for pragma in (
            "journal_mode=WAL",
            f"synchronous={'FULL' if self._durable else 'OFF'}",
            "secure_delete=ON",
            "temp_store=MEMORY",
        ):
            connection.execute(f"PRAGMA {pragma}").close()


def _identity(file: Path) -> tuple[int, int]:
    found = os.stat(file)
    return found.st_dev, found.st_ino


def _decoded(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _cause(error: BaseException) -> str:
    """Returns the error without its statement and parameters, which hold texts."""
    inner = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    return f"{type(inner).__name__}: {str(inner).splitlines()[0] if str(inner) else 'no message'}"
