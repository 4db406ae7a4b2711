"""Rasa's tracker store: what comes back, from memory and from the disk."""

import stat

from rasa.shared.core.domain import Domain
from rasa.shared.core.events import SlotSet

from assistant.storage.conversation_log import IDLE_SECONDS
from assistant.storage.passing import passing_folder
from assistant.storage.turn_record import RUNNING, TurnRecord
from tests.storage.conftest import KEPT, PASSING, asked, texts, turn, turn_events

SECRET = "my knee is bright orange"


async def test_kept_conversation_survives_a_restart(store, another) -> None:
    """A second store on the same file returns what the first one saved."""
    await turn(store, KEPT, "m1", "hello")

    assert asked(await another().retrieve(KEPT)) == ["hello"]


async def test_passing_conversation_goes_on_in_another_worker(store, another) -> None:
    """The workers share the conversations that are not kept."""
    await turn(store, PASSING, "m1", "one")
    await turn(another(), PASSING, "m2", "two")

    assert asked(await store.retrieve(PASSING)) == ["one", "two"]


async def test_turns_of_two_workers_make_one_conversation(store, another) -> None:
    """A live tracker is not used when another worker has written since."""
    other = another()
    for number in range(6):
        await turn([store, other][number % 2], KEPT, f"m{number}", str(number))

    assert asked(await store.retrieve(KEPT)) == [str(number) for number in range(6)]
    assert texts(await store.log.messages(KEPT))[::2] == [str(number) for number in range(6)]


async def test_turn_that_was_not_saved_leaves_nothing(store) -> None:
    """What a failed turn did to its tracker is gone at the next one."""
    await turn(store, KEPT, "m1", "one")
    tracker = await store.retrieve(KEPT)
    tracker.update_with_events(turn_events("lost"), Domain.empty())

    await turn(store, KEPT, "m2", "two")

    assert asked(await store.retrieve(KEPT)) == ["one", "two"]


async def test_tracker_saved_twice_is_written_once(store, another) -> None:
    """Saving without new events writes nothing, and later events follow on."""
    tracker = await store.get_or_create_tracker(KEPT)
    tracker.update_with_events(turn_events("one"), Domain.empty())
    await store.save(tracker)
    tracker = await store.retrieve(KEPT)
    await store.save(tracker)
    tracker.update_with_events(turn_events("two"), Domain.empty())
    await store.save(tracker)

    assert asked(await another().retrieve(KEPT)) == ["one", "two"]


async def test_new_tracker_is_no_answer(store) -> None:
    """What Rasa saves when it makes a tracker within a turn does not count as the turn."""
    await store.log.receive(KEPT, "m1", {"text": "one"})
    record = TurnRecord(KEPT, "m1", 1.0, {"text": "one", "id": "m1"})
    token = RUNNING.set(record)
    await store.get_or_create_tracker(KEPT, append_action_listen=True)
    RUNNING.reset(token)

    assert record.messages is None
    assert [one.message_id for one in await store.log.waiting(KEPT)] == ["m1"]


async def test_events_outside_of_a_turn_are_stored(store, another) -> None:
    """A slot that staff sets is in the tracker of the next turn."""
    await turn(store, KEPT, "m1", "one")
    tracker = await store.retrieve(KEPT)
    tracker.update(SlotSet("name", "Kim"))
    await store.save(tracker)

    events = (await another().retrieve(KEPT)).events

    assert [event.value for event in events if isinstance(event, SlotSet) and event.key == "name"] == ["Kim"]


async def test_full_tracker_has_all_events(store) -> None:
    """The window shortens what Rasa gets, never what is stored."""
    for number in range(40):
        await turn(store, KEPT, f"m{number}", str(number))

    assert len(asked(await store.retrieve(KEPT))) < 20
    assert asked(await store.retrieve_full_tracker(KEPT)) == [str(number) for number in range(40)]


async def test_unknown_conversation_has_no_tracker(store) -> None:
    """Nothing is made up for an id that never spoke."""
    assert await store.retrieve(KEPT) is None
    assert await store.retrieve_full_tracker(KEPT) is None


async def test_keys_are_all_conversations(store) -> None:
    """Kept and passing conversations are both named."""
    await turn(store, KEPT, "m1", "one")
    await turn(store, PASSING, "m1", "one")

    assert sorted(await store.keys()) == [PASSING, KEPT]


async def test_idle_passing_conversation_is_forgotten(store, clock) -> None:
    """After 30 idle minutes nothing of it is left, in files or in the process."""
    await turn(store, PASSING, "m1", SECRET)
    await turn(store, KEPT, "m1", "kept")
    clock.now += IDLE_SECONDS + 1
    await turn(store, "e-2", "m1", "two")

    await store.forget_idle()

    assert SECRET not in str([live.tracker.current_state() for live in store._live.values()])
    assert await store.retrieve(PASSING) is None
    assert await store.retrieve("e-2") is not None and await store.retrieve(KEPT) is not None


async def test_files_are_readable_by_their_owner_only(store, state, database) -> None:
    """Databases and journals have mode 0600, their folders 0700."""
    await turn(store, KEPT, "m1", "one")
    await turn(store, PASSING, "m1", "one")
    files = [*state.rglob("*"), *passing_folder(state).rglob("*"), state, passing_folder(state)]

    modes = {(file.is_dir(), stat.S_IMODE(file.stat().st_mode)) for file in files}

    assert modes == {(True, 0o700), (False, 0o600)}
