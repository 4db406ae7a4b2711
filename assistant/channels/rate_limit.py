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


class TokenBuckets:
    """One bucket per key, full at first.

    Args:
        limit: rate and size of every bucket.
        clock: seconds that never run backwards.
        size: number of keys remembered; beyond it the longest unused is
            forgotten, which fills its bucket.
    """

    def __init__(self, limit: Limit, clock: Callable[[], float], size: int = 10_000) -> None:
        self._per_second = limit.per_minute / SECONDS_PER_MINUTE
        self._burst = limit.burst
        self._clock = clock
        self._size = size
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, key: str) -> float:
        """Takes one token and returns 0; returns the seconds until there is one if there is none."""
        if not self._per_second:
            return 0.0
        now = self._clock()
        tokens, filled_at = self._buckets.pop(key, (float(self._burst), now))
        tokens = min(self._burst, tokens + (now - filled_at) * self._per_second)
        # Refilling in steps adds up to a hair under 1 where it should be 1.
        wait = max(0.0, (1 - tokens) / self._per_second)
        if wait < 1e-6:
            tokens, wait = tokens - 1, 0.0
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
