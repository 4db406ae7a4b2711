"""Measures one running server: load, long conversations, memory."""

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.speed.error import MeasureError
from benchmarks.speed.figure import Figure, percentile, single, turn_window
from benchmarks.speed.load import Outcome, Plan
from benchmarks.speed.machine import memory
from benchmarks.speed.message import MESSAGES
from benchmarks.speed.process import child, last_lines
from benchmarks.speed.server import Running

ROOT = Path(__file__).resolve().parents[2]
SPARE_SECONDS = 120.0  # for a load client to start and to wait for its last replies
MOST_FAILED = 0.01  # share of messages without a reply
SHORT_STARTS = (0, 10, 20, 30)  # first texts of the short conversations: each text once in their windows


@dataclass(frozen=True)
class Effort:
    """How much is measured on one server in one round.

    Attributes:
        users: numbers of users at the same time.
        warm_seconds: load that does not count, before each.
        seconds: load that counts, for each.
        marks: turns of one conversation whose time is wanted, ascending.
        conversation_seconds: time after which a long conversation is broken off.
    """

    users: Sequence[int]
    warm_seconds: float
    seconds: float
    marks: Sequence[int]
    conversation_seconds: float


def measure(
    server: Running, effort: Effort, workers: int, state: Path
) -> tuple[dict[str, Figure], list[str]]:
    """The figures of one round by name, and a sentence for each that is missing.

    Names: `p50@U` and `p99@U` in ms and `rate@U` in messages/s for U users,
    `turn@T` in ms for turn T, `rss` and `pss` in MB per worker, `start` in s.
    """
    figures, missing = {"start": single(server.start_seconds)}, []
    for users in effort.users:
        plan = Plan(server.kind, server.url, users, effort.warm_seconds, effort.seconds)
        try:
            figures |= load_figures(_client(plan, state), users)
        except MeasureError as error:
            missing.append(f"{users} users: {error}")
    rss, pss = memory(server.processes())
    figures |= {"rss": single(rss), "pss": single(pss / workers)}
    try:
        turns = turn_figures(_conversations(server, effort, state), effort.marks)
    except MeasureError as error:
        turns = {}
        missing.append(f"one conversation: {error}")
    unreached = [mark for mark in effort.marks if f"turn@{mark}" not in turns]
    if unreached and turns:
        seconds = effort.conversation_seconds
        missing.append(f"turn {unreached} of one conversation was not reached in {seconds:.0f} s")
    return figures | turns, missing


def load_figures(outcome: Outcome, users: int) -> dict[str, Figure]:
    """The figures of many users; raises MeasureError when too many messages got no reply."""
    n = len(outcome.milliseconds)
    if not n or outcome.failed > MOST_FAILED * n:
        raise MeasureError(f"{n} replies and {outcome.failed} failures ({outcome.example or 'too slow'})")
    return {
        f"p50@{users}": single(percentile(outcome.milliseconds, 0.5), n),
        f"p99@{users}": single(percentile(outcome.milliseconds, 0.99), n),
        f"rate@{users}": single(outcome.per_second, n),
    }


def turn_figures(conversations: Sequence[Sequence[float]], marks: Sequence[int]) -> dict[str, Figure]:
    """`turn@T` for each mark that a conversation has reached; see turn_window.

    Args:
        conversations: the milliseconds of each conversation's turns. Those of
            the same length as the shortest stand for the early marks, the
            others for the late ones, so that every text counts as often.
        marks: turns, counted from 1.
    """
    figures = {}
    shortest = min(map(len, conversations), default=0)
    for mark in marks:
        window = turn_window(mark, len(MESSAGES))
        late = mark >= len(MESSAGES)
        times = [
            conversation[turn - 1]
            for conversation in conversations
            for turn in window
            if len(conversation) >= window[-1] and (late or len(conversation) == shortest)
        ]
        if times:
            figures[f"turn@{mark}"] = single(percentile(times, 0.5), len(times))
    return figures


def _conversations(server: Running, effort: Effort, state: Path) -> list[list[float]]:
    """Half of the short conversations, the long one, and the other half: the machine may drift meanwhile."""
    early = [mark for mark in effort.marks if mark < len(MESSAGES)]
    late = [mark for mark in effort.marks if mark >= len(MESSAGES)]
    short = [(turn_window(early[-1], len(MESSAGES))[-1], first) for first in SHORT_STARTS] if early else []
    long = [(turn_window(late[-1], len(MESSAGES))[-1], 0)] if late else []
    half = len(short) // 2
    found = []
    for turns, first in short[:half] + long + short[half:]:
        plan = Plan(
            server.kind, server.url, turns=turns, first=first, most_seconds=effort.conversation_seconds
        )
        outcome = _client(plan, state)
        if outcome.failed:
            raise MeasureError(f"turn {len(outcome.milliseconds) + 1} failed: {outcome.example}")
        found.append(outcome.milliseconds)
    return found


def _client(plan: Plan, state: Path) -> Outcome:
    """Runs the load client to its end."""
    output = state / "load.txt"
    command = [sys.executable, "-m", "benchmarks.speed.load", json.dumps(asdict(plan))]
    seconds = plan.warm_seconds + plan.seconds + plan.most_seconds + SPARE_SECONDS
    with child(command, ROOT, {}, output) as process:
        try:
            code = process.wait(seconds)
        except subprocess.TimeoutExpired as error:
            raise MeasureError(f"The load client did not end in {seconds:.0f} s.") from error
    if code != 0:
        raise MeasureError(f"The load client failed with code {code}:\n{last_lines(output)}")
    return Outcome(**json.loads(output.read_text(encoding="utf-8").splitlines()[-1]))
