"""The real chat API, storage, widget and page as a process of their own; canned replies stand in for Rasa.

`python -m tests.widget.stub_server --port 5105 --folder /some/folder [--origin http://127.0.0.1:5106]`

The same folder again is the same server after a restart. What is typed chooses the reply.
"""

import argparse
import asyncio
import socket
import unicodedata
from dataclasses import asdict, replace
from pathlib import Path

import yaml
from rasa.core.channels.channel import UserMessage, register
from sanic import HTTPResponse, Request, Sanic
from sanic.response import empty

from assistant.channels.chat import ChatChannel
from assistant.channels.chat_setting import ChatSettings
from assistant.channels.front import Button
from assistant.channels.rate_limit import Limit
from assistant.channels.reply_channel import plain_reply
from assistant.channels.session_token import SessionTokens
from assistant.server.page import attach_page
from assistant.server.widget import attach_widget, build_widget
from assistant.storage.delivery import Delivery
from assistant.storage.lock_store import ConversationLockStore
from assistant.storage.place import open_log
from assistant.storage.said import Said
from assistant.storage.turn_operation import Commit

OFF = Limit(per_minute=0, burst=1)
CANNED = yaml.safe_load(Path(__file__).with_name("canned.yml").read_text(encoding="utf-8"))
INFO, TITLES = CANNED["info"], CANNED["titles"]
REPLIES = {word: {**plain_reply(""), **reply} for word, reply in CANNED["replies"].items()}


class CannedFront:
    """The words around the conversation."""

    def info(self) -> dict:
        return INFO

    def welcome(self) -> list[dict]:
        return [plain_reply("Hello. I am a computer program.")]

    def error_fields(self) -> dict:
        return {"emergency": "999", "phone": INFO["phone"]}

    def button(self, button_id: str) -> Button | None:
        return Button(TITLES[button_id], "ask") if button_id in TITLES else None

    def scan(self, text: str) -> list[dict]:
        return [REPLIES["breathe"]] if "breathe" in text else []

    def error_reply(self) -> dict:
        return {**plain_reply("Something went wrong."), "kind": "error"}


class CannedAgent:
    """Replies by a word in the text; what fails and what is slow, too."""

    def __init__(self) -> None:
        self.failed: set[str] = set()
        self.last_conversation = ""

    async def handle_message(self, message: UserMessage) -> None:
        self.last_conversation = message.sender_id
        text = message.text.lower()
        if "slow" in text:
            await asyncio.sleep(1.5)
        if "fails" in text and ("always" in text or text not in self.failed):
            self.failed.add(text)
            raise ValueError
        word = next((word for word in REPLIES if word in text), "")
        echo = {**plain_reply(f"You said: {message.text}"), "kind": "out_of_scope"}
        reply = REPLIES.get(word, echo)
        await message.output_channel.send_response(message.sender_id, {"text": None, "custom": reply})


def clean(text: str) -> str:
    """Returns the text without control characters."""
    return "".join(one for one in text if unicodedata.category(one) != "Cc" or one == "\n").strip()


def make_app(folder: Path, origins: tuple[str, ...], messages_a_minute: int) -> Sanic:
    """Returns the app with its state in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    conversations = open_log(folder / "conversations.db")
    delivery = Delivery(None)
    limits = ChatSettings(origins=origins, conversation_limit=OFF, address_limit=OFF, session_limit=OFF)
    if messages_a_minute:
        limits = replace(limits, conversation_limit=Limit(per_minute=messages_a_minute, burst=2))
    app = Sanic("stub", configure_logging=False)
    app.config.ACCESS_LOG = False
    app.config.MOTD = False
    app.ctx.agent = agent = CannedAgent()
    locks = ConversationLockStore(folder / "locks")
    tokens = SessionTokens("k" * 64)
    register([ChatChannel(CannedFront(), tokens, conversations, locks, delivery, clean, limits)], app, "/")
    widget = build_widget()
    attach_widget(app, widget)
    attach_page(app, lambda: INFO, widget)

    @app.post("/test/staff")
    async def staff(request: Request) -> HTTPResponse:
        said = Said("staff", "", {**plain_reply(request.json["text"]), "kind": "handoff"}, 1_790_000_000.0)
        now = 1_790_000_000.0
        commit = Commit(agent.last_conversation, now, "", "answered", [], [asdict(said)])
        await conversations._bridge.write(commit)
        delivery.tell(agent.last_conversation)
        return empty()

    return app


async def main() -> None:
    """Serves until the process is ended."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--origin", action="append", default=[])
    parser.add_argument("--limit", type=int, default=0)
    options = parser.parse_args()
    app = make_app(options.folder, tuple(options.origin), options.limit)
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", options.port))
        server = await app.create_server(sock=listener, return_asyncio_server=True)
        await server.startup()
        await server.before_start()
        await server.after_start()
        print(f"ready {listener.getsockname()[1]}", flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
