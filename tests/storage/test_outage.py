"""While the database is out of reach conversations go on, and afterwards they are as if nothing had been."""

import asyncio
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from itertools import pairwise
from pathlib import Path

import pytest
from rasa.shared.core.domain import Domain
from structlog.testing import capture_logs

from assistant.storage.database import Database, DatabaseDown
from assistant.storage.passing import forget_passing
from assistant.storage.storage_error import ConversationErased, StorageFailed
from assistant.storage.tracker_store import ConversationTrackerStore
from tests.storage.conftest import (
    KEPT,
    PASSING,
    asked,
    bytes_in,
    rows,
    texts,
    turn,
    until_merged,
)

SECRET = "my knee is bright orange"
NOBODY = 65534
HOLD = (
    "import sqlite3, sys\n"
    "connection = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
    "connection.execute('BEGIN EXCLUSIVE')\n"
    "print('held', flush=True)\n"
    "sys.stdin.read()\n"
)
Outage = Callable[[Path], AbstractContextManager[None]]


@contextmanager
def locked(database: Path) -> Iterator[None]:
    """Another process holds a transaction and does not end it."""
    command = [sys.executable, "-c", HOLD, str(database)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None and holder.stdout.readline() == b"held\n"
        yield
        holder.communicate()


@contextmanager
def moved(database: Path) -> Iterator[None]:
    """The file is moved away and back."""
    aside = database.with_suffix(".aside")
    database.rename(aside)
    yield
    aside.replace(database)


@contextmanager
def garbage(database: Path) -> Iterator[None]:
    """A file that is no database lies in the place of the database."""
    aside = database.with_suffix(".aside")
    database.rename(aside)
    database.write_bytes(b"no database " * 1000)
    yield
    assert database.read_bytes() == b"no database " * 1000
    aside.replace(database)


@contextmanager
def raised(database: Path) -> Iterator[None]:
    """Each transaction fails."""

    def fail(self: Database, work: object) -> None:
        if self.file == database:
            raise DatabaseDown("test")
        return run(self, work)

    run = Database.run_here
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Database, "run_here", fail)
        yield


OUTAGES = [locked, moved, garbage, raised]


async def _check_outage(store: ConversationTrackerStore, outage: Outage, database: Path) -> None:
    """Three turns before, three within, three after; then what was told is what is stored."""
    told = []
    for number in range(3):
        told += await turn(store, KEPT, f"m{number}", str(number))
    with outage(database):
        for number in range(3, 6):
            told += await turn(store, KEPT, f"m{number}", str(number))
        assert await store.log.receive(KEPT, "m4", {"text": "4"}) == "answered"
        assert await store.log.answer(KEPT, "m4") == told[4:5]
        assert texts(await store.log.messages(KEPT))[-2:] == ["5", "You said: 5"]
        assert asked(await store.retrieve(KEPT)) == [str(number) for number in range(6)]
        store.forget("k-2")
        other = await turn(store, "k-2", "m0", "new")
    await until_merged(store.log, database.parent)
    for number in range(6, 9):
        told += await turn(store, KEPT, f"m{number}", str(number))

    messages = await store.log.messages(KEPT)
    assert [one for one in messages if one["role"] == "assistant"] == told
    assert texts(messages)[::2] == [str(number) for number in range(9)]
    assert all(one["seq"] < two["seq"] for one, two in pairwise(messages))
    assert asked(await store.retrieve(KEPT)) == [str(number) for number in range(9)]
    assert [one for one in await store.log.messages("k-2") if one["role"] == "assistant"] == other
    assert {row[0] for row in rows(database, "SELECT state FROM inbound")} == {"answered"}
    numbers = rows(database, "SELECT number FROM event WHERE conversation_id = ? ORDER BY number", KEPT)
    assert [row[0] for row in numbers] == list(range(1, 37))


@pytest.mark.parametrize("outage", OUTAGES)
async def test_conversation_bridges_an_outage(store, database, outage) -> None:
    """Nothing is lost, order and numbers stay as told, the merge comes in time, memory is kept."""
    await _check_outage(store, outage, database)


async def test_outage_begins_and_ends_in_the_log_once(store, database) -> None:
    """However many turns it takes, an outage is two entries, without words of a visitor."""
    await turn(store, KEPT, "m0", "0")
    with capture_logs() as logs:
        with moved(database):
            for number in range(1, 4):
                await turn(store, KEPT, f"m{number}", SECRET)
        await until_merged(store.log, database.parent)

    assert [entry["event"] for entry in logs] == ["storage.database.down", "storage.database.back"]
    assert SECRET not in str(logs)


async def test_turn_in_an_outage_is_quick(store, database) -> None:
    """A database that is locked is waited for now and then, not at each step of each turn."""
    await turn(store, KEPT, "m0", "0")
    loop = asyncio.get_running_loop()

    with locked(database):
        started = loop.time()
        for number in range(1, 6):
            await turn(store, KEPT, f"m{number}", str(number))
        seconds = loop.time() - started
    await until_merged(store.log, database.parent)

    assert seconds < 5


