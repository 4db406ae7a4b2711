"""Token buckets: how often something may happen per key."""

import math
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from assistant.channels.problem import Problem
from assistant.errors import SettingsError

SECONDS_PER_MINUTE = 60


@dataclass(frozen=True)
class Limit:
    """A steady rate, and how much may come at once after a rest; a rate of 0 switches the limit off."""

    per_minute: float
    burst: int

    def __post_init__(self) -> None:
        if self.per_minute < 0 or self.burst < 1:
            raise SettingsError(
                f"{self!r} is no limit: per_minute must be 0 (off) or more, burst must be 1 or more."
            )

    def taken(self, tokens: float | None, filled_at: float, now: float) -> tuple[float, float]:
        """Returns the tokens after one was asked for, and the seconds to wait if there was none.

        Args:
            tokens: what was left at `filled_at`, None for a bucket that is new and so full.
            filled_at, now: seconds that never run backwards.
        """
        per_second = self.per_minute / SECONDS_PER_MINUTE
        # a bucket that a dying process has half written, or one of another clock, is a new one
        if tokens is None or not (0 <= tokens <= self.burst and filled_at <= now):
            tokens, filled_at = float(self.burst), now
        tokens = min(self.burst, tokens + (now - filled_at) * per_second)
        # Refilling in steps adds up to a hair under 1 where it should be 1.
        wait = max(0.0, (1 - tokens) / per_second)
        return (max(0.0, tokens - 1), 0.0) if wait < 1e-6 else (tokens, wait)


class TokenBuckets:
    """One bucket per key, full at first.

    Args:
        limit: rate and size of every bucket.
        clock: seconds that never run backwards.
        size: number of keys remembered; beyond it the longest unused is
            forgotten, which fills its bucket.
    """

    def __init__(self, limit: Limit, clock: Callable[[], float], size: int = 10_000) -> None:
        self._limit = limit
        self._clock = clock
        self._size = size
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, key: str) -> float:
        """Takes one token and returns 0; returns the seconds until there is one if there is none."""
        if not self._limit.per_minute:
            return 0.0
        now = self._clock()
        tokens, filled_at = self._buckets.pop(key, (None, now))
        tokens, wait = self._limit.taken(tokens, filled_at, now)
        self._buckets[key] = (tokens, now)
        if len(self._buckets) > self._size:
            self._buckets.popitem(last=False)
        return wait

    def __len__(self) -> int:
        return len(self._buckets)


def too_many(wait: float) -> Problem:
    """Returns the problem that tells a client to wait this many seconds."""
    # Rounded first, so that a hair over 40 seconds does not become 41.
    seconds = str(max(1, math.ceil(round(wait, 3))))
    detail = "Wait for the seconds in Retry-After."
    return Problem("too-many-requests", detail, headers={"Retry-After": seconds})
