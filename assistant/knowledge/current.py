"""The content that holds now: loaded once, and again when its files change."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import structlog

from assistant.knowledge.load import files_of, load
from assistant.knowledge.model import Knowledge

# Under the working directory, which Rasa and the action server start in.
FOLDER = Path("data/knowledge")
LOOK_SECONDS = 1.0

_logger = structlog.get_logger()

Stamp = tuple[tuple[str, int, int], ...]


def _start_thread(work: Callable[[], None]) -> None:
    threading.Thread(target=work, name="knowledge-reload", daemon=True).start()


class Current:
    """Keeps the last good content of a folder; may be called from many threads.

    Args:
        folder: the folder with topics/, sources.yml and so on.
        clock: seconds that never go back.
        start: runs a reload, which takes a second or two, beside the turn that saw the change.
    """

    def __init__(
        self,
        folder: Path,
        clock: Callable[[], float] = time.monotonic,
        start: Callable[[Callable[[], None]], None] = _start_thread,
    ):
        """Reads nothing yet; the first call of `get` does."""
        self._folder = folder
        self._clock = clock
        self._start = start
        self._lock = threading.Lock()
        self._knowledge: Knowledge | None = None
        self._stamp: Stamp = ()
        self._looked = 0.0

    def get(self) -> Knowledge:
        """Returns the content; raises ContentError only if there has never been a good one.

        The files are looked at (time of change and size) at most every second,
        and read beside the turns: until then the old content holds. A
        change that does not validate is logged once and kept out.
        """
        knowledge = self._knowledge
        if knowledge is None:
            with self._lock:
                return self._knowledge or self._first()
        # While one thread looks or reads, the others go on with what they have.
        if self._clock() - self._looked >= LOOK_SECONDS and self._lock.acquire(blocking=False):
            self._look(knowledge)
        return self._knowledge or knowledge

    def _first(self) -> Knowledge:
        # Stamped before reading: a file written meanwhile is seen at the next look.
        self._stamp = _stamp(self._folder)
        self._knowledge = knowledge = load(self._folder)
        self._looked = self._clock()
        return knowledge

    def _look(self, knowledge: Knowledge) -> None:
        """Starts a reload if the files have changed; gives back the lock when all is done."""
        started = False
        try:
            stamp = _stamp(self._folder)
            if stamp != self._stamp:
                self._start(lambda: self._reload(knowledge, stamp))
                started = True
            else:
                self._looked = self._clock()
        finally:
            if not started:
                self._lock.release()

    def _reload(self, old: Knowledge, stamp: Stamp) -> None:
        try:
            self._knowledge = self._reloaded(old)
        finally:
            self._stamp, self._looked = stamp, self._clock()
            self._lock.release()

    def _reloaded(self, old: Knowledge) -> Knowledge:
        try:
            new = load(self._folder)
        # Whatever goes wrong here, patients must still be answered.
        except Exception as error:
            _logger.error("knowledge.reload.refused", problem=str(error), kept=old.version)
            return old
        _logger.info("knowledge.reload.done", version=new.version, was=old.version)
        return new


_CURRENT = Current(FOLDER)


def current() -> Knowledge:
    """Returns the content of `data/knowledge` under the working directory, see `Current.get`."""
    return _CURRENT.get()


@contextmanager
def using(knowledge: Knowledge) -> Iterator[None]:
    """Lets `current` return this content meanwhile, in all threads; for tools that compare contents."""
    global _CURRENT
    fixed = Current(FOLDER, clock=lambda: 0.0)  # whose time to look never comes
    fixed._knowledge = knowledge
    before, _CURRENT = _CURRENT, fixed
    try:
        yield
    finally:
        _CURRENT = before


async def watch() -> None:
    """Looks at the files for ever, so that a change holds for the first who asks after it."""
    while True:
        await asyncio.sleep(LOOK_SECONDS)
        current()


def _stamp(folder: Path) -> Stamp:
    found = []
    for file in files_of(folder):
        try:
            status = file.stat()
        except FileNotFoundError:
            # Deleted between listing and looking; the next look sees it gone.
            continue
        found.append((str(file.resolve()), status.st_mtime_ns, status.st_size))
    return tuple(found)
