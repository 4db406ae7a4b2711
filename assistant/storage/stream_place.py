"""A few places per conversation for open streams, kept by the kernel for the processes of one machine."""

import fcntl
import hashlib
import os
from collections import Counter
from pathlib import Path

from assistant.storage.queue_lock import set_lock

# Bytes of the file that belong to one conversation; they are only locked, never written.
SPAN = 2**8
SLOTS = 2**54


class StreamPlaces:
    """Counts the open streams of each conversation.

    A place is a byte that is locked (see `queue_lock`), so a process that dies gives its places up.

    Args:
        folder: what the processes share; None for a process that is alone.
        most: places of one conversation, at most 256.
    """

    def __init__(self, folder: Path | None, most: int) -> None:
        """See class."""
        self._file = folder / "streams" if folder is not None else None
        self._most = most
        self._held: Counter[str] = Counter()

    def take(self, conversation_id: str) -> "StreamPlace | None":
        """Returns a place, None if there is none left."""
        if self._held[conversation_id] >= self._most:
            return None
        fd = -1
        if self._file is not None:
            fd = self._lock(conversation_id)
            if fd < 0:
                return None
        self._held[conversation_id] += 1
        return StreamPlace(self, conversation_id, fd)

    def give_back(self, conversation_id: str, fd: int) -> None:
        """Frees a place; see `StreamPlace.leave`."""
        if fd >= 0:
            os.close(fd)
        self._held[conversation_id] -= 1
        if not self._held[conversation_id]:
            del self._held[conversation_id]

    def __len__(self) -> int:
        return self._held.total()

    def _lock(self, conversation_id: str) -> int:
        """Returns the descriptor that holds a place, -1 if all are held."""
        assert self._file is not None
        self._file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        digest = hashlib.blake2b(conversation_id.encode("utf-8"), digest_size=8).digest()
        start = int.from_bytes(digest, "big") % SLOTS * SPAN
        fd = os.open(self._file, os.O_RDWR | os.O_CREAT, 0o600)
        for place in range(self._most):
            try:
                set_lock(fd, fcntl.F_WRLCK, start + place)
                return fd
            except BlockingIOError:
                continue
            except BaseException:
                os.close(fd)
                raise
        os.close(fd)
        return -1


class StreamPlace:
    """A place that is held until `leave` or the end of the process."""

    def __init__(self, places: StreamPlaces, conversation_id: str, fd: int) -> None:
        """See class."""
        self._places = places
        self._conversation_id = conversation_id
        self._fd = fd

    def leave(self) -> None:
        """Gives the place up; call it once."""
        self._places.give_back(self._conversation_id, self._fd)
