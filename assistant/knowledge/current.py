"""The content that holds now: loaded once, and again when its files change."""

import threading
import time
from collections.abc import Callable
from pathlib import Path

import structlog

from assistant.knowledge.load import files_of, load
from assistant.knowledge.model import Knowledge

# Under the working directory, which Rasa and the action server start in.
FOLDER = Path("data/knowledge")
LOOK_SECONDS = 2.0

_logger = structlog.get_logger()

Stamp = tuple[tuple[str, int, int], ...]


class Current:
    """Keeps the last good content of a folder; may be called from many threads.

    Args:
        folder: the folder with topics/, sources.yml and so on.
        clock: seconds that never go back.
    """

    def __init__(self, folder: Path, clock: Callable[[], float] = time.monotonic):
        """Reads nothing yet; the first call of `get` does."""
        self._folder = folder
        self._clock = clock
        self._lock = threading.Lock()
        self._knowledge: Knowledge | None = None
        self._stamp: Stamp = ()
        self._looked = 0.0

    def get(self) -> Knowledge:
        """Returns the content; raises ContentError only if there has never been a good one.

        The files are looked at (time of change and size) at most every two
        seconds. A change that does not validate is logged once and kept out.
        """
        knowledge = self._knowledge
        if knowledge is None:
            with self._lock:
                return self._knowledge or self._looked_up()
        if self._clock() - self._looked < LOOK_SECONDS:
            return knowledge
        # While one thread reads, the others go on with what they have.
        if not self._lock.acquire(blocking=False):
            return knowledge
        try:
            return self._looked_up()
        finally:
            self._lock.release()

    def _looked_up(self) -> Knowledge:
        # Stamped before reading: a file written meanwhile is seen at the next look.
        stamp = _stamp(self._folder)
        if self._knowledge is None:
            self._knowledge = load(self._folder)
        elif stamp != self._stamp:
            self._knowledge = self._reloaded(self._knowledge)
        self._stamp = stamp
        self._looked = self._clock()
        return self._knowledge

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
