"""Listeners are woken, in this worker and in others."""

import asyncio
import os
from multiprocessing.connection import Connection
from pathlib import Path

from assistant.storage.delivery import Delivery
from tests.storage.conftest import SPAWN

PATIENCE_SECONDS = 20


def _listen(folder: Path, pipe: Connection) -> None:
    asyncio.run(_until_told(folder, pipe))


async def _until_told(folder: Path, pipe: Connection) -> None:
    delivery = Delivery(folder)
    delivery.open()
    one, other = delivery.listen("k-1"), delivery.listen("k-2")
    pipe.send("ready")
    await asyncio.wait_for(one.wait(), PATIENCE_SECONDS)
    delivery.tell("k-3")
    pipe.send((one.is_set(), other.is_set()))
    await asyncio.to_thread(pipe.recv)
    delivery.close()


async def test_word_reaches_the_other_process_and_comes_back(tmp_path) -> None:
    """A listener of that conversation is woken over processes, another one is not; both ways."""
    ours, theirs = SPAWN.Pipe()
    process = SPAWN.Process(target=_listen, args=(tmp_path, theirs), daemon=True)
    process.start()
    delivery = Delivery(tmp_path)
    delivery.open()
    back = delivery.listen("k-3")
    assert await asyncio.to_thread(ours.poll, PATIENCE_SECONDS) and ours.recv() == "ready"

    delivery.tell("k-1")
    assert await asyncio.to_thread(ours.poll, PATIENCE_SECONDS)
    woken = ours.recv()
    await asyncio.wait_for(back.wait(), PATIENCE_SECONDS)
    ours.send("end")
    await asyncio.to_thread(process.join, PATIENCE_SECONDS)
    delivery.close()

    assert woken == (True, False)
    assert list(tmp_path.glob("*.sock")) == []


async def test_killed_worker_is_no_obstacle(tmp_path) -> None:
    """The socket of a process that was killed is removed by the next word; who lives is woken."""
    ours, theirs = SPAWN.Pipe()
    process = SPAWN.Process(target=_listen, args=(tmp_path, theirs), daemon=True)
    process.start()
    assert await asyncio.to_thread(ours.poll, PATIENCE_SECONDS)
    process.kill()
    process.join()
    delivery = Delivery(tmp_path)
    delivery.open()
    listener = delivery.listen("k-1")

    delivery.tell("k-1")
    left = [file.name for file in tmp_path.glob("*.sock")]
    delivery.close()

    assert listener.is_set() and left == [f"{os.getpid()}.sock"]


async def test_single_worker_needs_no_folder() -> None:
    """Alone, a listener is woken without sockets; one that has left is not."""
    delivery = Delivery(None)
    delivery.open()
    stays, leaves = delivery.listen("k-1"), delivery.listen("k-1")
    delivery.leave("k-1", leaves)

    delivery.tell("k-1")
    delivery.close()

    assert (stays.is_set(), leaves.is_set()) == (True, False)


async def test_closing_wakes_everybody() -> None:
    """Who waits at the end looks again and finds that the server stops."""
    delivery = Delivery(None)
    listener = delivery.listen("k-1")

    delivery.close()

    assert listener.is_set()
