"""The one way to read and write conversations."""

import time
from collections.abc import Callable
from typing import Any

from assistant.storage.bridge import Bridge
from assistant.storage.change_operation import Choose, Erase, Rate
from assistant.storage.connection import Connection
from assistant.storage.database import Database, DatabaseDown
from assistant.storage.inbound_operation import Begin, Receive
from assistant.storage.operation import ANSWERED, ERASED, FAILED
from assistant.storage.said import Said, Written, numbered, seconds_of
from assistant.storage.spool import Spool
from assistant.storage.spooled import answer_in, events_in, messages_of, waiting_in
from assistant.storage.storage_error import ConversationErased
from assistant.storage.stored import (
    BeforeTurn,
    Stored,
    Waiting,
    find_answer,
    find_before_turn,
    find_last_event,
    find_messages,
    find_tracker,
)
from assistant.storage.turn_operation import Commit, Start
from assistant.storage.turn_record import TurnRecord

IDLE_SECONDS = 30 * 60
ERASED_SECONDS = 24 * 3600

_ANY_WAITING = "SELECT DISTINCT conversation_id FROM inbound WHERE state = 'waiting' AND received < :before"
_IDLE = "SELECT id FROM conversation WHERE used < :before"
_OLD_MARKS = tuple(f"DELETE FROM {table} WHERE time < :before" for table in ("erased", "merged"))
_IDS = "SELECT id FROM conversation"


