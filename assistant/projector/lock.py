"""One projector at a time for a state folder."""

import fcntl
import os
from pathlib import Path

FILE_NAME = "projector.lock"


class ProjectorLock:
    """A lock on a file, which the kernel takes back from a dead process.

    Args:
        folder: the state folder; made with mode 0700.
    """

    def __init__(self, folder: Path) -> None:
        """See class; does not lock."""
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._fd = os.open(folder / FILE_NAME, os.O_RDWR | os.O_CREAT, 0o600)

    def take(self) -> bool:
        """Returns whether this process now is the projector; another one may be it."""
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def close(self) -> None:
        """Gives the lock up."""
        os.close(self._fd)
