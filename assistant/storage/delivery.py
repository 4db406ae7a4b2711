"""Tells who listens to a conversation that it has something new, across the workers of one machine."""

import asyncio
import contextlib
import os
import socket
from collections import defaultdict
from pathlib import Path

DATAGRAM_BYTES = 256


class Delivery:
    """Wakes listeners; what is new they read from the conversation log.

    Each worker has a datagram socket of its own in `folder`, and a word to the others is one
    datagram to each. A lost one costs a listener a few seconds, since it also looks by itself.

    Args:
        folder: of the sockets; made with mode 0700. None for a worker that is alone.
    """

    def __init__(self, folder: Path | None) -> None:
        """See class; binds nothing yet."""
        self._folder = folder
        self._listeners: defaultdict[str, set[asyncio.Event]] = defaultdict(set)
        self._socket: socket.socket | None = None
        self._own = ""

    def open(self) -> None:
        """Begins to listen to the other workers; call it inside the running loop."""
        if self._folder is None:
            return
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._own = str(self._folder / f"{os.getpid()}.sock")
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self._own)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        self._socket.bind(self._own)
        asyncio.get_running_loop().add_reader(self._socket, self._receive)

    def close(self) -> None:
        """Stops listening and wakes everybody who waits."""
        if self._socket is not None:
            asyncio.get_running_loop().remove_reader(self._socket)
            self._socket.close()
            self._socket = None
            with contextlib.suppress(FileNotFoundError):
                os.unlink(self._own)
        for conversation_id in list(self._listeners):
            self._wake(conversation_id)

    def listen(self, conversation_id: str) -> asyncio.Event:
        """Returns an event that is set when the conversation has something new."""
        event = asyncio.Event()
        self._listeners[conversation_id].add(event)
        return event

    def leave(self, conversation_id: str, event: asyncio.Event) -> None:
        """Ends what `listen` began."""
        listeners = self._listeners[conversation_id]
        listeners.discard(event)
        if not listeners:
            del self._listeners[conversation_id]

    def tell(self, conversation_id: str) -> None:
        """Says that the conversation has something new, here and to the other workers."""
        self._wake(conversation_id)
        if self._folder is None or self._socket is None:
            return
        for other in self._folder.glob("*.sock"):
            if str(other) == self._own:
                continue
            try:
                self._socket.sendto(conversation_id.encode("utf-8"), str(other))
            except ConnectionRefusedError:
                # a worker that died without closing
                with contextlib.suppress(FileNotFoundError):
                    other.unlink()
            except (BlockingIOError, FileNotFoundError):
                continue

    def _receive(self) -> None:
        while self._socket is not None:
            try:
                data = self._socket.recv(DATAGRAM_BYTES)
            except BlockingIOError:
                return
            self._wake(data.decode("utf-8", errors="replace"))

    def _wake(self, conversation_id: str) -> None:
        for event in self._listeners.get(conversation_id, ()):
            event.set()
