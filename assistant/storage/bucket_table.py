"""Numbers by key in a file in memory that several processes change, one at a time."""

import fcntl
import hashlib
import mmap
import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

# Keys are in rows of a few; a full row forgets the key that was not used for the longest time.
ROWS, WIDTH = 4_096, 8
# digest of the key (0 for a free place), tokens, seconds
PLACE = struct.Struct("=Qdd")


@dataclass
class Bucket:
    """What is kept for a key: how many tokens were left, and when; None for a key that is not known."""

    tokens: float | None
    filled_at: float


class BucketTable:
    """The buckets of one limit; the kernel lets go of a dead process's hold.

    Args:
        file: made with mode 0600 where it is missing, and its folder with 0700.
    """

    def __init__(self, file: Path) -> None:
        """Opens the file; raises OSError."""
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        size = ROWS * WIDTH * PLACE.size
        self._fd = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
        # reserved at once: full memory then stops the start, not a later request (SIGBUS)
        os.posix_fallocate(self._fd, 0, size)
        self._map = mmap.mmap(self._fd, size)

    @contextmanager
    def held(self, key: str) -> Iterator[Bucket]:
        """Gives the key's bucket to be changed; other processes wait meanwhile.

        What a process that dies has half written is a bucket like any other.
        """
        digest = int.from_bytes(hashlib.blake2b(key.encode("utf-8"), digest_size=8).digest(), "big") or 1
        fcntl.flock(self._fd, fcntl.LOCK_EX)
        try:
            start, bucket = self._find(digest)
            yield bucket
            PLACE.pack_into(self._map, start, digest, bucket.tokens or 0.0, bucket.filled_at)
        finally:
            fcntl.flock(self._fd, fcntl.LOCK_UN)

    def close(self) -> None:
        """Closes the file."""
        self._map.close()
        os.close(self._fd)

    def _find(self, digest: int) -> tuple[int, Bucket]:
        """Returns where the key's bucket is, or is to be, and what is there."""
        first = digest % ROWS * WIDTH * PLACE.size
        oldest, oldest_at = first, float("inf")
        for start in range(first, first + WIDTH * PLACE.size, PLACE.size):
            found, tokens, filled_at = PLACE.unpack_from(self._map, start)
            if found == digest:
                return start, Bucket(tokens, filled_at)
            used = filled_at if found else float("-inf")
            if used < oldest_at:
                oldest, oldest_at = start, used
        return oldest, Bucket(None, 0.0)
