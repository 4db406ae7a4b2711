"""Where conversations are kept."""

import stat
from pathlib import Path

import pytest
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, UserUttered

from assistant.storage.tracker_store import IDLE_SECONDS, ConversationTrackerStore

SECRET = "my knee is bright orange"


class Clock:
    """Seconds that a test moves by hand."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(tmp_path: Path, clock: Clock) -> ConversationTrackerStore:
    return ConversationTrackerStore(Domain.empty(), database=str(tmp_path / "state" / "c.db"), clock=clock)


async def _say(store: ConversationTrackerStore, sender_id: str, text: str) -> None:
    tracker = await store.get_or_create_tracker(sender_id)
    tracker.update(UserUttered(text))
    tracker.update(ActionExecuted("action_listen"))
    await store.save(tracker)


def _texts(tracker) -> list[str]:
    return [event.text for event in tracker.events if isinstance(event, UserUttered)]


async def test_kept_conversation_survives_a_restart(store, tmp_path) -> None:
    """A second store on the same file returns what the first one saved."""
    await _say(store, "k-1", "hello")

    again = ConversationTrackerStore(Domain.empty(), database=str(tmp_path / "state" / "c.db"))

    assert _texts(await again.retrieve("k-1")) == ["hello"]


async def test_ephemeral_conversation_goes_on_within_the_process(store) -> None:
    """Two turns of an ephemeral conversation are both remembered."""
    await _say(store, "e-1", "one")
    await _say(store, "e-1", "two")

    assert _texts(await store.retrieve("e-1")) == ["one", "two"]


async def test_ephemeral_text_is_in_no_file(store, tmp_path) -> None:
    """No byte of an ephemeral message reaches the state folder."""
    await _say(store, "e-1", SECRET)
    await _say(store, "k-1", "hello")

    written = b"".join(file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())

    assert b"hello" in written
    assert SECRET.encode() not in written and b"e-1" not in written


async def test_id_without_a_known_prefix_is_not_written(store, tmp_path) -> None:
    """Only an explicit consent leads to the database."""
    await _say(store, "other", SECRET)

    written = b"".join(file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())

    assert SECRET.encode() not in written


async def test_idle_ephemeral_conversation_is_forgotten(store, clock) -> None:
    """After 30 idle minutes nothing of it can be retrieved."""
    await _say(store, "e-1", "one")
    clock.now += IDLE_SECONDS - 60
    await _say(store, "e-2", "two")
    clock.now += 90

    assert await store.retrieve("e-1") is None
    assert await store.retrieve("e-2") is not None


async def test_idle_text_leaves_memory_without_another_visitor(store, clock) -> None:
    """Forgetting does not wait for the next conversation."""
    await _say(store, "e-1", SECRET)
    clock.now += IDLE_SECONDS + 1

    store.forget_idle()

    assert SECRET not in str(vars(store))


async def test_database_is_readable_by_its_owner_only(store, tmp_path) -> None:
    """The file is made with mode 0600."""
    assert stat.S_IMODE((tmp_path / "state" / "c.db").stat().st_mode) == 0o600
