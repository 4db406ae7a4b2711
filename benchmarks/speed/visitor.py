"""One visitor with one kept-alive connection, on MesoGuide's chat API or on Rasa's REST channel."""

import uuid
from collections.abc import Mapping
from types import TracebackType
from typing import Any

from aiohttp import ClientSession, ClientTimeout, TCPConnector

TIMEOUT = ClientTimeout(total=60)  # seconds


class NoReplyError(Exception):
    """A message got no usable reply."""


class Visitor:
    """Opens conversations and writes messages; to be used as an async context."""

    def __init__(self, url: str) -> None:
        self._url = url
        # no proxy, cookie or .netrc of whoever runs this
        self._http = ClientSession(connector=TCPConnector(limit=1), timeout=TIMEOUT, trust_env=False)

    async def __aenter__(self) -> "Visitor":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.close()

    async def begin(self) -> None:
        """Opens a new conversation."""
        raise NotImplementedError

    async def say(self, text: str) -> None:
        """Writes one message and reads the reply; raises NoReplyError when there is none to be used."""
        raise NotImplementedError

    async def _post(
        self, path: str, body: Mapping[str, Any], status: int, headers: Mapping[str, str] | None = None
    ) -> Any:
        async with self._http.post(self._url + path, json=body, headers=headers) as response:
            if response.status != status:
                raise NoReplyError(f"POST {path} answered {response.status}")
            return await response.json()


class ChatVisitor(Visitor):
    """A visitor of MesoGuide who lets the conversation be kept, so that each turn is written to disk."""

    async def begin(self) -> None:
        """See parent class."""
        session = await self._post("/chat/session", {"consent": "keep"}, 201)
        self._headers = {"Authorization": f"Bearer {session['token']}"}

    async def say(self, text: str) -> None:
        """See parent class."""
        message = {"id": str(uuid.uuid4()), "text": text}
        messages = (await self._post("/chat/messages", message, 200, self._headers))["messages"]
        if not messages or any(message["kind"] == "error" for message in messages):
            raise NoReplyError("the chat answered without an answer")


class RestVisitor(Visitor):
    """A visitor of a stock Rasa server."""

    async def begin(self) -> None:
        """See parent class."""
        self._sender = uuid.uuid4().hex

    async def say(self, text: str) -> None:
        """See parent class."""
        message = {"sender": self._sender, "message": text}
        messages = await self._post("/webhooks/rest/webhook", message, 200)
        if not messages:
            raise NoReplyError("the REST channel answered with no message")


KINDS: Mapping[str, type[Visitor]] = {"chat": ChatVisitor, "rest": RestVisitor}
