"""Limits that several workers of a machine share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.channels.limits import Limits
from assistant.channels.rate_limit import Limit
from assistant.storage.bucket_table import PLACE, ROWS, WIDTH, BucketTable
from tests.channels.conftest import Clock
from tests.storage.conftest import SPAWN

KEY = "k-1"
LIMIT = Limit(per_minute=60, burst=200)
TAKES, PROCESSES = 100, 3
MOST = 5


@pytest.fixture
def clock() -> Clock:
    return Clock()


def _frozen() -> float:
    return 1000.0


def _take(folder: Path) -> None:
    buckets = Limits(_frozen, folder).buckets("address", LIMIT)
    raise SystemExit(sum(not buckets.take(KEY) for _ in range(TAKES)))


def test_workers_take_from_the_same_bucket(tmp_path: Path) -> None:
    """Three processes that take at once get as many tokens as there are, not one more or less."""
    processes = [SPAWN.Process(target=_take, args=(tmp_path,)) for _ in range(PROCESSES)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)

    assert sum(process.exitcode or 0 for process in processes) == LIMIT.burst


def test_shared_bucket_fills_as_one_of_a_worker_does(tmp_path: Path, clock: Clock) -> None:
    """The same takes at the same times give the same waits."""
    limit = Limit(per_minute=30, burst=2)
    own, shared = (Limits(clock, folder).buckets("address", limit) for folder in (None, tmp_path))
    waits = []
    for seconds in (0.0, 0.0, 0.0, 1.0, 1.0, 0.5, 60.0, 0.0, 0.0):
        clock.seconds += seconds
        waits.append((own.take(KEY), shared.take(KEY)))

    assert [first for first, _ in waits] == [second for _, second in waits]
    assert 0.0 < waits[2][0] == 2.0


def test_limits_of_other_names_and_keys_are_apart(tmp_path: Path, clock: Clock) -> None:
    """One that is used up leaves the others as they are."""
    limits, limit = Limits(clock, tmp_path), Limit(per_minute=1, burst=1)
    first, other = limits.buckets("address", limit), limits.buckets("session", limit)

    assert not first.take(KEY) and first.take(KEY)
    assert not other.take(KEY) and not first.take("k-2")


@pytest.mark.parametrize("place", [(float("nan"), 0.0), (-1.0, 0.0), (1e9, 0.0), (0.0, 1e18)])
def test_half_written_bucket_is_a_full_one(tmp_path: Path, clock: Clock, place: tuple[float, float]) -> None:
    """What a process left that was killed while it wrote locks nobody out."""
    table = BucketTable(tmp_path / "limit-address")
    with table.held(KEY) as bucket:
        bucket.tokens, bucket.filled_at = place
    table.close()

    assert not Limits(clock, tmp_path).buckets("address", Limit(per_minute=1, burst=1)).take(KEY)


def test_table_forgets_what_was_not_used_for_the_longest_time(tmp_path: Path) -> None:
    """It stays as large as it is, however many keys there are."""
    table = BucketTable(tmp_path / "table")
    keys = [f"k-{number}" for number in range(3 * ROWS * WIDTH)]
    for seconds, key in enumerate(keys):
        with table.held(key) as bucket:
            bucket.tokens, bucket.filled_at = 1.0, float(seconds)

    with table.held(keys[-1]) as newest, table.held(keys[0]) as oldest:
        known = (newest.tokens, oldest.tokens)

    assert known == (1.0, None)
    assert (tmp_path / "table").stat().st_size == ROWS * WIDTH * PLACE.size


def test_limit_of_nothing_needs_no_table(tmp_path: Path, clock: Clock) -> None:
    """A limit that is switched off never makes anybody wait."""
    buckets = Limits(clock, tmp_path).buckets("address", Limit(per_minute=0, burst=1))

    assert [buckets.take(KEY) for _ in range(5)] == [0.0] * 5
    assert list(tmp_path.iterdir()) == []


def _hold(folder: Path, pipe) -> None:
    places = [Limits(_frozen, folder).streams(MOST).take(KEY) for _ in range(MOST + 1)]
    pipe.send([place is not None for place in places])
    pipe.recv()


@pytest.fixture
def holder(tmp_path: Path) -> Iterator:
    """Another worker that has taken all places of a conversation."""
    ours, theirs = SPAWN.Pipe()
    process = SPAWN.Process(target=_hold, args=(tmp_path, theirs))
    process.start()
    assert ours.poll(60) and ours.recv() == [True] * MOST + [False]
    yield process
    process.kill()
    process.join(60)


def test_places_of_streams_are_shared_and_freed_by_a_killed_worker(tmp_path: Path, holder) -> None:
    """One worker has no place while another holds them all, and has them when that one is dead."""
    streams = Limits(_frozen, tmp_path).streams(MOST)

    assert streams.take(KEY) is None
    assert streams.take("k-2") is not None
    holder.kill()
    holder.join(60)
    assert [streams.take(KEY) is not None for _ in range(MOST + 1)] == [True] * MOST + [False]


@pytest.mark.parametrize("is_shared", [True, False])
def test_place_that_was_left_is_free_again(tmp_path: Path, is_shared: bool) -> None:
    """Taking and leaving by turns never ends."""
    streams = Limits(_frozen, tmp_path if is_shared else None).streams(1)

    for _ in range(3):
        place = streams.take(KEY)
        assert place is not None and streams.take(KEY) is None
        place.leave()

    assert len(streams) == 0
