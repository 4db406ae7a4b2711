"""Reads the conversation log beside the chat: short queries that no writer waits for."""

import json
import os
import sqlite3
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.storage.change_operation import Erase
from assistant.storage.connection import Connection

_OUTBOX = "SELECT id, conversation_id, kind FROM outbox WHERE id > :after ORDER BY id LIMIT :most"
_NEWEST = "SELECT coalesce(max(seq), 0) AS id FROM sqlite_sequence WHERE name = 'outbox'"
_IDS = "SELECT id FROM conversation WHERE id > :after ORDER BY id LIMIT :most"
_ERASED = (
    "SELECT conversation_id FROM erased WHERE conversation_id > :after ORDER BY conversation_id LIMIT :most"
)
_HEAD = "SELECT created, choices FROM conversation WHERE id = :id"
_EVENTS = "SELECT number, data FROM event WHERE conversation_id = :id AND number > :after ORDER BY number"
_MESSAGES = (
    "SELECT seq, role, message_id, time, body FROM message"
    " WHERE conversation_id = :id AND seq > :after ORDER BY seq"
)
_FEEDBACK = (
    "SELECT feedback.seq, helpful, comment, feedback.time, message_id FROM feedback JOIN message"
    " ON message.conversation_id = feedback.conversation_id AND message.seq = feedback.seq"
    " WHERE feedback.conversation_id = :id"
)
_ASKED = (
    "SELECT message_id, seq FROM message WHERE conversation_id = :id AND role = 'user'"
    " AND message_id IN (SELECT value FROM json_each(:ids))"
)
_TRIM = (
    "DELETE FROM outbox WHERE id IN"
    " (SELECT id FROM outbox WHERE id <= :to AND created < :before ORDER BY id LIMIT :most)"
)
_PATIENCE_SECONDS = 1.0
TRIMMED_AT_ONCE = 1_000


class LogUnreadable(Exception):
    """The log cannot be read now; holds the kind of the error and no text."""


@dataclass(frozen=True)
class Change:
    """A row of the outbox."""

    id: int
    conversation_id: str
    kind: str


@dataclass(frozen=True)
class Part:
    """What a conversation has behind two numbers; rows as in the log's tables.

    Attributes:
        asked: seq of a visitor's message by the id that clients gave it.
    """

    created: float
    choices: dict[str, Any]
    events: list[Any]
    messages: list[Any]
    feedback: list[Any]
    asked: dict[str, int]


class LogReader:
    """A connection to the log's file that is opened when it is needed, and again when the file is replaced.

    Its methods raise LogUnreadable while there is no such file, or no tables in it.
    """

    def __init__(self, file: Path) -> None:
        """See class; opens nothing."""
        self._file = file
        self._connection: Connection | None = None
        self._identity = (0, 0)

    def changes(self, after: int, most: int) -> list[Change]:
        """Returns rows of the outbox behind a number."""
        rows = self._all(_OUTBOX, {"after": after, "most": most})
        return [Change(row.id, row.conversation_id, row.kind) for row in rows]

    def newest_change(self) -> int:
        """Returns the highest number that the outbox has given, also to rows that are gone."""
        return int(self._all(_NEWEST, {})[0].id)

    def ids(self, after: str, most: int) -> list[str]:
        """Returns ids of conversations behind an id."""
        return [row.id for row in self._all(_IDS, {"after": after, "most": most})]

    def erased(self, after: str, most: int) -> list[str]:
        """Returns ids of erased conversations behind an id."""
        return [row.conversation_id for row in self._all(_ERASED, {"after": after, "most": most})]

    def part(self, conversation_id: str, after_event: int, after_seq: int) -> Part | None:
        """Returns what is new in one state of the log, None where the conversation is gone."""
        key = {"id": conversation_id}
        connection = self._open()
        try:
            connection.execute("BEGIN")
            try:
                head = connection.execute(_HEAD, key).first()
                if head is None:
                    return None
                events = connection.execute(_EVENTS, {**key, "after": after_event}).all()
                messages = connection.execute(_MESSAGES, {**key, "after": after_seq}).all()
                feedback = connection.execute(_FEEDBACK, key).all()
                ids = json.dumps(sorted({row.message_id for row in (*messages, *feedback)} - {""}))
                rows = connection.execute(_ASKED, {**key, "ids": ids})
                asked = {row.message_id: row.seq for row in rows}
                return Part(head.created, _object(head.choices), events, messages, feedback, asked)
            finally:
                connection.roll_back()
        except sqlite3.Error as error:
            self.close()
            raise LogUnreadable(type(error).__name__) from None

    def erase(self, conversation_id: str, now: float) -> None:
        """Erases a conversation as its visitor can; the outbox then tells it. Raises LogUnreadable."""
        self._write(lambda connection: Erase(conversation_id, now).apply(connection))
        self._write_alone("PRAGMA wal_checkpoint(TRUNCATE)")

    def trim(self, to: int, before: float) -> None:
        """Deletes up to 1,000 rows of the outbox that are read and older than `before`."""
        values = {"to": to, "before": before, "most": TRIMMED_AT_ONCE}
        self._write(lambda connection: connection.execute(_TRIM, values))

    def close(self) -> None:
        """Closes the file."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _all(self, statement: str, values: dict[str, Any]) -> list[Any]:
        try:
            return self._open().execute(statement, values).all()
        except sqlite3.Error as error:
            self.close()
            raise LogUnreadable(type(error).__name__) from None

    def _open(self) -> Connection:
        try:
            status = os.stat(self._file)
            identity = (status.st_dev, status.st_ino)
            if self._connection is None or identity != self._identity:
                self.close()
                self._connection = Connection(self._file, True, _PATIENCE_SECONDS, only_reads=True)
                self._identity = identity
            return self._connection
        except (OSError, sqlite3.Error) as error:
            self.close()
            raise LogUnreadable(type(error).__name__) from None

    def _write(self, work: Any) -> None:
        try:
            connection = Connection(self._file, True, _PATIENCE_SECONDS)
            try:
                connection.begin()
                try:
                    work(connection)
                    connection.commit()
                finally:
                    connection.roll_back()
            finally:
                connection.close()
        except sqlite3.Error as error:
            raise LogUnreadable(type(error).__name__) from None

    def _write_alone(self, statement: str) -> None:
        deadline = time.monotonic() + _PATIENCE_SECONDS
        try:
            connection = Connection(self._file, True, _PATIENCE_SECONDS)
            try:
                while connection.raw.execute(statement).fetchone()[0] and time.monotonic() < deadline:
                    time.sleep(0.05)
            finally:
                connection.close()
        except sqlite3.Error as error:
            raise LogUnreadable(type(error).__name__) from None


def _object(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