class ConversationLog:
    """Reads and writes conversations, in memory or on the disk (`Bridge`).

    What can be written nowhere raises StorageFailed.

    Args:
        kept: the database file.
        passing: the database in memory that the workers share.
        spool: files for an outage.
        now: seconds since 1970.
    """

    def __init__(
        self, kept: Database, passing: Database, spool: Spool, now: Callable[[], float] = time.time
    ) -> None:
        """See class."""
        self._bridge = Bridge(kept, passing, spool, now)
        self._now = now

    async def start(
        self, conversation_id: str, choices: dict[str, Any], replies: list[dict[str, Any]]
    ) -> list[dict[str, Any]]:
        """Begins a conversation and returns the numbered messages that open it."""
        written = await self._bridge.write(Start(conversation_id, self._now(), choices, replies))
        return list(written.messages)

    async def receive(self, conversation_id: str, message_id: str, payload: dict[str, Any]) -> str:
        """Writes that a message has come, before anything is done with it.

        Returns the state it had before: "" for a new one, else `waiting`, `answered` or `failed`,
        of which the last is waiting again. Raises ConversationErased.
        """
        state = await self._bridge.write(Receive(conversation_id, self._now(), message_id, payload))
        if state == "erased":
            raise ConversationErased
        return str(state)

    async def begin(self, conversation_id: str, message_id: str) -> int:
        """Writes that the turn of a message is begun once more; returns how often it was, this time included.

        The one that receives a message begins its turn without saying so. A message whose turn
        ends its process each time is known by this number.
        """
        return int(await self._bridge.write(Begin(conversation_id, self._now(), message_id)))

    async def waiting(self, conversation_id: str) -> list[Waiting]:
        """Returns the messages without an answer, in the order in which they came."""
        return (await self.before_turn(conversation_id)).waiting

    async def before_turn(self, conversation_id: str) -> BeforeTurn:
        """Returns what a turn needs to know first, in one query."""
        try:
            found: BeforeTurn = await self._bridge.look(
                conversation_id, lambda connection: find_before_turn(connection, conversation_id)
            )
            return found
        except DatabaseDown:
            return BeforeTurn(waiting_in(self._bridge.held(conversation_id)), None)

    async def conversations_waiting(self, seconds: float) -> list[str]:
        """Returns the kept conversations with a message that has waited for at least this long."""
        await self.merge()

        def find(connection: Connection) -> list[str]:
            rows = connection.execute(_ANY_WAITING, {"before": self._now() - seconds}).all()
            return [row.conversation_id for row in rows]

        try:
            return await self._bridge.kept.run(find)
        except DatabaseDown as down:
            self._bridge.note(down)
            return []

    async def commit(
        self,
        record: TurnRecord,
        events: list[dict[str, Any]],
        snapshot: list[dict[str, Any]] | None = None,
        snapshot_behind: int = 0,
        state: str = ANSWERED,
    ) -> Written | None:
        """Writes a turn: its events, the message, the replies, the row of the outbox.

        Sets the record's messages. Returns None when the message was answered before, by another
        process; the record then holds that answer.
        """
        said = [Said("user", record.message_id, record.asked, record.received)] if record.asked else []
        said += [Said("assistant", record.message_id, reply, self._now()) for reply in record.replies]
        commit = Commit(
            record.conversation_id,
            self._now(),
            record.message_id,
            state,
            events,
            [dict(vars(one)) for one in said],
            snapshot,
            snapshot_behind,
        )
        written: Written | None = await self._bridge.write(commit)
        if written is None:
            record.messages = await self.answer(record.conversation_id, record.message_id) or []
        else:
            record.messages = [one for one in written.messages if one["role"] != "user"]
        return written

    async def fail(self, record: TurnRecord) -> None:
        """Writes that a turn failed, so that staff can see it; the same message may come again."""
        await self.commit(record, [], state=FAILED)

    async def append(self, conversation_id: str, events: list[dict[str, Any]]) -> Written | None:
        """Writes events outside of a turn."""
        written: Written | None = await self._bridge.write(
            Commit(conversation_id, self._now(), "", ANSWERED, events, [])
        )
        return written

    async def say(
        self, conversation_id: str, message_id: str, replies: list[dict[str, Any]]
    ) -> list[dict[str, Any]]:
        """Writes replies outside of a turn and returns them numbered; `message_id` is what they answer.

        Replies to an erased conversation are not written, and all have the number 0.
        """
        said = [dict(vars(Said("assistant", message_id, reply, self._now()))) for reply in replies]
        written: Written | None = await self._bridge.write(
            Commit(conversation_id, self._now(), "", ANSWERED, [], said)
        )
        if written is None:
            return [numbered(Said(**one), 0) for one in said]
        return list(written.messages)

    async def answer(self, conversation_id: str, message_id: str) -> list[dict[str, Any]] | None:
        """Returns the messages that answer this one, None while there is no answer."""
        try:
            found: list[dict[str, Any]] | None = await self._bridge.look(
                conversation_id, lambda connection: find_answer(connection, conversation_id, message_id)
            )
            return found
        except DatabaseDown:
            return answer_in(self._bridge.held(conversation_id), message_id)

    async def messages(self, conversation_id: str, after: int = 0, most: int = 500) -> list[dict[str, Any]]:
        """Returns the messages with a number above `after`, at most `most` of them."""
        try:
            found: list[dict[str, Any]] = await self._bridge.read(
                conversation_id, lambda connection: find_messages(connection, conversation_id, after, most)
            )
            return found
        except DatabaseDown:
            told = [message for one in self._bridge.held(conversation_id) for message in messages_of(one)]
            return [message for message in told if message["seq"] > after][:most]

    async def rate(self, conversation_id: str, seq: int, helpful: bool, comment: str) -> bool:
        """Writes a rating; returns whether there is such a message to rate.

        Raises StorageFailed where that cannot be known, in an outage.
        """
        return bool(await self._bridge.write(Rate(conversation_id, self._now(), seq, helpful, comment)))

    async def choose(self, conversation_id: str, choices: dict[str, Any]) -> None:
        """Writes what the visitor agrees to from now on."""
        await self._bridge.write(Choose(conversation_id, self._now(), choices))

    async def erase(self, conversation_id: str) -> None:
        """Takes away everything of the conversation; later writes to it raise ConversationErased."""
        await self._bridge.write(Erase(conversation_id, self._now()))
        self._bridge.known.forget(conversation_id)
        if self.is_kept(conversation_id):
            self._bridge.spool.forget(conversation_id)
        await (self._bridge.kept if self.is_kept(conversation_id) else self._bridge.passing).wipe()

    async def copy(self, old_id: str, new_id: str, choices: dict[str, Any]) -> None:
        """Writes what was said and remembered in one conversation as the beginning of another."""
        stored = await self.load(old_id, whole=True)
        messages: list[dict[str, Any]] = []
        while more := await self.messages(old_id, after=messages[-1]["seq"] if messages else 0):
            messages += more
        await self._bridge.write(Start(new_id, self._now(), choices, []))
        said = [dict(vars(_said_before(one))) for one in messages]
        if said or stored.events:
            await self._bridge.write(Commit(new_id, self._now(), "", ANSWERED, stored.events, said))

    async def is_erased(self, conversation_id: str) -> bool:
        """Returns whether the conversation was erased; raises DatabaseDown."""

        def find(connection: Connection) -> bool:
            return connection.execute(ERASED, {"id": conversation_id}).first() is not None

        return bool(await self._bridge.look(conversation_id, find))

    async def last_event(self, conversation_id: str) -> int:
        """Returns the newest event's number, 0 for a new conversation; raises DatabaseDown."""
        found = await self._bridge.look(
            conversation_id, lambda connection: find_last_event(connection, conversation_id)
        )
        return int(found)

    async def load(self, conversation_id: str, whole: bool = False) -> Stored:
        """Returns what the tracker is made from, all events if `whole`."""
        try:
            found: Stored = await self._bridge.read(
                conversation_id,
                lambda connection: find_tracker(connection, conversation_id, whole, self._now()),
            )
            return found
        except DatabaseDown:
            events = events_in(self._bridge.held(conversation_id))
            known = self._bridge.known.get(conversation_id)
            return Stored([], events, known.last_event if known else len(events))

    async def ids(self) -> list[str]:
        """Returns the ids of all conversations."""

        def find(connection: Connection) -> list[str]:
            return [row.id for row in connection.execute(_IDS)]

        return [*await self._bridge.kept.run(find), *await self._bridge.passing.run(find)]

    async def merge(self) -> int:
        """Applies what waits in the spool; returns how many conversations were merged."""
        return await self._bridge.merge()

    async def forget_idle(self) -> None:
        """Takes away the conversations that are not kept and were not used for 30 minutes."""
        before = self._now() - IDLE_SECONDS

        def forget(connection: Connection) -> list[str]:
            idle = [row.id for row in connection.execute(_IDLE, {"before": before})]
            for one in idle:
                Erase(one, self._now()).apply(connection)
            for statement in _OLD_MARKS:
                connection.execute(statement, {"before": self._now() - ERASED_SECONDS})
            connection.execute("DELETE FROM outbox")
            return idle

        for one in await self._bridge.passing.run(forget):
            self._bridge.known.forget(one)
        # also what an earlier call could not take out of a journal in use
        await self._bridge.passing.wipe()
        await self._bridge.kept.wipe()

    def close(self) -> None:
        """Closes the databases; call it when nothing runs any more."""
        self._bridge.kept.close()
        self._bridge.passing.close()

    def is_kept(self, conversation_id: str) -> bool:
        """Returns whether the conversation may be written to a file."""
        return self._bridge.is_kept(conversation_id)


def _said_before(message: dict[str, Any]) -> Said:
    body = {key: value for key, value in message.items() if key not in ("seq", "role", "time")}
    return Said(message["role"], str(message.get("id", "")), body, seconds_of(message["time"]))
