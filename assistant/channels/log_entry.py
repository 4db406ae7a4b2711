"""What may be written to the log about conversations and failures: ids and places, never words."""

import hashlib
import traceback

HASH_BYTES = 6
PLACES = 8


def short_hash(conversation_id: str) -> str:
    """Returns 12 characters that tell conversations apart and give no way back to the id."""
    return hashlib.blake2b(conversation_id.encode("utf-8"), digest_size=HASH_BYTES).hexdigest()


def log_ids(conversation_id: str, message_id: str) -> dict[str, str]:
    """Returns what tells a message apart in the log."""
    return {"conversation": short_hash(conversation_id), "message": message_id}


def failure(error: BaseException) -> dict[str, object]:
    """Returns the error's type and the places it passed, innermost last.

    Not its message and no lines of source: a message may quote what a visitor
    wrote.
    """
    frames = traceback.extract_tb(error.__traceback__)[-PLACES:]
    return {
        "error": type(error).__name__,
        "places": [f"{frame.filename}:{frame.lineno} in {frame.name}" for frame in frames],
    }
