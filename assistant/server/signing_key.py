"""The secret that session tokens are signed with."""

import os
import secrets
from pathlib import Path

from assistant.errors import SetupError

KEY_BYTES = 32


def load_signing_key(folder: Path) -> str:
    """Returns the key in `folder`, made there at the first start (mode 0600).

    Delete the file to end all sessions. Raises SetupError when the file cannot
    be read or written, or holds no key.
    """
    file = folder / "signing.key"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            descriptor = os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        except FileExistsError:
            key = file.read_text(encoding="ascii").strip()
        else:
            key = secrets.token_hex(KEY_BYTES)
            with os.fdopen(descriptor, "w", encoding="ascii") as stream:
                stream.write(key)
    except (OSError, UnicodeDecodeError) as error:
        raise SetupError(
            f"The signing key {file} cannot be read or made: {error}. Check its folder."
        ) from error
    if len(key) < 2 * KEY_BYTES:
        raise SetupError(f"{file} holds no usable key. Delete it; a new one is made at the next start.")
    return key
