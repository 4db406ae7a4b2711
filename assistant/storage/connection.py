"""A connection to a SQLite file, as the conversation log uses it."""

import functools
import sqlite3
import time
from collections import namedtuple
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

RETRY_SECONDS = 0.0005

Values = Mapping[str, Any] | Sequence[Mapping[str, Any]]


class Connection:
    """Runs statements with named values; rows have their columns as attributes.

    Not SQLAlchemy's: a turn has a dozen small statements, and each took longer there than in SQLite.

    Args:
        file: must exist.
        durable: whether a commit waits for the disk.
        wait_seconds: how long another process's transaction is waited for.
        only_reads: whether writing is an error.
    """

    def __init__(self, file: Path, durable: bool, wait_seconds: float, only_reads: bool = False) -> None:
        """Opens the file; raises sqlite3.Error."""
        self._wait_seconds = wait_seconds
        # SQLite alone begins and ends transactions here: Python would do it on its own, and too late
        self.raw = sqlite3.connect(
            f"file:{file}?mode=rw",
            uri=True,
            check_same_thread=False,
            timeout=wait_seconds,
            isolation_level=None,
            cached_statements=256,
        )
        # a damaged character is a matter of its row, not of the database
        self.raw.text_factory = _decoded
        self.raw.row_factory = _row
        for pragma in (
            "journal_mode=WAL",
            f"synchronous={'FULL' if durable else 'OFF'}",
            "secure_delete=ON",
            "temp_store=MEMORY",
            f"query_only={'ON' if only_reads else 'OFF'}",
        ):
            self.raw.execute(f"PRAGMA {pragma}").close()

    def execute(self, statement: str, values: Values = ()) -> "Rows":
        """Runs a statement, once for each of several mappings; raises sqlite3.Error."""
        if isinstance(values, list):
            return Rows(self.raw.executemany(statement, values))
        return Rows(self.raw.execute(statement, values))

    def begin(self) -> None:
        """Begins a transaction that may write.

        Looks again every half millisecond where SQLite would sleep longer each time: the
        transactions of other workers are short.
        """
        deadline = time.monotonic() + self._wait_seconds
        self._wait_in_sqlite(0)
        try:
            while True:
                try:
                    self.raw.execute("BEGIN IMMEDIATE").close()
                    return
                except sqlite3.OperationalError:
                    if time.monotonic() >= deadline:
                        raise
                    time.sleep(RETRY_SECONDS)
        finally:
            self._wait_in_sqlite(self._wait_seconds)

    def commit(self) -> None:
        """Ends the transaction; what was written is then on the disk."""
        self.raw.execute("COMMIT").close()

    def roll_back(self) -> None:
        """Takes the transaction back, where one is open."""
        if self.raw.in_transaction:
            self.raw.execute("ROLLBACK").close()

    def close(self) -> None:
        """Closes the file."""
        self.raw.close()

    def _wait_in_sqlite(self, seconds: float) -> None:
        self.raw.execute(f"PRAGMA busy_timeout={int(seconds * 1000)}").close()


class Rows:
    """What a statement found, and how many rows it changed."""

    def __init__(self, cursor: sqlite3.Cursor) -> None:
        """See class."""
        self._cursor = cursor
        self.rowcount = cursor.rowcount

    def __iter__(self) -> Iterator[Any]:
        return iter(self._cursor)

    def first(self) -> Any:
        """Returns the first row, None if there is none; the others are dropped."""
        row = self._cursor.fetchone()
        self._cursor.close()
        return row

    def all(self) -> list[Any]:
        """Returns all rows."""
        return self._cursor.fetchall()


def _decoded(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def _row(cursor: sqlite3.Cursor, values: tuple[Any, ...]) -> Any:
    return _row_type(tuple(column[0] for column in cursor.description))._make(values)


@functools.lru_cache(maxsize=64)
def _row_type(names: tuple[str, ...]) -> Any:
    return namedtuple("Row", names, rename=True)
