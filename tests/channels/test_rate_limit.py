"""Token buckets apart from the server."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.channels.rate_limit import Limit, TokenBuckets, too_many
from assistant.errors import SettingsError
from tests.channels.conftest import Clock


@pytest.fixture
def clock() -> Clock:
    """A clock that the test moves."""
    return Clock()


def test_bucket_gives_its_burst_and_then_the_rate(clock: Clock) -> None:
    """Sixty a minute is one each second once the burst is used up."""
    buckets = TokenBuckets(Limit(per_minute=60, burst=3), clock)

    assert [buckets.take("a") for _ in range(4)] == [0, 0, 0, pytest.approx(1)]
    clock.seconds += 1
    assert [buckets.take("a") for _ in range(2)] == [0, pytest.approx(1)]


def test_refusal_costs_nothing(clock: Clock) -> None:
    """Who asks too often does not have to wait longer for it."""
    buckets = TokenBuckets(Limit(per_minute=60, burst=1), clock)
    buckets.take("a")

    waits = [buckets.take("a") for _ in range(50)]

    assert waits == [pytest.approx(1)] * 50


def test_rest_fills_a_bucket_no_further_than_its_burst(clock: Clock) -> None:
    """A long rest does not save up for a flood."""
    buckets = TokenBuckets(Limit(per_minute=60, burst=2), clock)
    buckets.take("a")
    clock.seconds += 10_000

    assert [bool(buckets.take("a")) for _ in range(3)] == [False, False, True]


def test_rate_of_nought_switches_the_limit_off(clock: Clock) -> None:
    """A limit of 0 lets everything through and remembers nobody."""
    buckets = TokenBuckets(Limit(per_minute=0, burst=1), clock)

    assert not any(buckets.take("a") for _ in range(1000))
    assert len(buckets) == 0


def test_memory_is_bounded(clock: Clock) -> None:
    """Of many keys the ones last used are remembered."""
    buckets = TokenBuckets(Limit(per_minute=1, burst=1), clock, size=3)

    for key in "abcde":
        buckets.take(key)

    assert len(buckets) == 3
    assert [bool(buckets.take(key)) for key in "ecd"] == [True, True, True]
    assert buckets.take("a") == 0


@given(st.floats(0.1, 1000), st.integers(1, 20), st.lists(st.floats(0, 100), max_size=60))
def test_never_more_than_burst_and_rate_allow(per_minute: float, burst: int, pauses: list[float]) -> None:
    """Over any time no more is let through than the burst plus the rate times the time."""
    clock = Clock()
    buckets = TokenBuckets(Limit(per_minute, burst), clock)
    passed = 0

    for pause in pauses:
        clock.seconds += pause
        passed += buckets.take("a") == 0

    assert passed <= burst + sum(pauses) * per_minute / 60 + 0.001


def test_promised_wait_is_enough(clock: Clock) -> None:
    """Who waits as long as told is let through."""
    buckets = TokenBuckets(Limit(per_minute=7, burst=1), clock)
    for _ in range(20):
        assert buckets.take("a") == 0
        clock.seconds += buckets.take("a")


@pytest.mark.parametrize(("wait", "header"), [(0.0000011, "1"), (0.2, "1"), (40.0000001, "40"), (40.2, "41")])
def test_wait_is_told_in_whole_seconds(wait: float, header: str) -> None:
    """Retry-After is at least 1 and never too short by more than rounding."""
    assert too_many(wait).headers == {"Retry-After": header}


@pytest.mark.parametrize(("per_minute", "burst"), [(-1, 1), (1, 0)])
def test_limit_that_makes_no_sense_is_refused(per_minute: float, burst: int) -> None:
    """A negative rate or an empty bucket stops the start."""
    with pytest.raises(SettingsError, match="per_minute"):
        Limit(per_minute, burst)
