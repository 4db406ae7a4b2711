"""Damage in the database stays where it is."""

import pytest
from rasa.shared.core.domain import Domain
from structlog.testing import capture_logs

from assistant.storage.tracker_store import ConversationTrackerStore
from tests.storage.conftest import KEPT, asked, change, rows, texts, turn

SECRET = "my knee is bright orange"
BAD_EVENTS = {
    "not JSON": '{"event": "user", "text": "' + SECRET,
    "no object": f'["{SECRET}"]',
    "unknown type": '{"event": "riddle", "timestamp": 1.0}',
    "no type": '{"timestamp": 1.0}',
    "incomplete": '{"event": "action", "timestamp": 1.0}',
    "wrong kind of part": f'{{"event": "user", "text": "x", "parse_data": "{SECRET}", "timestamp": 1.0}}',
    "nested too deep": "[" * 100_000,
    "empty": "",
}
SLOTS = Domain.from_yaml("version: '3.1'\nslots:\n  topic:\n    type: any\n    mappings: [{type: custom}]\n")


@pytest.mark.parametrize("data", BAD_EVENTS.values(), ids=BAD_EVENTS.keys())
async def test_bad_event_is_put_aside(store, database, another, data) -> None:
    """An event that cannot be read is left out, logged without its text and kept in bad_row."""
    for number in range(2):
        await turn(store, KEPT, f"m{number}", str(number))
    change(database, "UPDATE event SET data = ? WHERE number = 2", data)

    with capture_logs() as logs:
        tracker = await another().retrieve(KEPT)

    assert asked(tracker) == ["0", "1"] and len(tracker.events) == 7
    assert [entry["number"] for entry in logs if entry["event"] == "storage.event.bad"] == [2]
    assert SECRET not in str(logs)
    assert rows(database, "SELECT number, data FROM bad_row") == [(2, data)]


async def test_conversation_goes_on_after_a_bad_event(store, another, database) -> None:
    """The next turn is numbered after the last one, and the bad event is reported once."""
    await turn(store, KEPT, "m0", "0")
    change(database, "UPDATE event SET data = 'x' WHERE number = 4")

    other = another()
    await turn(other, KEPT, "m1", "1")
    with capture_logs() as logs:
        tracker = await another().retrieve(KEPT)

    assert asked(tracker) == ["0", "1"] and logs == []
    assert rows(database, "SELECT max(number), count(*) FROM event") == [(8, 7)]


async def test_damaged_character_is_no_outage(store, another, database, state) -> None:
    """Bytes that are no UTF-8 spoil their row at most."""
    await turn(store, KEPT, "m0", "0")
    change(database, "UPDATE event SET data = CAST(x'7b22ff' AS TEXT) WHERE number = 2")

    tracker = await another().retrieve(KEPT)

    assert asked(tracker) == ["0"]
    assert list((state / "spool").iterdir()) == []


@pytest.mark.parametrize(
    "snapshot", ["{", "{}", "5", '[{"event": "riddle"}]', "[1]", '[{"event": "action"}]']
)
async def test_bad_snapshot_costs_no_memory(database, store, snapshot) -> None:
    """Without its snapshot the tracker is made from all events; the snapshot is put aside."""
    store.domain = SLOTS
    await turn(store, KEPT, "m0", "0")
    for number in range(1, 30):
        await turn(store, KEPT, f"m{number}", str(number))
    change(database, "UPDATE conversation SET snapshot = ?", snapshot)

    other = ConversationTrackerStore(SLOTS, database=str(database))
    with capture_logs() as logs:
        tracker = await other.retrieve(KEPT)
    other.log.close()

    assert asked(tracker) == [str(number) for number in range(30)]
    assert [entry["event"] for entry in logs] == ["storage.snapshot.bad"]
    assert rows(database, "SELECT number, problem, data FROM bad_row") == [(0, "snapshot", snapshot)]
    assert rows(database, "SELECT snapshot FROM conversation") == [("[]",)]


async def test_bad_message_is_left_out(store, database) -> None:
    """History and answers come without the message that cannot be read."""
    await turn(store, KEPT, "m0", "0")
    await turn(store, KEPT, "m1", "1")
    change(database, "UPDATE message SET body = '{' WHERE seq IN (2, 3)")

    assert texts(await store.log.messages(KEPT)) == ["0", "You said: 1"]
    assert await store.log.answer(KEPT, "m0") is None


@pytest.mark.parametrize("payload", ["{", "[]", ""])
async def test_bad_waiting_message_stops_nobody(store, database, payload) -> None:
    """A waiting message that cannot be read counts as failed; those behind it have their turn."""
    await store.log.receive(KEPT, "m0", {"text": "0"})
    await store.log.receive(KEPT, "m1", {"text": "1"})
    change(database, "UPDATE inbound SET payload = ? WHERE message_id = 'm0'", payload)

    assert [one.message_id for one in await store.log.waiting(KEPT)] == ["m1"]
    assert await store.log.receive(KEPT, "m0", {"text": "0"}) == "failed"
