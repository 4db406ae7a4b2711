"""A worker that can be killed: the real log, stores, locks and turns; an echo stands in for Rasa's model."""

import asyncio
import json
import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from rasa.core.channels.channel import UserMessage
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, BotUttered, SlotSet, UserUttered

from assistant.channels.chat_message import ChatMessage
from assistant.channels.front import Button
from assistant.channels.reply_channel import plain_reply
from assistant.channels.session_token import Session
from assistant.channels.turn import TurnFailed, Turns
from assistant.storage import spool
from assistant.storage.connection import Connection
from assistant.storage.database import Database, DatabaseDown
from assistant.storage.delivery import Delivery
from assistant.storage.lock_store import ConversationLockStore
from assistant.storage.storage_error import StorageFailed
from assistant.storage.tracker_store import ConversationTrackerStore

DATABASE, DOWN, OUTPUT = "conversations.db", "down", "worker.log"
MERGE_SECONDS = 0.2
ABANDON_SECONDS = 30.0
DOMAIN = """
version: "3.1"
slots:
  latest: {type: any, mappings: [{type: custom}]}
"""


class Steps:
    """Ends the process, as `kill -9` does, before its n-th step; 0 for never."""

    def __init__(self, number: int) -> None:
        self._left = number

    def __call__(self, *_: Any, **__: Any) -> None:
        """Counts a step."""
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def around(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Returns the function with a step before and after it."""

        def stepped(*arguments: Any, **named: Any) -> Any:
            self()
            result = function(*arguments, **named)
            self()
            return result

        return stepped

    def install(self) -> None:
        """Makes a step of each statement, commit, write and fsync, before and after it where that differs."""
        Connection.execute = self.around(Connection.execute)  # type: ignore[method-assign]
        Connection.commit = self.around(Connection.commit)  # type: ignore[method-assign]
        Database.run_here = self.around(Database.run_here)  # type: ignore[method-assign]
        spool.Spool.add = self.around(spool.Spool.add)  # type: ignore[method-assign]
        spool.Spool._sync_folder = self.around(spool.Spool._sync_folder)  # type: ignore[method-assign]
        spool._write = self.around(spool._write)
        os.fsync = self.around(os.fsync)


class Echo:
    """Does with a message what Rasa does: gets the tracker, adds events, speaks, saves."""

    def __init__(self, store: ConversationTrackerStore) -> None:
        self._store = store

    async def __call__(self, message: UserMessage) -> None:
        """Answers "You said: …" and remembers the text in a slot."""
        tracker = await self._store.get_or_create_tracker(message.sender_id, append_action_listen=False)
        text = str(message.text)
        tracker.update(UserUttered(text), self._store.domain)
        tracker.update(SlotSet("latest", text), self._store.domain)
        tracker.update(ActionExecuted("utter_echo"), self._store.domain)
        await message.output_channel.send_response(message.sender_id, {"custom": plain_reply(echo(text))})
        tracker.update(BotUttered(echo(text)), self._store.domain)
        tracker.update(ActionExecuted("action_listen"), self._store.domain)
        await self._store.save(tracker)


class NoFront:
    """A front without buttons and red flags."""

    def info(self) -> dict:
        return {}

    def welcome(self) -> list[dict]:
        return []

    def error_fields(self) -> dict:
        return {}

    def button(self, button_id: str) -> Button | None:
        return None

    def scan(self, text: str) -> list[dict]:
        return []

    def error_reply(self) -> dict:
        return plain_reply("Something went wrong.")


def echo(text: str) -> str:
    """Returns the answer to a text."""
    return f"You said: {text}"


def start(folder: Path, steps: int, others: list[socket.socket]) -> tuple[int, socket.socket]:
    """Forks a worker; returns its process id and the socket to it.

    Args:
        folder: the state folder.
        steps: at which step it ends itself, 0 for never.
        others: sockets of other workers, which it does not need.
    """
    ours, theirs = socket.socketpair()
    process = os.fork()
    if process:
        theirs.close()
        return process, ours
    try:
        ours.close()
        for other in others:
            other.close()
        output = os.open(folder / OUTPUT, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        for stream in (1, 2):
            os.dup2(output, stream)
        asyncio.run(_serve(folder, theirs, Steps(steps)))
    except BaseException as error:
        print(f"worker.fail {error!r}", file=sys.stderr, flush=True)
    finally:
        os._exit(1)


async def _serve(folder: Path, connection: socket.socket, steps: Steps) -> None:
    store = ConversationTrackerStore(
        Domain.from_yaml(DOMAIN), database=str(folder / DATABASE), now=_fast_time
    )
    _allow_outages(folder)
    steps.install()
    delivery = Delivery(folder / "delivery")
    delivery.open()
    locks = ConversationLockStore(folder / "locks")
    # the kills are no message's fault, and the same one may be hit again and again
    turns = Turns(
        Echo(store), NoFront(), store.log, locks, delivery, ABANDON_SECONDS, most_attempts=sys.maxsize
    )
    reader, writer = await asyncio.open_connection(sock=connection)
    tasks = {asyncio.create_task(turns.recover(0.0)), asyncio.create_task(_merge(store))}

    async def answer(request: dict[str, str]) -> None:
        steps()
        reply = {"id": request["id"], **await _take(turns, request)}
        steps()
        writer.write(json.dumps(reply).encode() + b"\n")
        steps()

    while line := await reader.readline():
        task = asyncio.create_task(answer(json.loads(line)))
        tasks.add(task)
        task.add_done_callback(tasks.discard)


async def _take(turns: Turns, request: dict[str, str]) -> dict[str, Any]:
    session = Session(request["conversation"], {}, 0.0)
    try:
        answer = await turns.take(session, ChatMessage(request["id"], request["text"]))
        return {"messages": answer if isinstance(answer, list) else await asyncio.shield(answer)}
    except (TurnFailed, StorageFailed) as error:
        return {"error": repr(error)}


async def _merge(store: ConversationTrackerStore) -> None:
    while True:
        await asyncio.sleep(MERGE_SECONDS)
        with suppress(DatabaseDown):
            await store.log.merge()


def _fast_time() -> float:
    """Returns seconds of a clock that runs a hundred times too fast, as the conversations here do.

    Numbers told in an outage rest on a conversation having less than one message a second.
    """
    return time.time() * 100


def _allow_outages(folder: Path) -> None:
    """Lets the kept database be down while the file `down` is there."""
    run = Database.run_here

    def run_here(self: Database, work: Callable[[Any], Any]) -> Any:
        if self.file.name == DATABASE and (folder / DOWN).exists():
            raise DatabaseDown("as asked for")
        return run(self, work)

    Database.run_here = run_here  # type: ignore[method-assign]
