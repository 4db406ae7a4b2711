"""Which web pages may call the chat: those of the same origin, and those on a list."""

from collections.abc import Iterable
from urllib.parse import urlsplit

from assistant.errors import SettingsError

DEFAULT_PORTS = {"http": 80, "https": 443}
Place = tuple[str, str, int]


class Origins:
    """Judges the Origin header.

    Args:
        allowed: other origins, such as "https://clinic.example"; there is no
            wildcard. Raises SettingsError for what is not an origin.
    """

    def __init__(self, allowed: Iterable[str] = ()) -> None:
        self._allowed = frozenset(_place_of_setting(origin) for origin in allowed)

    def is_same(self, origin: str, host: str) -> bool:
        """Returns whether a page of `origin` was served under the Host header `host`.

        The scheme is not compared: behind a proxy that ends TLS the server does
        not know its own.
        """
        page = _place(origin)
        return page is not None and page == _place(f"{page[0]}://{host}")

    def is_listed(self, origin: str) -> bool:
        """Returns whether `origin` is one of the allowed ones."""
        return _place(origin) in self._allowed


def _place_of_setting(origin: str) -> Place:
    place = _place(origin)
    if place is None:
        raise SettingsError(
            f"{origin!r} is not a web origin. Write it like https://clinic.example, without a path."
        )
    return place


def _place(origin: str) -> Place | None:
    """Returns scheme, host and port; None for anything but an http or https origin ("null" too)."""
    try:
        parts = urlsplit(origin)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in DEFAULT_PORTS or not parts.hostname or "*" in origin:
        return None
    if parts.path or parts.query or parts.fragment or "@" in parts.netloc:
        return None
    return parts.scheme, parts.hostname, DEFAULT_PORTS[parts.scheme] if port is None else port
