"""Files that bridge an outage of the database: one for each conversation, one operation a line.

A line counts when it is on the disk. When the database is back, each file is applied in one
transaction that also notes the file's id, so that a crash in between applies nothing twice.
"""

import fcntl
import json
import os
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from assistant.storage.operation import Erase, Operation, from_json

SUFFIX = ".jsonl"
BAD = ".bad"


@dataclass(frozen=True)
class Spooled:
    """One operation that waits, and the numbers its first event and message were told with."""

    operation: Operation
    first_event: int
    first_seq: int


@dataclass(frozen=True)
class SpoolFile:
    """What one file holds: its id and its operations, in order."""

    id: str
    operations: list[Spooled]


class Spool:
    """The waiting operations of all conversations.

    Args:
        folder: made with mode 0700 where it is missing; conversation ids are file names.
    """

    def __init__(self, folder: Path) -> None:
        """See class."""
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._folder = folder

    def has(self, conversation_id: str) -> bool:
        """Returns whether operations of this conversation wait."""
        return os.path.exists(self._file(conversation_id))

    def conversations(self) -> list[str]:
        """Returns the conversations that wait, longest first."""
        files = [(file.stat().st_mtime, file.stem) for file in self._folder.glob(f"*{SUFFIX}")]
        return [name for _, name in sorted(files)]

    def add(self, operation: Operation, number: Callable[[SpoolFile], tuple[int, int]]) -> SpoolFile:
        """Writes the operation to the disk and returns what the file then holds.

        Args:
            number: gets the file before, and returns the numbers of the operation's first event and message.

        Raises OSError when it cannot be written; the file is then as it was.
        """
        with self._locked(operation.conversation_id) as stream:
            before = _read(stream)
            if isinstance(operation, Erase):
                stream.truncate(0)
                before = SpoolFile(before.id, [])
            spooled = Spooled(operation, *number(before))
            lines = [] if stream.seek(0, os.SEEK_END) else [json.dumps({"id": before.id})]
            lines.append(_line(spooled))
            end = stream.tell()
            try:
                stream.write("".join(line + "\n" for line in lines))
                stream.flush()
                os.fsync(stream.fileno())
            except OSError:
                os.ftruncate(stream.fileno(), end)
                raise
            return SpoolFile(before.id, [*before.operations, spooled])

    def read(self, conversation_id: str) -> SpoolFile:
        """Returns what waits; an empty file where nothing does."""
        if not self.has(conversation_id):
            return SpoolFile("", [])
        with self._locked(conversation_id) as stream:
            return _read(stream)

    def take(self, conversation_id: str, apply: Callable[[SpoolFile], None]) -> None:
        """Hands the file to `apply` and removes it when that returns; others wait meanwhile.

        A file that cannot be read is put aside as `….bad` and raises ValueError.
        """
        if not self.has(conversation_id):
            return
        file = self._file(conversation_id)
        with self._locked(conversation_id) as stream:
            try:
                content = _read(stream)
            except (ValueError, KeyError, TypeError) as error:
                file.replace(file.with_suffix(BAD))
                raise ValueError(f"{file.with_suffix(BAD)}: {type(error).__name__}") from None
            apply(content)
            file.unlink()
            self._sync_folder()

    def _file(self, conversation_id: str) -> Path:
        return self._folder / f"{conversation_id}{SUFFIX}"

    @contextmanager
    def _locked(self, conversation_id: str) -> Iterator[IO[str]]:
        """Opens the file, alone; a torn last line, which nobody was told of, is cut off."""
        file = self._file(conversation_id)
        while True:
            is_new = not file.exists()
            stream = os.fdopen(os.open(file, os.O_RDWR | os.O_CREAT, 0o600), "r+", encoding="utf-8")
            fcntl.flock(stream, fcntl.LOCK_EX)
            if file.exists() and os.stat(file).st_ino == os.fstat(stream.fileno()).st_ino:
                break
            stream.close()
        try:
            if is_new:
                self._sync_folder()
            yield stream
        finally:
            stream.close()

    def _sync_folder(self) -> None:
        folder = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _line(spooled: Spooled) -> str:
    return f"{spooled.first_event} {spooled.first_seq} {spooled.operation.to_json()}"


def _read(stream: IO[str]) -> SpoolFile:
    stream.seek(0)
    text = stream.read()
    whole = text[: text.rfind("\n") + 1]
    if len(whole) < len(text):
        stream.seek(0)
        stream.truncate(len(whole.encode("utf-8")))
    head, *lines = whole.splitlines() or [""]
    if not head:
        return SpoolFile(uuid.uuid4().hex, [])
    operations = []
    for line in lines:
        event, seq, operation = line.split(" ", 2)
        operations.append(Spooled(from_json(operation), int(event), int(seq)))
    return SpoolFile(json.loads(head)["id"], operations)
