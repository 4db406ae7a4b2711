"""Comparing web origins."""

import pytest

from assistant.channels.origin import Origins
from assistant.errors import SettingsError


@pytest.mark.parametrize(
    ("origin", "host", "same"),
    [
        ("http://a.example", "a.example", True),
        ("http://a.example:80", "a.example", True),
        ("https://a.example", "a.example:443", True),
        ("https://A.example", "a.EXAMPLE", True),
        ("http://127.0.0.1:5005", "127.0.0.1:5005", True),
        ("http://[::1]:5005", "[::1]:5005", True),
        ("http://a.example:8080", "a.example", False),
        ("http://a.example", "a.example:8080", False),
        ("http://a.example", "b.example", False),
        ("http://a.example", "", False),
        ("null", "null", False),
        ("", "", False),
        ("file://", "", False),
        ("http://user@a.example", "a.example", False),
        ("http://a.example:notaport", "a.example:notaport", False),
        ("http://a.example/path", "a.example/path", False),
    ],
)
def test_same_origin_is_told_by_host_and_port(origin: str, host: str, same: bool) -> None:
    """Host and port must agree, default ports filled in; whatever is no web origin is not the same."""
    assert Origins().is_same(origin, host) is same


@pytest.mark.parametrize(
    ("origin", "listed"),
    [
        ("https://clinic.example", True),
        ("https://clinic.example:443", True),
        ("http://clinic.example", False),
        ("https://sub.clinic.example", False),
        ("https://clinic.example.evil.example", False),
        ("null", False),
    ],
)
def test_listed_origin_must_agree_in_scheme_host_and_port(origin: str, listed: bool) -> None:
    """An entry of the list stands for itself alone."""
    assert Origins(["https://clinic.example"]).is_listed(origin) is listed


@pytest.mark.parametrize(
    "entry", ["*", "https://*.example", "clinic.example", "https://clinic.example/", "null", ""]
)
def test_entry_that_is_no_origin_is_refused(entry: str) -> None:
    """A wildcard, a path or a missing scheme stops the start and is quoted."""
    with pytest.raises(SettingsError) as caught:
        Origins([entry])

    assert repr(entry) in str(caught.value)
