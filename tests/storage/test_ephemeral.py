"""The text of a conversation that is not kept is in no file of the state folder, byte by byte."""

import logging

import pytest

from assistant.storage.conversation_log import IDLE_SECONDS
from assistant.storage.passing import forget_passing, passing_folder
from tests.storage.conftest import KEPT, PASSING, bytes_in, turn
from tests.storage.test_outage import OUTAGES, Outage

SECRET = "my knee is bright orange"


@pytest.fixture(autouse=True)
def _log_in_a_file(state):
    """Whatever is logged, at any level, is in the state folder too."""
    state.mkdir()
    handler = logging.FileHandler(state / "server.log")
    root, level = logging.getLogger(), logging.getLogger().level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield
    root.removeHandler(handler)
    root.setLevel(level)
    handler.close()


def _is_written(state) -> bool:
    found = bytes_in(state)
    return any(text.encode(code) in found for text in (SECRET, PASSING) for code in ("utf-8", "utf-16-le"))


async def _talk(store) -> None:
    """An ephemeral chat of some length between two turns of a kept one."""
    await turn(store, KEPT, "m0", "hello there")
    await store.log.start(PASSING, {}, [{"text": "welcome"}])
    for number in range(30):
        await turn(store, PASSING, f"m{number}", f"{SECRET} {number}")
    await store.log.rate(PASSING, 3, False, SECRET)
    await turn(store, KEPT, "m1", "hello again")


async def test_text_is_in_no_file_after_turns(store, state) -> None:
    """Database, journals, spool and logs hold the kept chat and nothing of the other."""
    await _talk(store)

    assert b"hello again" in bytes_in(state) and SECRET.encode() in bytes_in(passing_folder(state))
    assert not _is_written(state)


@pytest.mark.parametrize("outage", OUTAGES)
async def test_text_is_in_no_file_in_an_outage(store, state, database, outage: Outage) -> None:
    """An outage does not make files of it either."""
    with outage(database):
        await _talk(store)
        assert b"hello again" in bytes_in(state / "spool")
        assert not _is_written(state)


async def test_unknown_kind_of_id_is_not_written(store, state) -> None:
    """Only an id that stands for consent leads to a file."""
    await turn(store, "other", "m0", SECRET)

    assert not _is_written(state)


async def test_erased_text_is_gone_from_memory_too(store, state) -> None:
    """After erasing no byte of the text is in any file, the shared memory's journal among them."""
    await _talk(store)

    await store.log.erase(PASSING)

    assert SECRET.encode() not in bytes_in(passing_folder(state))
    assert not _is_written(state)


async def test_idle_text_is_gone_from_memory_too(store, state, clock) -> None:
    """The same holds after 30 idle minutes."""
    await _talk(store)
    clock.now += IDLE_SECONDS + 1

    await store.forget_idle()

    assert SECRET.encode() not in bytes_in(passing_folder(state))
    assert not _is_written(state)


async def test_erased_while_another_worker_uses_the_memory(store, state, another) -> None:
    """The other worker's open journal does not keep the text."""
    other = another()
    await _talk(store)
    await turn(other, "e-2", "m0", "someone else")

    await store.log.erase(PASSING)

    assert SECRET.encode() not in bytes_in(passing_folder(state))
    assert await other.retrieve("e-2") is not None


async def test_start_and_stop_forget_all(store, state) -> None:
    """The server removes the memory's folder before its first worker and after its last."""
    await _talk(store)

    forget_passing(state)

    assert not passing_folder(state).exists()
