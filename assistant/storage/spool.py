"""Files that bridge an outage of the database: one for each conversation, one operation a line.

A line counts when it is on the disk. When the database is back, each file is applied in one
transaction that also notes each line's mark, so that a crash in between applies nothing twice.
"""

import fcntl
import json
import os
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from io import FileIO
from pathlib import Path

from assistant.storage.change_operation import Erase
from assistant.storage.database import DatabaseDown
from assistant.storage.operation import Operation
from assistant.storage.operation_code import from_json

SUFFIX = ".jsonl"
BAD = ".bad"


class BadSpool(Exception):
    """A file was put aside, since it cannot be read or applied; names it and the kind of error."""


@dataclass(frozen=True)
class Spooled:
    """One operation that waits, the numbers its first event and message were told with, and its mark."""

    operation: Operation
    first_event: int
    first_seq: int
    mark: str


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
        return os.path.exists(f"{self._folder}/{conversation_id}{SUFFIX}")

    def conversations(self) -> list[str]:
        """Returns the conversations that wait, longest first."""
        files = []
        for file in self._folder.glob(f"*{SUFFIX}"):
            # another process may have merged it meanwhile
            with suppress(FileNotFoundError):
                files.append((file.stat().st_mtime, file.stem))
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
                before = _empty()
            place = len(before.operations)
            spooled = Spooled(operation, *number(before), f"{before.id}-{place}")
            end = stream.seek(0, os.SEEK_END)
            head = "" if end else json.dumps({"id": before.id}) + "\n"
            try:
                _write(stream, f"{head}{_line(spooled)}\n".encode())
                os.fsync(stream.fileno())
            except OSError:
                stream.truncate(end)
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

        A file that cannot be read or applied is put aside as `….bad`, and BadSpool is raised.
        Raises DatabaseDown and OSError, and then leaves the file.
        """
        if not self.has(conversation_id):
            return
        file = self._file(conversation_id)
        with self._locked(conversation_id) as stream:
            try:
                apply(_read(stream))
            except (DatabaseDown, OSError):
                raise
            except Exception as error:
                aside = file.with_name(f"{conversation_id}.{uuid.uuid4().hex}{BAD}")
                file.replace(aside)
                raise BadSpool(f"{aside}: {type(error).__name__}") from None
            file.unlink()
            self._sync_folder()

    def forget(self, conversation_id: str) -> None:
        """Removes what was put aside of this conversation."""
        for file in self._folder.glob(f"{conversation_id}.*{BAD}"):
            file.unlink(missing_ok=True)

    def _file(self, conversation_id: str) -> Path:
        return self._folder / f"{conversation_id}{SUFFIX}"

    @contextmanager
    def _locked(self, conversation_id: str) -> Iterator[FileIO]:
        """Opens the file, alone; a torn last line, which nobody was told of, is cut off."""
        file = self._file(conversation_id)
        while True:
            is_new = not file.exists()
            # without a buffer: after a full disk, closing would write the rest of a line
            stream = FileIO(os.open(file, os.O_RDWR | os.O_CREAT, 0o600), "r+")
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


def _write(stream: FileIO, data: bytes) -> None:
    while data:
        data = data[stream.write(data) :]


def _empty() -> SpoolFile:
    return SpoolFile(uuid.uuid4().hex, [])


def _read(stream: FileIO) -> SpoolFile:
    stream.seek(0)
    data = stream.readall()
    # bytes, for a line may be torn within a character
    whole = data[: data.rfind(b"\n") + 1]
    if len(whole) < len(data):
        stream.truncate(len(whole))
    if not whole:
        return _empty()
    # not splitlines, which also ends a line at characters that JSON leaves as they are
    head, *lines = whole.decode("utf-8").removesuffix("\n").split("\n")
    key = json.loads(head)["id"]
    operations = []
    for place, line in enumerate(lines):
        event, seq, operation = line.split(" ", 2)
        operations.append(Spooled(from_json(operation), int(event), int(seq), f"{key}-{place}"))
    return SpoolFile(key, operations)
