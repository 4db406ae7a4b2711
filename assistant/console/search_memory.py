"""What was searched for, by session: words of a search never stand in an address."""

import threading
from collections import OrderedDict

MOST_SESSIONS = 200


class SearchMemory:
    """The last search of each session; may be used by several threads, and forgets at a restart."""

    def __init__(self) -> None:
        """See class."""
        self._words: OrderedDict[str, str] = OrderedDict()
        self._lock = threading.Lock()

    def keep(self, session: str, words: str) -> None:
        """Keeps the words of a session's digest."""
        with self._lock:
            self._words[session] = words
            self._words.move_to_end(session)
            while len(self._words) > MOST_SESSIONS:
                self._words.popitem(last=False)

    def words(self, session: str) -> str:
        """Returns the words, "" where there are none."""
        with self._lock:
            return self._words.get(session, "")

    def forget(self, session: str) -> None:
        """Forgets a session that ended."""
        with self._lock:
            self._words.pop(session, None)
