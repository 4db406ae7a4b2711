"""Conversations wait their turn, over tasks and over real processes."""

import asyncio
import fcntl
import gc
import itertools
import multiprocessing
import os
import signal
import stat
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pytest
from rasa.core.lock_store import LockStore

from assistant.errors import SettingsError
from assistant.storage.lock_store import ConversationLockStore, slot_of

ONE = "k-one"
OTHER = "k-other"
PATIENCE_SECONDS = 20
SILENCE_SECONDS = 0.2
PROCESSES = 4
VISITS = 25

# A new interpreter: a forked one would share the open files, and with them the locks, of this one.
SPAWN = multiprocessing.get_context("spawn")


class Neighbour:
    """Another process, which tells what it does and waits to be told."""

    def __init__(self, work: Callable[..., Any], *arguments: Any) -> None:
        self._pipe, theirs = SPAWN.Pipe()
        self.process = SPAWN.Process(target=_run, args=(work, theirs, *arguments), daemon=True)
        self.process.start()
        theirs.close()

    def hear(self, word: str) -> None:
        """Waits until it says this word."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while self._pipe.poll(deadline - time.monotonic()):
            if self._pipe.recv() == word:
                return
        pytest.fail(f"the other process never said {word!r}")

    def is_silent(self) -> bool:
        """Returns whether it says nothing for a while."""
        return not self._pipe.poll(SILENCE_SECONDS)

    def go_on(self) -> None:
        """Lets it do its next step."""
        self._pipe.send("go on")

    def kill(self) -> None:
        """Ends it as `kill -9` does."""
        self.process.kill()
        self.process.join(PATIENCE_SECONDS)


def _run(work: Callable[..., Any], pipe: Connection, *arguments: Any) -> None:
    asyncio.run(work(pipe, *arguments))


async def _visit(pipe: Connection, folder: Path, conversation_id: str) -> None:
    """Says "queues" when it has a place or more, "holds" when it has the lock, "left" when it has left."""
    store = ConversationLockStore(folder)

    async def hold() -> None:
        async with store.lock(conversation_id):
            pipe.send("holds")
            await asyncio.to_thread(pipe.recv)

    visit = asyncio.create_task(hold())
    await asyncio.sleep(0)
    pipe.send("queues")
    await visit
    pipe.send("left")


@dataclass(frozen=True)
class Line:
    """A line that the crowd wrote under the lock; times are seconds of the machine's monotonic clock."""

    what: str
    process: int
    visit: int
    ticket: int
    arrived: float
    time: float

    @classmethod
    def read(cls, line: str) -> "Line":
        what, process, visit, ticket, arrived, now = line.split()
        return cls(what, int(process), int(visit), int(ticket), float(arrived), float(now))


async def _crowd(pipe: Connection, folder: Path) -> None:
    """Lets visits of one conversation arrive faster than they are served."""
    store = ConversationLockStore(folder)
    log = os.open(folder / "log", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    async def visit(number: int) -> None:
        await asyncio.sleep(number * 0.003)
        arrived = time.monotonic()
        async with store.lock(ONE) as ticket:
            for what in ("begin", "end"):
                line = f"{what} {os.getpid()} {number} {ticket} {arrived} {time.monotonic()}\n"
                os.write(log, line.encode())
                await asyncio.sleep(0.002 if what == "begin" else 0)

    pipe.send("ready")
    pipe.recv()
    await asyncio.gather(*(visit(number) for number in range(VISITS)))
    pipe.send("done")


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[Line, Line]]:
    """Begin and end of each visit that four processes made at once, as written under the lock."""
    folder = tmp_path_factory.mktemp("crowd")
    neighbours = [Neighbour(_crowd, folder) for _ in range(PROCESSES)]
    for neighbour in neighbours:
        neighbour.hear("ready")
    for neighbour in neighbours:
        neighbour.go_on()
    for neighbour in neighbours:
        neighbour.hear("done")
    lines = [Line.read(line) for line in (folder / "log").read_text(encoding="utf-8").splitlines()]
    return list(zip(lines[::2], lines[1::2], strict=True))


@pytest.fixture
def store(tmp_path: Path) -> ConversationLockStore:
    return ConversationLockStore(tmp_path)


@pytest.fixture
def neighbour(tmp_path: Path) -> Iterator[Callable[..., Neighbour]]:
    """Starts a process that visits a conversation, and returns when it has its place in the queue."""
    started: list[Neighbour] = []

    def start(conversation_id: str = ONE) -> Neighbour:
        started.append(Neighbour(_visit, tmp_path, conversation_id))
        started[-1].hear("queues" if len(started) > 1 else "holds")
        return started[-1]

    yield start
    for each in started:
        each.kill()


def _open_places(folder: Path) -> int:
    """Returns how often this process has the lock file open."""
    files = [Path(f"/proc/self/fd/{fd}") for fd in os.listdir("/proc/self/fd")]
    return sum(file.is_symlink() and file.readlink() == folder / "locks" for file in files)


