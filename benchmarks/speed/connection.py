"""One kept-alive HTTP/1.1 connection that costs the load client little of the cores it shares."""

import asyncio
from types import TracebackType
from urllib.parse import urlsplit

SECONDS = 60.0  # for one reply
MOST_BYTES = 2**22  # of a reply's head, and of a piece of its body


class BrokenReplyError(Exception):
    """A reply that cannot be read, or none."""


class Connection:
    """Posts one body after the other and reads the replies; to be used as an async context.

    Args:
        url: the server, without a path.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._host, self._port = str(parts.hostname), int(parts.port or 80)
        self._name = parts.netloc.encode()
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def __aenter__(self) -> "Connection":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._drop()

    async def post(self, path: bytes, body: bytes, headers: bytes = b"") -> tuple[int, bytes]:
        """Returns status and body of the reply; raises BrokenReplyError.

        Args:
            path: of the server.
            body: JSON in UTF-8.
            headers: further lines, each with its line end.
        """
        head = (
            b"POST %b HTTP/1.1\r\nHost: %b\r\nContent-Type: application/json\r\n%bContent-Length: %d\r\n\r\n"
        )
        request = head % (path, self._name, headers, len(body)) + body
        try:
            return await asyncio.wait_for(self._exchange(request), SECONDS)
        except (OSError, EOFError, ValueError, asyncio.TimeoutError, asyncio.LimitOverrunError) as error:
            self._drop()
            raise BrokenReplyError(f"{type(error).__name__}: {error}") from error

    async def _exchange(self, request: bytes) -> tuple[int, bytes]:
        if self._reader is None or self._writer is None:
            self._reader, self._writer = await asyncio.open_connection(
                self._host, self._port, limit=MOST_BYTES
            )
        reader = self._reader
        self._writer.write(request)
        status, *lines = (await reader.readuntil(b"\r\n\r\n")).lower().split(b"\r\n")
        headers = dict(line.split(b":", 1) for line in lines if line)
        if b"chunked" in headers.get(b"transfer-encoding", b""):
            body = await _chunks(reader)
        else:
            body = await reader.readexactly(int(headers.get(b"content-length", b"0")))
        if b"close" in headers.get(b"connection", b""):
            self._drop()
        return int(status.split()[1]), body

    def _drop(self) -> None:
        if self._writer is not None:
            self._writer.close()
        self._reader = self._writer = None


async def _chunks(reader: asyncio.StreamReader) -> bytes:
    body = b""
    while size := int((await reader.readuntil(b"\r\n")).split(b";")[0], 16):
        body += await reader.readexactly(size)
        await reader.readexactly(2)
    await reader.readuntil(b"\r\n")
    return body
