"""The files that bridge an outage."""

import asyncio
import os
import signal
import stat
from pathlib import Path

import pytest

from assistant.storage.change_operation import Erase
from assistant.storage.database import DatabaseDown
from assistant.storage.inbound_operation import Receive
from assistant.storage.spool import BadSpool, Spool, SpoolFile
from assistant.storage.turn_operation import Commit
from tests.storage.conftest import KEPT, SPAWN, bytes_in, rows, turn

ODD = "né\u2028x\u0085\u001e 💉 \r\n end"
LINES = 100


def _receive(number: int, text: str = "hello") -> Receive:
    return Receive(KEPT, 1.0, f"m{number}", {"text": text})


def _add(spool: Spool, operation: Receive | Commit | Erase) -> SpoolFile:
    return spool.add(operation, lambda before: (1, len(before.operations) + 1))


def _ids(content: SpoolFile) -> list[str]:
    return [one.operation.message_id for one in content.operations]


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    return Spool(tmp_path / "spool")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "spool" / f"{KEPT}.jsonl"


def test_operations_come_back_as_they_were(spool) -> None:
    """Whatever the text holds, separators of lines too, an operation is read as it was added."""
    commit = Commit(KEPT, 2.0, "m1", "answered", [{"event": "user", "text": ODD}], [], None, 3)

    added = [_add(spool, _receive(1, ODD)).operations[-1], _add(spool, commit).operations[-1]]

    assert [one.operation for one in added] == [_receive(1, ODD), commit]
    assert spool.read(KEPT).operations == added


@pytest.mark.parametrize("cut", range(1, 60, 7))
def test_torn_last_line_is_cut_off(spool, file, cut) -> None:
    """A line that a crash has torn, also within a character, was told to nobody; the others stay."""
    _add(spool, _receive(1))
    whole = file.read_bytes()
    _add(spool, _receive(2, "💉" * 40))
    file.write_bytes(file.read_bytes()[:-cut])

    assert _ids(spool.read(KEPT)) == ["m1"]
    assert file.read_bytes() == whole
    assert _ids(_add(spool, _receive(3))) == ["m1", "m3"]


def test_torn_head_is_an_empty_file(spool, file) -> None:
    """A file whose first line is torn holds nothing that anybody was told."""
    _add(spool, _receive(1))
    file.write_bytes(file.read_bytes()[:10])

    assert _ids(_add(spool, _receive(2))) == ["m2"]


def test_file_is_removed_when_it_is_applied(spool, file) -> None:
    """What was applied waits no more, and the file is private while it waits."""
    _add(spool, _receive(1))
    mode = stat.S_IMODE(file.stat().st_mode)
    taken: list[SpoolFile] = []

    spool.take(KEPT, taken.append)

    assert (_ids(taken[0]), mode) == (["m1"], 0o600)
    assert not file.exists() and not spool.has(KEPT) and spool.conversations() == []


def test_file_stays_while_the_database_is_down(spool) -> None:
    """An outage in the middle of a merge loses nothing."""
    _add(spool, _receive(1))

    def apply(_: SpoolFile) -> None:
        raise DatabaseDown("test")

    with pytest.raises(DatabaseDown):
        spool.take(KEPT, apply)
    assert _ids(spool.read(KEPT)) == ["m1"]


@pytest.mark.parametrize(
    "content",
    [b"\xff\xfe\n", b"no json\n", b'{"id": "x"}\n1 2 {}\n', b'{"id": "x"}\nnot a line\n', b"[]\n", b"\n"],
)
def test_bad_file_is_put_aside(spool, file, content) -> None:
    """A file that cannot be read is kept for a person to look at, and stops nobody."""
    file.write_bytes(content)

    with pytest.raises(BadSpool):
        spool.take(KEPT, lambda _: None)

    assert not spool.has(KEPT)
    assert [one.read_bytes() for one in file.parent.glob("*.bad")] == [content]


def test_second_bad_file_leaves_the_first(spool, file) -> None:
    """Each file that was put aside has a name of its own; erasing removes them."""
    for content in (b"one\n", b"two\n"):
        file.write_bytes(content)
        with pytest.raises(BadSpool):
            spool.take(KEPT, lambda _: None)
    found = sorted(one.read_bytes() for one in file.parent.glob("*.bad"))

    spool.forget(KEPT)

    assert found == [b"one\n", b"two\n"]
    assert list(file.parent.iterdir()) == []


def test_erasing_takes_the_text_out_of_the_file(spool, file) -> None:
    """After an erasure the file holds the erasure alone, under a new id."""
    _add(spool, _receive(1, "my knee is bright orange"))
    before = spool.read(KEPT).id

    _add(spool, Erase(KEPT, 2.0))

    assert b"orange" not in bytes_in(file.parent)
    assert spool.read(KEPT).id != before