def _blocked_threads() -> int:
    return sum(thread.name == "queue-lock" for thread in threading.enumerate())


def _join_threads() -> None:
    for thread in threading.enumerate():
        if thread.name == "queue-lock":
            thread.join(PATIENCE_SECONDS)


def _enter(store: ConversationLockStore, entered: list[str], name: str) -> asyncio.Task:
    async def enter() -> None:
        async with store.lock(ONE):
            entered.append(name)

    return asyncio.create_task(enter())


async def test_tasks_enter_in_the_order_of_arrival(store) -> None:
    """In one process who comes first is served first, one at a time."""
    inside: list[int] = []
    served: list[int] = []

    async def visit(number: int) -> None:
        async with store.lock(ONE):
            inside.append(number)
            await asyncio.sleep(0)
            assert inside == [number]
            inside.remove(number)
            served.append(number)

    await asyncio.gather(*(visit(number) for number in range(50)))

    assert served == list(range(50))


def test_crowd_never_overlaps(crowd) -> None:
    """Each begin written under the lock is followed by its own end, over all processes."""
    assert len(crowd) == PROCESSES * VISITS
    assert all((begin.what, end.what) == ("begin", "end") for begin, end in crowd)
    assert all((begin.process, begin.visit) == (end.process, end.visit) for begin, end in crowd)


def test_crowd_is_served_by_number(crowd) -> None:
    """Numbers are served in order, without a gap, whichever process drew them."""
    assert [begin.ticket for begin, _ in crowd] == list(range(1, len(crowd) + 1))


def test_crowd_of_each_process_is_served_by_arrival(crowd) -> None:
    """Within a process the visits are served as they came."""
    for process in {begin.process for begin, _ in crowd}:
        arrivals = [begin.arrived for begin, _ in crowd if begin.process == process]

        assert len(arrivals) == VISITS and arrivals == sorted(arrivals)


