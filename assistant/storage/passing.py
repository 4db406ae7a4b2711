"""Where conversations that are not kept live: in memory, shared by the workers of one state folder."""

import hashlib
import shutil
import tempfile
from pathlib import Path

# A folder of Linux that is kept in memory.
MEMORY = Path("/dev/shm")


def passing_folder(state_dir: Path) -> Path:
    """Returns the folder in memory that belongs to this state folder."""
    root = MEMORY if MEMORY.is_dir() else Path(tempfile.gettempdir())
    name = hashlib.blake2b(str(state_dir.resolve()).encode("utf-8"), digest_size=8).hexdigest()
    return root / f"mesoguide-{name}"


def forget_passing(state_dir: Path) -> None:
    """Removes all conversations that are not kept; call it before the first worker starts and at the end."""
    shutil.rmtree(passing_folder(state_dir), ignore_errors=True)
