"""The secret behind session tokens."""

import stat
from pathlib import Path

import pytest

from assistant.errors import SetupError
from assistant.server.signing_key import load_signing_key


def test_key_is_made_once_and_private(tmp_path: Path) -> None:
    """The same key is returned again, from a file of mode 0600."""
    key = load_signing_key(tmp_path / "state")

    assert load_signing_key(tmp_path / "state") == key and len(key) == 64
    assert stat.S_IMODE((tmp_path / "state" / "signing.key").stat().st_mode) == 0o600


def test_two_installations_have_two_keys(tmp_path: Path) -> None:
    """A key is random."""
    assert load_signing_key(tmp_path / "a") != load_signing_key(tmp_path / "b")


def test_empty_key_file_is_refused(tmp_path: Path) -> None:
    """Nothing is signed with a guessable key."""
    (tmp_path / "signing.key").write_text("", encoding="ascii")

    with pytest.raises(SetupError, match="signing.key holds no usable key. Delete it"):
        load_signing_key(tmp_path)
