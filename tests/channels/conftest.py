"""A real Sanic server on a loopback port, with small stand-ins for Rasa's agent and the assistant's words."""

import asyncio
import itertools
import json
import shutil
import socket
import tempfile
import unicodedata
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from rasa.core.channels.channel import UserMessage, register
from sanic import Sanic

from assistant.channels.chat import ChatChannel
from assistant.channels.chat_setting import ChatSettings
from assistant.channels.front import Button
from assistant.channels.rate_limit import Limit
from assistant.channels.reply_channel import plain_reply
from assistant.channels.session_token import SessionTokens
from assistant.storage.delivery import Delivery
from assistant.storage.lock_store import ConversationLockStore
from assistant.storage.passing import forget_passing
from assistant.storage.place import open_log

KEY = "k" * 64
NO_LIMIT = Limit(per_minute=0, burst=1)
UNLIMITED = ChatSettings(conversation_limit=NO_LIMIT, address_limit=NO_LIMIT, session_limit=NO_LIMIT)
RED_FLAG = "cannot breathe"
_numbers = itertools.count()


class WordFront:
    """A front with one button and one red flag."""

    def info(self) -> dict:
        return {"clinic": "Example Clinic", "emergency": "999"}

    def welcome(self) -> list[dict]:
        return [plain_reply("Hello."), {**plain_reply("A computer program."), "kind": "notice"}]

    def error_fields(self) -> dict:
        return {"emergency": "999", "phone": "+44 20 7946 0000"}

    def button(self, button_id: str) -> Button | None:
        return Button("Does it hurt?", "ask_pain") if button_id == "topic:pain" else None

    def scan(self, text: str) -> list[dict]:
        return [{**plain_reply("Call 999."), "kind": "emergency"}] if RED_FLAG in text else []

    def error_reply(self) -> dict:
        return {**plain_reply("Something went wrong."), "kind": "error"}


class EchoAgent:
    """Stands in for Rasa's agent: says each text back, or nothing to "say nothing".

    Attributes:
        seen: the messages that arrived, in order.
        held: texts whose turn waits until the event is set.
        failing: texts whose turn fails, with the text in the exception.
        cancelled: texts whose turn is cancelled from within.
        running: number of turns inside the agent now.
        most_running: the most there were at a time.
    """

    def __init__(self) -> None:
        self.seen: list[UserMessage] = []
        self.held: dict[str, asyncio.Event] = {}
        self.failing: set[str] = set()
        self.cancelled = {"cancel"}
        self.running = 0
        self.most_running = 0

    async def handle_message(self, message: UserMessage) -> None:
        self.seen.append(message)
        self.running += 1
        self.most_running = max(self.most_running, self.running)
        try:
            if message.text in self.held:
                await self.held[message.text].wait()
            await asyncio.sleep(0)
            if message.text in self.failing:
                raise ValueError(f"cannot handle {message.text!r}")
            if message.text in self.cancelled:
                raise asyncio.CancelledError
            if not message.text.startswith("say nothing"):
                reply = {**plain_reply(f"You said: {message.text}"), "kind": "answer"}
                await message.output_channel.send_response(message.sender_id, {"text": None, "custom": reply})
        finally:
            self.running -= 1

    def mend(self) -> None:
        """Lets no turn fail any more."""
        self.failing.clear()
        self.cancelled.clear()

    def hold(self, text: str) -> asyncio.Event:
        """Returns the event that lets the turn of `text` go on."""
        return self.held.setdefault(text, asyncio.Event())


@dataclass
class Clock:
    """A clock that stands still until it is moved; seconds."""

    seconds: float = 1000.0

    def __call__(self) -> float:
        return self.seconds


