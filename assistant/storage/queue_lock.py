"""A fair queue for each of 65,536 slots, kept by the Linux kernel for the processes of one machine.

The queue is made of byte locks of the open-file-description kind (fcntl(2)):
the kernel frees them when their process ends, however it ends, and wakes who
waits for them. Slot s owns the bytes of the file `locks` from s * 2**40; they
are only locked, never written.

To join, take the slot's next number t from the file `tickets` and lock byte t
for writing. To wait, lock all bytes before t for reading: granted only when no
earlier place is held, so a place given up in the middle lets nobody pass.
Read locks do not hinder each other, and new places lie beyond all of them, so
one that is granted after its waiter has left hinders nobody.

Neither file may be removed while a process uses them.
"""

import mmap
import os
import struct
import sys
import threading
from collections.abc import Callable
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows; _require_kernel_queue says so
    fcntl = None  # type: ignore[assignment]

from assistant.errors import SettingsError

SLOTS = 2**16
SLOT_BYTES = 2**40
# A number is taken while this last byte of the slot is locked, so places are locked in the order of numbers.
GATE = SLOT_BYTES - 1
COUNTER_BYTES = 8

# struct flock with 64-bit offsets: type, whence, start, length, process (0 for this kind of lock)
FLOCK = struct.Struct("hhqqi4x")


class QueueLock:
    """The queues of a folder.

    Args:
        folder: on a local disk; made with mode 0700 and its files with 0600 where they are missing.

    Raises:
        SettingsError: the platform has no such locks.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._file = folder.resolve() / "locks"
        fd = os.open(self._file, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            _require_kernel_queue(fd)
        finally:
            os.close(fd)
        self._counters = _map_counters(folder / "tickets")

    def join(self, slot: int) -> "Place":
        """Returns the last place of the slot's queue."""
        fd = os.open(self._file, os.O_RDWR)
        start = slot * SLOT_BYTES
        try:
            # Waits only while another process is between these lines, a few microseconds.
            _fcntl(fd, fcntl.F_OFD_SETLKW, fcntl.F_WRLCK, start + GATE, 1)
            ticket = self._counters[slot] + 1
            self._counters[slot] = ticket
            _fcntl(fd, fcntl.F_OFD_SETLK, fcntl.F_WRLCK, start + ticket, 1)
            _fcntl(fd, fcntl.F_OFD_SETLK, fcntl.F_UNLCK, start + GATE, 1)
        except BaseException:
            os.close(fd)
            raise
        return Place(fd, start, ticket)

    def is_joined(self, slot: int) -> bool:
        """Returns whether anybody has a place in the slot's queue, first or not."""
        fd = os.open(self._file, os.O_RDWR)
        try:
            return not _is_free(fd, slot * SLOT_BYTES, GATE)
        finally:
            os.close(fd)


class Place:
    """A place in a queue, held until `leave` or the end of the process.

    Attributes:
        ticket: its number, from 1; higher than that of every earlier place of the slot.
    """

    def __init__(self, fd: int, start: int, ticket: int) -> None:
        self.ticket = ticket
        self._fd = fd
        self._start = start

    def is_first(self) -> bool:
        """Returns whether all earlier places are given up; does not wait."""
        return _is_free(self._fd, self._start, self.ticket)

    def when_first(self, then: Callable[[OSError | None], None]) -> None:
        """Waits in a thread until all earlier places are given up, and there calls `then`.

        The thread cannot be stopped, but after `leave` it holds nothing that
        others wait for. It is a thread of its own and not one of a pool: places
        of other slots never wait for a free one, and Python does not wait for
        it when the process ends.

        Args:
            then: gets None, or the error that ended the wait.
        """
        # A descriptor of its own for the same open file, so that `leave` may close the other at any time.
        fd = os.dup(self._fd)
        try:
            threading.Thread(target=self._wait, args=(fd, then), name="queue-lock", daemon=True).start()
        except BaseException:
            os.close(fd)
            raise

    def leave(self) -> None:
        """Gives the place up; call it once."""
        try:
            # Closing alone frees nothing while the thread or a forked child has the file open.
            _fcntl(self._fd, fcntl.F_OFD_SETLK, fcntl.F_UNLCK, self._start, SLOT_BYTES)
        finally:
            os.close(self._fd)

    def _wait(self, fd: int, then: Callable[[OSError | None], None]) -> None:
        failure = None
        try:
            _fcntl(fd, fcntl.F_OFD_SETLKW, fcntl.F_RDLCK, self._start, self.ticket)
        except OSError as error:
            failure = error
        finally:
            os.close(fd)
        then(failure)


def set_lock(fd: int, kind: int, start: int, length: int = 1) -> None:
    """Locks bytes for this open file without waiting; raises BlockingIOError where another has them."""
    _fcntl(fd, fcntl.F_OFD_SETLK, kind, start, length)


def _fcntl(fd: int, command: int, kind: int, start: int, length: int) -> bytes:
    # Python itself repeats the call after a signal (PEP 475).
    return fcntl.fcntl(fd, command, FLOCK.pack(kind, os.SEEK_SET, start, length, 0))


def _is_free(fd: int, start: int, length: int) -> bool:
    """Returns whether no other open file has a place there; a place given up is never taken again."""
    answer = _fcntl(fd, fcntl.F_OFD_GETLK, fcntl.F_RDLCK, start, length)
    return FLOCK.unpack(answer)[0] == fcntl.F_UNLCK


def _require_kernel_queue(fd: int) -> None:
    try:
        _fcntl(fd, fcntl.F_OFD_SETLK, fcntl.F_UNLCK, 0, 1)
    except (AttributeError, OSError) as error:
        raise SettingsError(
            f"Opening the conversation locks: {sys.platform} or its file system has no open-file-description "
            f"locks ({error}). Run MesoGuide on Linux, with its state folder on a local disk."
        ) from error


def _map_counters(file: Path) -> memoryview:
    """Returns the last number given in each slot, shared with all processes; what is there stays."""
    size = SLOTS * COUNTER_BYTES
    fd = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        if os.fstat(fd).st_size < size:
            # Reserved at once: a full disk then stops the start, not a later turn (SIGBUS).
            os.posix_fallocate(fd, 0, size)
        return memoryview(mmap.mmap(fd, size)).cast("Q")
    finally:
        os.close(fd)