def test_crowd_shares_the_turns(crowd) -> None:
    """All processes are served in the first half, and turns pass between them all the time."""
    processes = [begin.process for begin, _ in crowd]
    changes = sum(left != right for left, right in itertools.pairwise(processes))

    assert len(set(processes[: len(processes) // 2])) == PROCESSES
    assert changes > len(processes) // 4


def test_next_in_line_is_woken_at_once(crowd) -> None:
    """Between processes a queued visit begins soon after the one before it has ended."""
    waits = [
        after.time - before.time
        for (_, before), (after, _) in itertools.pairwise(crowd)
        if after.process != before.process and after.arrived < before.time
    ]

    assert len(waits) > 10 and statistics.median(waits) < 0.020


def test_killed_holder_frees_the_queue(neighbour) -> None:
    """When the holder is killed the next in line enters, and only that one."""
    holder, second, third = neighbour(), neighbour(), neighbour()

    holder.kill()
    second.hear("holds")

    assert third.is_silent()
    second.go_on()
    third.hear("holds")


def test_killed_waiter_lets_nobody_overtake(neighbour) -> None:
    """When a middle waiter is killed the one behind it still waits for the holder."""
    holder, second, third = neighbour(), neighbour(), neighbour()

    second.kill()

    assert third.is_silent()
    holder.go_on()
    third.hear("holds")


def test_stopped_holder_keeps_the_lock(neighbour) -> None:
    """A holder that does nothing at all, so could renew nothing, is not overtaken while it lives."""
    holder, second = neighbour(), neighbour()

    os.kill(holder.process.pid, signal.SIGSTOP)

    assert second.is_silent()
    holder.kill()
    second.hear("holds")


async def test_cancelled_waiter_leaves_the_queue(store, tmp_path) -> None:
    """A waiter cancelled in the middle neither enters nor lets the next one overtake the holder."""
    entered: list[str] = []

    async with store.lock(ONE):
        second, third = _enter(store, entered, "second"), _enter(store, entered, "third")
        await asyncio.sleep(0)
        second.cancel()
        await asyncio.wait([second])
        assert entered == [] and not third.done()
    await asyncio.wait_for(third, PATIENCE_SECONDS)

    assert second.cancelled() and entered == ["third"]
    assert _open_places(tmp_path) == 0 and not store.is_someone_waiting(ONE)


async def test_waiter_cancelled_in_the_kernel_is_no_obstacle(store, neighbour, tmp_path) -> None:
    """Those behind a cancelled waiter, here and in another process, enter when the holder has left."""
    holder = neighbour()
    entered: list[str] = []
    second, third = _enter(store, entered, "second"), _enter(store, entered, "third")
    await asyncio.sleep(0.05)
    fourth = neighbour()

    second.cancel()
    await asyncio.wait([second])
    assert entered == [] and not third.done()
    holder.go_on()
    await asyncio.wait_for(third, PATIENCE_SECONDS)

    fourth.hear("holds")
    _join_threads()
    assert entered == ["third"]
    assert _blocked_threads() == 0 and _open_places(tmp_path) == 0


async def test_cancelled_waiter_does_not_hold_up_another_process(store, neighbour) -> None:
    """A process behind a cancelled waiter enters while the canceller goes on with other things."""
    holder = neighbour()
    second = _enter(store, [], "second")
    await asyncio.sleep(0.05)
    third = neighbour()

    second.cancel()
    await asyncio.wait([second])
    holder.go_on()

    third.hear("holds")


async def test_many_waiters_need_one_thread(store, neighbour) -> None:
    """Only the first waiter of a process waits in the kernel, even after many were cancelled."""
    holder = neighbour()
    entered: list[str] = []
    waiters = [_enter(store, entered, str(number)) for number in range(20)]
    await asyncio.sleep(0.05)

    for waiter in waiters[:15]:
        waiter.cancel()
    await asyncio.wait(waiters[:15])

    assert _blocked_threads() == 1
    holder.go_on()
    await asyncio.wait_for(asyncio.gather(*waiters[15:]), PATIENCE_SECONDS)
    assert entered == [str(number) for number in range(15, 20)]


def test_closed_loop_leaves_nothing_behind(store, neighbour, tmp_path) -> None:
    """A waiter whose loop ends is out of the queue; its thread and files go when the holder leaves."""
    holder = neighbour()

    async def wait_in_vain() -> None:
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(store.lock(ONE).__aenter__(), 0.05)

    asyncio.run(wait_in_vain())
    holder.go_on()
    holder.hear("left")

    _join_threads()
    assert _blocked_threads() == 0 and _open_places(tmp_path) == 0
    assert not store.is_someone_waiting(ONE)


def test_dropped_task_frees_the_lock(store) -> None:
    """A holder that is dropped with its closed loop holds nothing, and the next loop can go on."""
    loop = asyncio.new_event_loop()

    async def hold() -> None:
        async with store.lock(ONE):
            await asyncio.Event().wait()

    async def enter() -> None:
        await asyncio.wait_for(_enter(store, [], "next"), PATIENCE_SECONDS)

    task = loop.create_task(hold())
    loop.run_until_complete(asyncio.sleep(0))
    assert store.is_someone_waiting(ONE)

    loop.close()
    del task
    gc.collect()

    assert not store.is_someone_waiting(ONE)
    asyncio.run(enter())


async def test_conversations_do_not_wait_for_each_other(store, neighbour) -> None:
    """While another process holds one conversation, a second one is free."""
    assert slot_of(ONE) != slot_of(OTHER)
    neighbour(ONE)

    async with store.lock(OTHER):
        assert store.is_someone_waiting(ONE)

    assert not store.is_someone_waiting(OTHER)


async def test_failed_turn_frees_the_lock(store) -> None:
    """An error inside leaves through the lock."""
    with pytest.raises(ZeroDivisionError):
        async with store.lock(ONE):
            raise ZeroDivisionError

    assert not store.is_someone_waiting(ONE)


async def test_numbers_go_on_in_a_second_store(store, tmp_path) -> None:
    """Opening the files again does not begin anew with the numbers of those who wait."""
    async with store.lock(ONE) as first:
        pass

    async with ConversationLockStore(tmp_path).lock(ONE) as second:
        assert second == first + 1


async def test_rasa_handles_a_message_under_the_lock(store) -> None:
    """Rasa's agent takes the store as it is and holds the lock during the turn."""
    from rasa.core.agent import Agent
    from rasa.core.channels.channel import UserMessage

    class Processor:
        async def handle_message(self, message: UserMessage) -> bool:
            return store.is_someone_waiting(message.sender_id)

    agent = Agent(lock_store=LockStore.create(store))
    agent.processor = Processor()

    assert await agent.handle_message(UserMessage("hello", sender_id=ONE)) is True
    assert not store.is_someone_waiting(ONE)


def test_cleanup_touches_no_lock(store) -> None:
    """Rasa's clean-up after a turn is harmless."""
    store.cleanup(ONE, 1)

    with pytest.raises(NotImplementedError, match="kernel"):
        store.delete_lock(ONE)


def test_files_are_readable_by_their_owner_only(store, tmp_path) -> None:
    """Both files have mode 0600, and the lock file takes no room."""
    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()}

    assert modes == {"locks": 0o600, "tickets": 0o600}
    assert (tmp_path / "locks").stat().st_size == 0


def test_system_without_such_locks_is_named_at_the_start(tmp_path, monkeypatch) -> None:
    """Where the kernel's queue is missing the store says so instead of not locking."""
    monkeypatch.delattr(fcntl, "F_OFD_SETLK")

    with pytest.raises(SettingsError, match="open-file-description"):
        ConversationLockStore(tmp_path)
