"""What counts requests and streams: for one worker, or for all workers of a machine together."""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from assistant.channels.rate_limit import Limit, TokenBuckets
from assistant.storage.bucket_table import BucketTable
from assistant.storage.stream_place import StreamPlaces


class Buckets(Protocol):
    """One token bucket per key."""

    def take(self, key: str) -> float:
        """Takes one token and returns 0; returns the seconds until there is one if there is none."""


class Limits:
    """Makes the counters of a chat channel.

    Args:
        clock: seconds that never run backwards, the same in all workers.
        folder: what the workers of a machine share, in memory; None for a worker that is alone.
    """

    def __init__(self, clock: Callable[[], float], folder: Path | None = None) -> None:
        """See class; makes no file yet."""
        self._clock = clock
        self._folder = folder

    def buckets(self, name: str, limit: Limit) -> Buckets:
        """Returns buckets of this name; workers that use the same name share them."""
        if self._folder is None or not limit.per_minute:
            return TokenBuckets(limit, self._clock)
        table = BucketTable(self._folder / f"limit-{name}")
        return SharedBuckets(table, limit, self._clock)

    def streams(self, most: int) -> StreamPlaces:
        """Returns the places for open streams."""
        return StreamPlaces(self._folder, most)


class SharedBuckets:
    """Token buckets that all workers of a machine take from.

    Args:
        table: where they are.
        limit: rate and size of every bucket.
        clock: seconds that never run backwards, the same in all workers.
    """

    def __init__(self, table: BucketTable, limit: Limit, clock: Callable[[], float]) -> None:
        """See class."""
        self._table = table
        self._limit = limit
        self._clock = clock

    def take(self, key: str) -> float:
        """See `Buckets`."""
        with self._table.held(key) as bucket:
            now = self._clock()
            tokens, wait = self._limit.taken(bucket.tokens, bucket.filled_at, now)
            bucket.tokens, bucket.filled_at = tokens, now
        return wait
