"""One database file: a thread of its own, one transaction at a time, and no silence when it fails."""

import asyncio
import contextlib
import os
import sqlite3
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy
from sqlalchemy import create_engine, event
from sqlalchemy.pool import StaticPool

from assistant.storage.connection import Connection

Result = TypeVar("Result")
# How long SQLite waits for another process's transaction before the database counts as out of reach.
BUSY_SECONDS = 1.0
# The most works in one transaction: other processes wait for it.
TOGETHER = 64


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


@dataclass
class _Work:
    """What runs within a transaction, and who waits for its result."""

    run: Callable[[Connection], Any]
    done: asyncio.Future[Any]
    result: Any = None
    error: Exception | None = None


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
        self._writer: Connection | None = None
        self._reader: Connection | None = None
        self._identity = (0, 0)
        self._waiting: deque[_Work] = deque()
        self._is_called = False
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=f"database-{file.stem}")

    def prepare(self, make_tables: Callable[[sqlalchemy.engine.Connection], None]) -> None:
        """Makes the file and its tables; raises SQLAlchemyError, sqlite3.Error or OSError."""
        self.file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        # not opened: closing it would take this process's locks of it away
        self.file.touch(mode=0o600)
        self._identity = _identity(self.file)
        engine = self.engine()
        with engine.begin() as connection:
            make_tables(connection)
        engine.dispose()

    def engine(self) -> sqlalchemy.engine.Engine:
        """Returns SQLAlchemy's way to the file, for making and comparing tables."""

        def connect() -> sqlite3.Connection:
            raw = self._open().raw
            raw.row_factory = None
            return raw

        engine = create_engine("sqlite://", creator=connect, poolclass=StaticPool)
        event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
        return engine

    async def run(self, work: Callable[[Connection], Result]) -> Result:
        """Runs `work` in a transaction in the database's thread; raises DatabaseDown, or Refused.

        Works that wait at the same time share a transaction, and so one wait for the disk: all of
        them are stored or none is. `work` must change nothing else, for it may be run twice.
        """
        done: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Work(work, done))
        if not self._is_called:
            self._is_called = True
            self._thread.submit(self._work_off)
        return await done

    async def look(self, find: Callable[[Connection], Result]) -> Result:
        """Runs a small query at once, in this thread; where that does not work, as `run` does.

        Readers wait for nobody in this kind of journal.
        """
        try:
            return self._look(find)
        except (sqlite3.Error, OSError):
            self._close_reader()
            return await self.run(find)

    def run_waiting(self, work: Callable[[Connection], Result]) -> Result:
        """Runs `work` in the database's thread and waits; for other threads than the event loop's."""
        return self._thread.submit(self.run_here, work).result()

    def run_here(self, work: Callable[[Connection], Result]) -> Result:
        """Runs `work` in one transaction in this thread; raises DatabaseDown, or Refused."""
        try:
            connection = self._writing()
            connection.begin()
            try:
                result = work(connection)
                connection.commit()
            except BaseException:
                connection.roll_back()
                raise
            return result
        except (sqlite3.IntegrityError, sqlite3.DataError, sqlite3.InterfaceError) as error:
            raise Refused(_cause(error)) from None
        except (sqlite3.Error, OSError) as error:
            self._close()
            raise DatabaseDown(_cause(error)) from None

    async def wipe(self) -> None:
        """Takes what was deleted out of the journal too; leaves that to a later call where it is in use."""
        await asyncio.get_running_loop().run_in_executor(self._thread, self._wipe)

    def close(self) -> None:
        """Closes the file and ends the thread."""
        self._thread.shutdown()
        self._close_reader()
        self._close()

    def _work_off(self) -> None:
        """Runs what waits, as much of it at once as has come meanwhile."""
        self._is_called = False
        while self._waiting:
            group: list[_Work] = []
            while self._waiting and len(group) < TOGETHER:
                one = self._waiting.popleft()
                if not one.done.cancelled():
                    group.append(one)
            if group:
                self._run_together(group)
                _tell(group)

    def _run_together(self, group: list[_Work]) -> None:
        def run(connection: Connection) -> list[Any]:
            return [one.run(connection) for one in group]

        try:
            for one, result in zip(group, self.run_here(run), strict=True):
                one.result = result
        except DatabaseDown as down:
            for one in group:
                one.error = DatabaseDown(down.cause)
        except Exception as error:
            if len(group) == 1:
                group[0].error = error
                return
            # one of them is at fault; the others must not suffer
            for one in group:
                self._run_together([one])

    def _look(self, find: Callable[[Connection], Result]) -> Result:
        self._check_identity()
        if self._reader is None:
            self._reader = Connection(self.file, self._durable, 0, only_reads=True)
        reader = self._reader
        reader.execute("BEGIN")
        try:
            return find(reader)
        finally:
            reader.roll_back()

    def _writing(self) -> Connection:
        self._check_identity()
        if self._writer is None:
            self._writer = self._open()
        return self._writer

    def _open(self) -> Connection:
        # SQLite would open a file that may only be read, and leave a journal beside it that may only be read
        if not os.access(self.file, os.W_OK, effective_ids=True):
            raise PermissionError("the database may only be read")
        return Connection(self.file, self._durable, BUSY_SECONDS)

    def _check_identity(self) -> None:
        """Raises OSError when the file is not the one that was prepared.

        A file that was moved away would be written on unseen, and lost. With another one in its
        place, SQLite would mix the journal of the first into it.
        """
        if _identity(self.file) != self._identity:
            raise OSError("another file has the name of the database")

    def _wipe(self) -> None:
        try:
            self._writing().execute("PRAGMA wal_checkpoint(TRUNCATE)").all()
        except (sqlite3.Error, OSError):
            self._close()

    def _close(self) -> None:
        writer, self._writer = self._writer, None
        if writer is not None:
            # a broken connection may fail to close; it is gone either way
            with contextlib.suppress(sqlite3.Error):
                writer.close()

    def _close_reader(self) -> None:
        reader, self._reader = self._reader, None
        if reader is not None:
            with contextlib.suppress(sqlite3.Error):
                reader.close()


def _tell(group: list[_Work]) -> None:
    """Hands the results over, with one call for each event loop."""
    for loop in {one.done.get_loop() for one in group}:
        mine = [one for one in group if one.done.get_loop() is loop]
        # a loop that was closed waits for nothing any more
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(_finish, mine)


def _finish(group: list[_Work]) -> None:
    for one in group:
        if one.done.done():
            continue
        if one.error is not None:
            one.done.set_exception(one.error)
        else:
            one.done.set_result(one.result)


def _identity(file: Path) -> tuple[int, int]:
    found = os.stat(file)
    return found.st_dev, found.st_ino


def _cause(error: BaseException) -> str:
    """Returns the error without its statement and parameters, which hold texts."""
    return f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else 'no message'}"