async def test_memory_of_before_comes_back_to_another_worker(store, another, database) -> None:
    """A worker that never saw the conversation answers in the outage, and knows all of it afterwards."""
    other = another()
    first = await turn(store, KEPT, "m0", "0")
    with moved(database):
        second = await turn(other, KEPT, "m1", "1")
        third = await turn(store, KEPT, "m2", "2")
    await until_merged(store.log, database.parent)

    told = [*first, *second, *third]
    for each in (store, other):
        each.log._bridge._down_until = 0.0
        assert asked(await each.retrieve(KEPT)) == ["0", "1", "2"]
    assert [one for one in await store.log.messages(KEPT) if one["role"] == "assistant"] == told
    assert all(one["seq"] < two["seq"] for one, two in pairwise(told))


async def test_long_outage_does_not_overwrite_memory(store, another, database) -> None:
    """A snapshot made without the events of before is not taken over."""
    other = another()
    for number in range(3):
        await turn(store, KEPT, f"m{number}", str(number))
    with raised(database):
        for number in range(3, 30):
            await turn(other, KEPT, f"m{number}", str(number))
    await until_merged(store.log, database.parent)

    assert rows(database, "SELECT snapshot_event, snapshot FROM conversation") == [(0, "[]")]
    assert asked(await store.retrieve(KEPT)) == [str(number) for number in range(30)]


async def test_conversation_that_begins_in_an_outage_is_welcomed(store, another, database) -> None:
    """Welcome, first turn and rating of it are stored with the numbers that were told."""
    other = another()
    with moved(database):
        told = await store.log.start(KEPT, {"consent": "keep"}, [{"text": "a"}, {"text": "b"}])
        # another worker has the first message
        told += await turn(other, KEPT, "m0", "0")
        seen = await store.log.messages(KEPT)
        assert await store.log.rate(KEPT, told[-1]["seq"], True, "")
    await until_merged(store.log, database.parent)

    assert await store.log.messages(KEPT) == seen
    assert [one for one in seen if one["role"] == "assistant"] == told
    assert all(one["seq"] < two["seq"] for one, two in pairwise(seen))
    assert rows(database, "SELECT seq FROM feedback") == [(told[-1]["seq"],)]
    assert rows(database, "SELECT choices FROM conversation") == [('{"consent": "keep"}',)]


@pytest.mark.parametrize("outage", OUTAGES)
async def test_rating_in_an_outage_is_of_a_message_that_is_there(store, database, outage) -> None:
    """As without one: a reply from before it or in it, no visitor's message, no number never told."""
    told = await turn(store, KEPT, "m0", "0")
    with outage(database):
        told += await turn(store, KEPT, "m1", "1")
        seqs = [one["seq"] for one in told]
        rated = [await store.log.rate(KEPT, seq, True, "") for seq in seqs]
        unknown = []
        for seq in (seqs[1] - 1, seqs[1] + 1, 1, 999):
            with suppress(StorageFailed):
                unknown.append(await store.log.rate(KEPT, seq, True, ""))
    await until_merged(store.log, database.parent)

    assert rated == [True, True] and not any(unknown)
    assert rows(database, "SELECT seq FROM feedback ORDER BY seq") == [(seq,) for seq in seqs]


@pytest.mark.parametrize("outage", [moved, garbage])
async def test_rating_of_what_is_not_known_in_an_outage_is_refused(store, another, database, outage) -> None:
    """A worker that never saw the conversation does not take a rating on trust."""
    (reply,) = await turn(store, KEPT, "m0", "0")
    other = another()

    with outage(database), pytest.raises(StorageFailed):
        await other.log.rate(KEPT, reply["seq"], True, "")

    assert list((database.parent / "spool").iterdir()) == []


@pytest.mark.parametrize("outage", [moved, raised])
async def test_erasing_in_an_outage_holds(store, database, outage) -> None:
    """The text leaves the spool at once and the database when it is back; nothing can be written after it."""
    await turn(store, KEPT, "m0", SECRET)
    with outage(database):
        await turn(store, KEPT, "m1", SECRET)
        await store.log.erase(KEPT)
        assert SECRET.encode() not in bytes_in(database.parent / "spool")
        with pytest.raises(ConversationErased):
            await store.log.receive(KEPT, "m2", {"text": "again"})
    await until_merged(store.log, database.parent)
    await store.log.forget_idle()

    assert SECRET.encode() not in bytes_in(database.parent)
    assert await store.log.messages(KEPT) == []
    assert rows(database, "SELECT conversation_id FROM erased") == [(KEPT,)]


async def test_passing_conversation_does_not_notice(store, database) -> None:
    """An outage of the database is none for those who are not in it."""
    with moved(database):
        await turn(store, PASSING, "m0", "0")
        await turn(store, PASSING, "m1", "1")
        assert list((database.parent / "spool").iterdir()) == []

    assert asked(await store.retrieve(PASSING)) == ["0", "1"]