def _add_many(folder: Path, name: str) -> None:
    spool = Spool(folder)
    for number in range(LINES):
        _add(spool, Receive(KEPT, 1.0, f"{name}-{number}", {"text": ODD * 20}))


def test_two_processes_add_to_one_file(tmp_path, spool) -> None:
    """No line is lost or torn, and each process's lines are in its own order."""
    processes = [SPAWN.Process(target=_add_many, args=(tmp_path / "spool", name)) for name in "ab"]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)

    ids = _ids(spool.read(KEPT))

    for name in "ab":
        assert [one for one in ids if one[0] == name] == [f"{name}-{number}" for number in range(LINES)]


def _add_and_take(folder: Path, name: str) -> None:
    spool = Spool(folder)
    for number in range(LINES):
        _add(spool, Receive(KEPT, 1.0, f"{name}-{number}", {"text": "x"}))
        spool.take(KEPT, lambda content: _note(folder / f"{name}.taken", content))


def _note(file: Path, content: SpoolFile) -> None:
    with file.open("a") as stream:
        stream.writelines(one + "\n" for one in _ids(content))


def test_line_is_taken_once(tmp_path, spool) -> None:
    """While two processes add and take, each line is applied once."""
    processes = [SPAWN.Process(target=_add_and_take, args=(tmp_path / "spool", name)) for name in "ab"]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    taken = [line for file in (tmp_path / "spool").glob("*.taken") for line in file.read_text().splitlines()]

    assert sorted(taken) == sorted(f"{name}-{number}" for name in "ab" for number in range(LINES))


def test_full_disk_leaves_the_file_as_it_was(tmp_path) -> None:
    """An operation that does not fit raises OSError; those before it stay, those after it fit again."""
    process = SPAWN.Process(target=_overfill, args=(tmp_path / "spool",))
    process.start()
    process.join(60)

    assert process.exitcode == 0
    assert _ids(Spool(tmp_path / "spool").read(KEPT)) == ["m1", "m3"]


def _overfill(folder: Path) -> None:
    import resource

    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))
    spool = Spool(folder)
    _add(spool, _receive(1))
    try:
        _add(spool, _receive(2, "x" * 20_000))
    except OSError:
        _add(spool, _receive(3))
    else:
        os._exit(1)


async def test_crash_between_commit_and_unlink_applies_nothing_twice(
    store, state, database, another, monkeypatch
) -> None:
    """A file that is still there after its merge is only removed."""
    await _interrupted_merge(store, monkeypatch)
    count = (
        "SELECT (SELECT count(*) FROM message), (SELECT count(*) FROM event), (SELECT count(*) FROM inbound)"
    )
    before = rows(database, count)

    await another().log.merge()

    assert rows(database, count) == before == [(2, 4, 1)]
    assert list((state / "spool").iterdir()) == []


async def test_lines_after_a_merge_that_crashed_are_applied(
    store, state, database, another, monkeypatch
) -> None:
    """When the next outage begins before the file was removed, what it adds is not taken for applied."""
    await _interrupted_merge(store, monkeypatch)
    late = another()
    with monkeypatch.context() as patch:
        patch.setattr(late.log._bridge.kept, "run_here", _down)
        await turn(late, KEPT, "m2", "two")

    late.log._bridge._down_until = 0.0
    await late.log.merge()

    assert [row[0] for row in rows(database, "SELECT message_id FROM inbound ORDER BY id")] == ["m1", "m2"]
    assert rows(database, "SELECT count(*) FROM message") == [(4,)]


async def test_erasure_after_a_merge_that_crashed_is_applied(store, database, another, monkeypatch) -> None:
    """An erasure in the next outage is not taken for applied either."""
    await _interrupted_merge(store, monkeypatch)
    late = another()
    with monkeypatch.context() as patch:
        patch.setattr(late.log._bridge.kept, "run_here", _down)
        await late.log.erase(KEPT)

    late.log._bridge._down_until = 0.0
    await late.log.merge()

    assert rows(database, "SELECT count(*) FROM message") == [(0,)]
    assert await late.log.is_erased(KEPT)


def _down(_: object) -> None:
    raise DatabaseDown("test")


async def _interrupted_merge(store, monkeypatch) -> None:
    """Merges a turn from the spool and ends before the file is removed, as a crash does."""
    with monkeypatch.context() as patch:
        patch.setattr(store.log._bridge.kept, "run_here", _down)
        await turn(store, KEPT, "m1", "one")
    content = store.log._bridge.spool.read(KEPT)
    await asyncio.get_running_loop().run_in_executor(None, store.log._bridge._apply, content)
