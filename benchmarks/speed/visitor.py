"""One visitor with one kept-alive connection, on MesoGuide's chat API or on Rasa's REST channel."""

import json
import uuid
from collections.abc import Mapping
from functools import lru_cache
from types import TracebackType

from benchmarks.speed.connection import Connection


class NoReplyError(Exception):
    """A message got no usable reply."""


class Visitor:
    """Opens conversations and writes messages; to be used as an async context.

    What the client does with a reply is done by neither server, so it is little: the bytes are
    looked at, not read as JSON, except where a token is in them.
    """

    def __init__(self, url: str) -> None:
        self._connection = Connection(url)

    async def __aenter__(self) -> "Visitor":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._connection.__aexit__(kind, error, trace)

    async def begin(self) -> None:
        """Opens a new conversation."""
        raise NotImplementedError

    async def say(self, text: str) -> None:
        """Writes one message and reads the reply; raises NoReplyError when there is none to be used."""
        raise NotImplementedError

    async def _post(self, path: bytes, body: bytes, status: int, headers: bytes = b"") -> bytes:
        found, reply = await self._connection.post(path, body, headers)
        if found != status:
            raise NoReplyError(f"POST {path.decode()} answered {found}")
        return reply


class ChatVisitor(Visitor):
    """A visitor of MesoGuide who lets the conversation be kept, so that each turn is written to disk."""

    async def begin(self) -> None:
        """See parent class."""
        session = json.loads(await self._post(b"/chat/session", b'{"consent":"keep"}', 201))
        self._headers = b"Authorization: Bearer %b\r\n" % session["token"].encode()

    async def say(self, text: str) -> None:
        """See parent class."""
        body = b'{"id":"%b","text":%b}' % (str(uuid.uuid4()).encode(), _quoted(text))
        reply = await self._post(b"/chat/messages", body, 200, self._headers)
        if b'"text"' not in reply or b'"kind":"error"' in reply:
            raise NoReplyError("the chat answered without an answer")


class RestVisitor(Visitor):
    """A visitor of a stock Rasa server."""

    async def begin(self) -> None:
        """See parent class."""
        self._sender = uuid.uuid4().hex.encode()

    async def say(self, text: str) -> None:
        """See parent class."""
        body = b'{"sender":"%b","message":%b}' % (self._sender, _quoted(text))
        if b"{" not in await self._post(b"/webhooks/rest/webhook", body, 200):
            raise NoReplyError("the REST channel answered with no message")


@lru_cache
def _quoted(text: str) -> bytes:
    return json.dumps(text).encode()


KINDS: Mapping[str, type[Visitor]] = {"chat": ChatVisitor, "rest": RestVisitor}
