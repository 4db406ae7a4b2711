"""Session tokens apart from the server; forged ones are in test_chat_errors."""

import time

import jwt
import pytest

from assistant.channels import session_token
from assistant.channels.session_token import Session, SessionTokens
from assistant.errors import SettingsError
from tests.channels.conftest import KEY


def test_token_holds_conversation_audience_and_times() -> None:
    """The claims are those of the design and no more, signed with HS256."""
    token = SessionTokens(KEY, expires_in=60, now=lambda: 1000.9).issue("e-1", {})

    claims = jwt.decode(token, options={"verify_signature": False})
    assert claims == {"sub": "e-1", "aud": "chat", "choices": {}, "iat": 1000, "exp": 1060}
    assert jwt.get_unverified_header(token)["alg"] == "HS256"


def test_token_gives_its_conversation_back() -> None:
    """What was issued is read by whoever has the same key."""
    assert SessionTokens(KEY).session(SessionTokens(KEY).issue("k-2", {})) == Session(
        "k-2", {}, pytest.approx(time.time() + 7200, abs=60)
    )


@pytest.mark.parametrize(("key", "expires_in"), [("short", 60), (KEY, 0), (KEY, -5)])
def test_weak_settings_are_refused(key: str, expires_in: int) -> None:
    """A short key or tokens that are never good stop the start, without showing the key."""
    with pytest.raises(SettingsError) as caught:
        SessionTokens(key, expires_in)

    assert key not in str(caught.value)


def test_token_that_was_read_before_ends_in_time(monkeypatch) -> None:
    """A signature is checked once; the end is looked at each time."""
    tokens = SessionTokens("k" * 32, expires_in=60)
    token = tokens.issue("k-1", {"consent": "keep"})
    first = tokens.session(token)
    assert first is not None
    first.choices["consent"] = "changed"

    again = tokens.session(token)
    monkeypatch.setattr(session_token.time, "time", lambda: first.expires + 1)

    assert again is not None and again.choices == {"consent": "keep"}
    assert tokens.session(token) is None