@dataclass(frozen=True)
class Answer:
    """A response as the tests look at it."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def data(self) -> Any:
        return json.loads(self.body)

    @property
    def texts(self) -> list[str]:
        return [message["text"] for message in self.data["messages"]]


@dataclass(frozen=True)
class Frame:
    """One frame of an event stream; a comment has no event."""

    event: str
    data: Any = None
    id: str = ""

    @classmethod
    def of(cls, block: str) -> "Frame":
        fields = dict(line.split(": ", 1) for line in block.strip().splitlines())
        if "event" not in fields:
            return cls("")
        return cls(fields["event"], json.loads(fields["data"]), fields.get("id", ""))


@dataclass
class Stream:
    """An open event stream."""

    response: aiohttp.ClientResponse

    async def frame(self) -> Frame:
        """Returns the next frame, comments too; raises EOFError at the end."""
        block = await asyncio.wait_for(self.response.content.readuntil(b"\n\n"), 5)
        if not block:
            raise EOFError
        return Frame.of(block.decode())

    async def next(self) -> Frame:
        """Returns the next frame that is no comment."""
        while not (frame := await self.frame()).event:
            pass
        return frame

    async def rest(self) -> list[Frame]:
        """Returns all frames up to the end, without comments."""
        return frames_of(await asyncio.wait_for(self.response.read(), 5))


def frames_of(body: bytes) -> list[Frame]:
    """Returns the frames of a whole stream, without comments."""
    frames = [Frame.of(block) for block in body.decode().split("\n\n") if block]
    return [frame for frame in frames if frame.event]


@dataclass
class Chat:
    """A client of one running server."""

    url: str
    http: aiohttp.ClientSession
    agent: EchoAgent
    clock: Clock
    tokens: SessionTokens
    port: int
    folder: Path
    stop: Callable[[], Awaitable[None]]

    async def request(self, method: str, path: str, **arguments: Any) -> Answer:
        async with self.http.request(method, self.url + path, **arguments) as response:
            return Answer(response.status, response.headers, await response.read())

    async def open(self, **arguments: Any) -> str:
        """Returns the token of a new session."""
        answer = await self.request("POST", "/chat/session", **arguments)
        assert answer.status == 201, answer.body
        return answer.data["token"]

    async def post(self, token: str, headers: Mapping[str, str] | None = None, **arguments: Any) -> Answer:
        """Sends any body to /chat/messages."""
        headers = {"Authorization": f"Bearer {token}", **(headers or {})}
        return await self.request("POST", "/chat/messages", headers=headers, **arguments)

    async def call(
        self, method: str, path: str, token: str, headers: Mapping[str, str] | None = None, **arguments: Any
    ) -> Answer:
        """Sends a request with a token."""
        headers = {"Authorization": f"Bearer {token}", **(headers or {})}
        return await self.request(method, f"/chat/{path}", headers=headers, **arguments)

    @asynccontextmanager
    async def events(
        self, token: str, headers: Mapping[str, str] | None = None, query: str = ""
    ) -> AsyncIterator[Stream]:
        """Opens /chat/events and drops it at the end."""
        headers = {"Authorization": f"Bearer {token}", **(headers or {})}
        async with self.http.get(f"{self.url}/chat/events{query}", headers=headers) as response:
            assert response.status == 200, await response.read()
            try:
                yield Stream(response)
            finally:
                response.close()

    async def history(self, token: str, query: str = "") -> list[dict]:
        """Returns the messages of the conversation."""
        answer = await self.call("GET", f"history{query}", token)
        assert answer.status == 200, answer.body
        return answer.data["messages"]

    async def say(self, token: str, text: str, message_id: str = "", **arguments: Any) -> Answer:
        """Sends a text."""
        body = {"id": message_id or str(uuid.uuid4()), "text": text}
        return await self.post(token, json=body, **arguments)

    async def raw(self, request: bytes) -> bytes:
        """Sends bytes and returns all that comes back until the server closes."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(request)
        answer = await asyncio.wait_for(reader.read(), 5)
        writer.close()
        return answer


def clean(text: str) -> str:
    """Returns the text as the assistant cleans it: NFKC, no control or format characters, stripped."""
    normal = unicodedata.normalize("NFKC", text)
    return "".join(
        character for character in normal if unicodedata.category(character) not in ("Cc", "Cf")
    ).strip()


@asynccontextmanager
async def running(
    settings: ChatSettings = UNLIMITED,
    front: WordFront | None = None,
    attach: Callable[[Sanic], None] = lambda app: None,
    token_seconds: int = 7200,
    keep_in: Path | None = None,
) -> AsyncIterator[Chat]:
    """Gives a client of a server that runs as Rasa starts it, on a free port.

    The database is in `keep_in` and stays there; without it, it goes with the server.
    """
    clock, agent, tokens = Clock(), EchoAgent(), SessionTokens(KEY, token_seconds)
    folder = keep_in or Path(tempfile.mkdtemp(prefix="chat-"))
    conversations = open_log(folder / "conversations.db")
    channel = ChatChannel(
        front or WordFront(),
        tokens,
        conversations,
        ConversationLockStore(folder / "locks"),
        Delivery(None),
        clean,
        settings,
        clock=clock,
    )
    app = Sanic(f"chat_{next(_numbers)}")
    app.config.ACCESS_LOG = False
    app.config.MOTD = False
    app.ctx.agent = agent
    register([channel], app, "/webhooks/")
    attach(app)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
        server = await app.create_server(sock=listener, return_asyncio_server=True)
        await server.startup()
        await server.before_start()
        try:
            async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(20)) as http:
                yield Chat(
                    f"http://127.0.0.1:{port}", http, agent, clock, tokens, port, folder, server.before_stop
                )
        finally:
            await server.before_stop()
            await server.close()
            for connection in list(server.connections):
                connection.abort()
            await asyncio.sleep(0)
            Sanic._app_registry.pop(app.name)
            conversations.close()
            forget_passing(folder)
            if keep_in is None:
                shutil.rmtree(folder)


@pytest.fixture
async def start() -> AsyncIterator[Callable[..., Awaitable[Chat]]]:
    """A function that starts a server with its own settings."""
    async with AsyncExitStack() as stack:

        async def starter(
            *arguments: Any,
            attach: Any = lambda app: None,
            front: Any = None,
            token_seconds: int = 7200,
            **settings: Any,
        ) -> Chat:
            return await stack.enter_async_context(
                running(replace(UNLIMITED, **settings), front, attach, token_seconds)
            )

        yield starter


@pytest.fixture
async def chat() -> AsyncIterator[Chat]:
    """A client of a server without rate limits."""
    async with running() as client:
        yield client


@pytest.fixture
async def token(chat: Chat) -> str:
    """The token of a session on `chat`."""
    return await chat.open()
