"""The port that the chat listens on."""

import errno
import socket
import sys

from assistant.errors import SetupError
from assistant.settings import Settings

BACKLOG = 512


def hold_port(settings: Settings) -> list[socket.socket]:
    """Returns sockets that keep the port for our workers; they take no connections themselves.

    Raises SetupError when the port is in use, told at once and not after models were loaded.
    """
    place = f"Port {settings.port} on {settings.host!r} cannot be used: "
    try:
        marks = _mark(settings)
        # Alone: two sockets with SO_REUSEPORT would share the port without a word.
        with _bound(settings, shared=False) as probe:
            probe.listen(1)
        return [*marks, _bound(settings, shared=True)]
    except OSError as error:
        if error.errno in (errno.EADDRINUSE, errno.EACCES):
            mend = "Stop what uses it (another MesoGuide?), or choose another: MESOGUIDE_PORT=5050 make run"
        else:
            mend = "Set MESOGUIDE_HOST to an address of this machine, for example 127.0.0.1."
        raise SetupError(f"{place}{error.strerror}. {mend}") from error


def listen(settings: Settings) -> socket.socket:
    """Returns a worker's own listening socket on the port that is held; raises OSError."""
    listener = _bound(settings, shared=True)
    listener.listen(BACKLOG)
    return listener


def _mark(settings: Settings) -> list[socket.socket]:
    """Tells another MesoGuide that starts at the same moment, when nobody listens yet; Linux only.

    The name lives in the kernel and is gone with this process.
    """
    if not sys.platform.startswith("linux"):
        return []
    mark = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    try:
        mark.bind(f"\0mesoguide-{settings.host}-{settings.port}")
    except OSError:
        mark.close()
        raise
    return [mark]


def _bound(settings: Settings, shared: bool) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if shared:
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        bound.bind((settings.host, settings.port))
    except OSError:
        bound.close()
        raise
    return bound