async def test_message_left_in_the_spool_is_found_at_the_next_start(store, another, database) -> None:
    """A message that came in an outage and was not answered waits in the database after it."""
    with raised(database):
        await store.log.receive(KEPT, "m0", {"text": "0"})

    assert await another().log.conversations_waiting(0) == [KEPT]


async def test_file_that_cannot_be_applied_stops_nobody(store, database) -> None:
    """A conversation whose file is put aside goes on, and the others' files are merged."""
    with raised(database):
        await turn(store, KEPT, "m0", "0")
        await turn(store, "k-2", "m0", "0")
    file = database.parent / "spool" / f"{KEPT}.jsonl"
    file.write_bytes(file.read_bytes().replace(b'"timestamp":', b'"thyme":'))
    await until_merged(store.log, database.parent)

    await turn(store, KEPT, "m1", "1")

    assert len(list(file.parent.glob("*.bad"))) == 1
    assert texts(await store.log.messages("k-2")) == ["0", "You said: 0"]
    assert texts(await store.log.messages(KEPT)) == ["1", "You said: 1"]


async def test_damaged_file_stops_the_start_and_is_left_alone(store, database, another) -> None:
    """A server that finds a damaged database does not start, and does not write over it."""
    await store.log._bridge.kept.wipe()

    with garbage(database), pytest.raises(Exception, match="file is not a database"):
        another()


needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="mounts a file system")


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A file system of 2 MB, as the state folder."""
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m,mode=700", "tmpfs", str(folder)]
    if subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("no file system may be mounted here")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)
    forget_passing(folder)


@contextmanager
def full(database: Path) -> Iterator[None]:
    """No byte is left on the disk."""
    filler = database.parent / "filler"
    with filler.open("wb", buffering=0) as stream, suppress(OSError):
        while True:
            stream.write(b"x" * 4096)
    yield
    filler.unlink()


@needs_root
async def test_conversation_bridges_a_full_disk(small, tmp_path) -> None:
    """With a spool on another disk, a full one is an outage like any other."""
    (tmp_path / "spool").mkdir()
    (small / "spool").symlink_to(tmp_path / "spool")
    store = ConversationTrackerStore(Domain.empty(), database=str(small / "conversations.db"))
    # a journal at rest has no room left over for the turns of the outage
    outage: Outage = _emptied(store, full)

    await _check_outage(store, outage, small / "conversations.db")
    store.log.close()


def _emptied(store: ConversationTrackerStore, outage: Outage) -> Outage:
    @contextmanager
    def emptied(database: Path) -> Iterator[None]:
        store.log._bridge.kept._thread.submit(store.log._bridge.kept._wipe).result()
        with outage(database):
            yield

    return emptied


@needs_root
async def test_what_nothing_takes_is_refused(small) -> None:
    """With the spool on the full disk too, a message is refused, and the same message is taken later."""
    store = ConversationTrackerStore(Domain.empty(), database=str(small / "conversations.db"))
    await turn(store, KEPT, "m0", "0")
    with _emptied(store, full)(small / "conversations.db"):
        for number in range(3):
            with pytest.raises(StorageFailed):
                await turn(store, KEPT, f"m{number + 1}", "x" * 100_000)
    for number in range(3):
        await turn(store, KEPT, f"m{number + 1}", str(number + 1))
    await until_merged(store.log, small)

    assert texts(await store.log.messages(KEPT))[::2] == ["0", "1", "2", "3"]
    store.log.close()


@contextmanager
def _as_nobody(folder: Path) -> Iterator[None]:
    """Root may write to whatever it likes; the rest of the test is somebody else."""
    if os.geteuid() != 0:
        yield
        return
    os.chown(folder, NOBODY, NOBODY)
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.mark.parametrize("part", ["file", "folder"])
async def test_conversation_bridges_a_read_only_database(part) -> None:
    """A file or folder that may only be read is an outage; it ends with the permission."""
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="read-only-"))
        stack.callback(shutil.rmtree, folder)
        stack.callback(forget_passing, folder / "state")
        stack.enter_context(_as_nobody(folder))
        (folder / "spool").mkdir()
        (folder / "state").mkdir(mode=0o700)
        (folder / "state" / "spool").symlink_to(folder / "spool")
        database = folder / "state" / "conversations.db"
        store = ConversationTrackerStore(Domain.empty(), database=str(database))
        stack.callback(store.log.close)

        @contextmanager
        def read_only(database: Path) -> Iterator[None]:
            place = database if part == "file" else database.parent
            mode = place.stat().st_mode
            store.log._bridge.kept._thread.submit(store.log._bridge.kept._close).result()
            place.chmod(0o400 if part == "file" else 0o500)
            yield
            place.chmod(mode)

        await _check_outage(store, read_only, database)
