"""Slows down who guesses passwords, codes or links."""

import threading

MOST = 30
SECONDS = 15 * 60.0
MOST_ADDRESSES = 10_000


class Throttle:
    """Counts failures by address; may be used by several threads."""

    def __init__(self) -> None:
        """See class."""
        self._failures: dict[str, list[float]] = {}
        self._lock = threading.Lock()

    def count(self, address: str, now: float) -> None:
        """Counts a failure."""
        with self._lock:
            if len(self._failures) >= MOST_ADDRESSES:
                self._failures = {
                    key: some for key, some in self._failures.items() if some[-1] > now - SECONDS
                }
            self._failures.setdefault(address, []).append(now)

    def is_full(self, address: str, now: float) -> bool:
        """Returns whether an address has failed too often in the last quarter of an hour."""
        with self._lock:
            recent = [one for one in self._failures.get(address, ()) if one > now - SECONDS]
            if recent:
                self._failures[address] = recent
            else:
                self._failures.pop(address, None)
            return len(recent) >= MOST
