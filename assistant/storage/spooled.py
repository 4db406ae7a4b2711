"""What the operations that wait in the spool tell, while the database cannot be asked."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from assistant.storage.change_operation import Erase
from assistant.storage.connection import Connection
from assistant.storage.inbound_operation import Begin, Receive
from assistant.storage.operation import Operation
from assistant.storage.said import Said, numbered
from assistant.storage.spool import Spooled
from assistant.storage.stored import Waiting
from assistant.storage.turn_operation import Commit, Start

Held = Sequence[Spooled]

_NUMBERS = "SELECT last_event, last_seq FROM conversation WHERE id = :id"
_AT_LEAST = "UPDATE conversation SET last_seq = :seq WHERE id = :id AND last_seq < :seq"


def contents(operation: Operation) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Returns the events and the messages that the operation writes."""
    if isinstance(operation, Commit):
        return operation.events, operation.said
    if isinstance(operation, Start):
        return [], [dict(vars(Said("assistant", "", reply, operation.time))) for reply in operation.replies]
    return [], []


def told(said: list[dict[str, Any]], first_seq: int) -> list[dict[str, Any]]:
    """Returns the messages with the numbers from `first_seq` on."""
    return [numbered(Said(**one), seq) for seq, one in enumerate(said, first_seq)]


def messages_of(one: Spooled) -> list[dict[str, Any]]:
    """Returns the messages that an operation writes, numbered as they were told."""
    return told(contents(one.operation)[1], one.first_seq)


def waiting_in(held: Held) -> list[Waiting]:
    """Returns the messages without an answer, in their order."""
    operations = [one.operation for one in held]
    done = {one.message_id for one in operations if isinstance(one, Commit)}
    came = [one for one in operations if isinstance(one, Receive)]
    return [Waiting(one.message_id, one.time, one.payload) for one in came if one.message_id not in done]


def answer_in(held: Held, message_id: str) -> list[dict[str, Any]] | None:
    """Returns the messages that answer this one, None while there is no answer."""
    for one in held:
        if not isinstance(one.operation, Commit):
            continue
        pairs = zip(one.operation.said, messages_of(one), strict=True)
        answer = [
            message for said, message in pairs if said["message_id"] == message_id and said["role"] != "user"
        ]
        if answer:
            return answer
    return None


def events_in(held: Held) -> list[dict[str, Any]]:
    """Returns the events in their order."""
    return [event for one in held if isinstance(one.operation, Commit) for event in one.operation.events]


def attempts_in(held: Held, message_id: str) -> int:
    """Returns how often the turn of a message was begun, as far as is told here."""
    mine = [one.operation for one in held if isinstance(one.operation, Begin)]
    return 1 + sum(one.message_id == message_id for one in mine)


def state_in(earlier: Held, operation: Receive) -> str:
    """Returns the state that a message had before, as `Receive` does."""
    state = ""
    for one in (spooled.operation for spooled in earlier):
        if isinstance(one, Erase):
            return "erased"
        if isinstance(one, Receive) and one.message_id == operation.message_id:
            state = "waiting"
        elif isinstance(one, Commit) and one.message_id == operation.message_id:
            state = one.state
    return state


def apply_as_told(connection: Connection, spooled: Spooled) -> None:
    """Writes an operation of the spool with the message numbers that clients were told."""
    operation = spooled.operation
    key = {"id": operation.conversation_id}
    if isinstance(operation, Start | Commit):
        head = connection.execute(_NUMBERS, key).first()
        if isinstance(operation, Commit) and spooled.first_event != (head.last_event if head else 0) + 1:
            # made from a tracker that did not know all events
            operation = replace(operation, snapshot=None)
        operation = replace(operation, first_seq=spooled.first_seq)
    if operation.apply(connection) is None and isinstance(operation, Commit):
        # answered before the outage, and again in it: what follows is above what the client has
        connection.execute(_AT_LEAST, {**key, "seq": spooled.first_seq + len(operation.said) - 1})
