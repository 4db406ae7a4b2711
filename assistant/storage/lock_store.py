"""One turn at a time per conversation, in the order of arrival, over all processes of this machine."""

import asyncio
import contextlib
import hashlib
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from types import TracebackType

from rasa.core.lock import TicketLock
from rasa.core.lock_store import LockStore

from assistant.storage.queue_lock import SLOTS, Place, QueueLock

Gone = asyncio.Future[None]


class ConversationLockStore(LockStore):
    """Conversation locks that the kernel keeps.

    A lock never expires while its holder lives and is free at once when its
    process dies; the next in line is woken, it does not look now and then as
    in Rasa's stores. A task that holds a lock and asks for the same one waits
    for ever. Two conversations share a lock in one case out of 65,536.

    Args:
        folder: where the files `locks` and `tickets` are; the same for all processes.

    Raises:
        SettingsError: the platform has no such locks.
    """

    def __init__(self, folder: Path) -> None:
        """Opens the files."""
        self._queues = QueueLock(folder)
        self._last: dict[int, Gone] = {}

    def lock(
        self, conversation_id: str, lock_lifetime: float = 0, wait_time_in_seconds: float = 0
    ) -> AbstractAsyncContextManager[int]:
        """Returns the lock, to be used once; entering it queues up and gives the place's number.

        Args:
            conversation_id: whose turn it is.
            lock_lifetime: ignored, a lock does not expire.
            wait_time_in_seconds: ignored, waiting is not repeated looking.
        """
        return _QueuedLock(self._queues, slot_of(conversation_id), self._last)

    def is_someone_waiting(self, conversation_id: str) -> bool:
        """Returns whether anybody in any process holds the lock or waits for it."""
        return self._queues.is_joined(slot_of(conversation_id))

    def cleanup(self, conversation_id: str, ticket_number: int) -> None:
        """Does nothing: a lock that nobody holds leaves nothing behind."""

    def get_lock(self, conversation_id: str) -> TicketLock | None:
        """Raises NotImplementedError; see `_no_object`."""
        raise _no_object()

    def save_lock(self, lock: TicketLock) -> None:
        """Raises NotImplementedError; see `_no_object`."""
        raise _no_object()

    def delete_lock(self, conversation_id: str) -> None:
        """Raises NotImplementedError; see `_no_object`."""
        raise _no_object()


def slot_of(conversation_id: str) -> int:
    """Returns the slot of a conversation, the same in every process."""
    digest = hashlib.blake2b(conversation_id.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big") % SLOTS


class _QueuedLock(AbstractAsyncContextManager[int]):
    """A place in a slot's queue, from entering to leaving.

    A class and not a generator, for its exit then also runs when a task is
    dropped after its loop was closed.

    Args:
        last: by slot, the future of the process's last waiter; done when it is gone.
    """

    def __init__(self, queues: QueueLock, slot: int, last: dict[int, Gone]) -> None:
        self._queues = queues
        self._slot = slot
        self._last = last
        self._place: Place
        self._gone: Gone

    async def __aenter__(self) -> int:
        loop = asyncio.get_running_loop()
        self._place = self._queues.join(self._slot)
        self._gone = loop.create_future()
        earlier = self._last.get(self._slot)
        if earlier is not None and earlier.get_loop() is not loop:
            earlier = None
        self._last[self._slot] = self._gone
        try:
            # First the process's own queue, so that one thread per slot is enough.
            if earlier is not None:
                await asyncio.shield(earlier)
            if not self._place.is_first():
                earlier = _first(self._place, loop)
                await asyncio.shield(earlier)
        except BaseException:
            self._leave(earlier)
            raise
        return self._place.ticket

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._leave(None)

    def _leave(self, earlier: Gone | None) -> None:
        """Gives the place up; who comes next in this process goes on when `earlier` is done.

        So it neither meets its own process in the kernel's queue nor starts a
        thread beside the one that still waits there.
        """
        try:
            self._place.leave()
        finally:
            if earlier is None or earlier.done():
                self._let_next()
            else:
                earlier.add_done_callback(self._let_next)

    def _let_next(self, _: Gone | None = None) -> None:
        if self._last.get(self._slot) is self._gone:
            del self._last[self._slot]
        self._gone.set_result(None)


def _first(place: Place, loop: asyncio.AbstractEventLoop) -> Gone:
    """Returns a future that is done when all earlier places are given up, by any process."""
    first: Gone = loop.create_future()

    def finish(failure: OSError | None) -> None:
        if failure:
            first.set_exception(failure)
        else:
            first.set_result(None)

    def then(failure: OSError | None) -> None:
        # The loop may have been closed meanwhile; then nobody waits any more.
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(finish, failure)

    place.when_first(then)
    return first


def _no_object() -> NotImplementedError:
    return NotImplementedError("The kernel keeps these locks: there is no object to get, save or delete.")
