"""The load client, a process of its own: `python -m benchmarks.speed.load PLAN`, JSON in and out."""

import asyncio
import json
import sys
import time
from dataclasses import dataclass
from itertools import count, cycle, islice

import uvloop

from benchmarks.speed.connection import BrokenReplyError
from benchmarks.speed.message import MESSAGES
from benchmarks.speed.visitor import KINDS, NoReplyError, Visitor

CONVERSATION_TURNS = 2


@dataclass(frozen=True)
class Plan:
    """What one load client does.

    Attributes:
        kind: `chat` for MesoGuide's chat API, `rest` for Rasa's REST channel.
        url: the server, without a path.
        users: visitors at the same time, each with one open connection, who
            wait for a reply and then write at once.
        warm_seconds: load before anything counts.
        seconds: load that counts.
        turns: above 0, one conversation of so many turns instead of the above.
        first: the message it begins with, counted from 0.
        most_seconds: time after which that conversation is broken off.
    """

    kind: str
    url: str
    users: int = 1
    warm_seconds: float = 0.0
    seconds: float = 0.0
    turns: int = 0
    first: int = 0
    most_seconds: float = 0.0


@dataclass(frozen=True)
class Outcome:
    """What came of a plan.

    Attributes:
        milliseconds: time of each message from its first byte to the whole
            reply; of a conversation in the order of its turns.
        per_second: messages answered in one second by all users together.
        failed: messages without a usable reply.
        example: what was wrong with one of them.
    """

    milliseconds: list[float]
    per_second: float = 0.0
    failed: int = 0
    example: str = ""


async def run(plan: Plan) -> Outcome:
    """Does what the plan says; a failed reply ends a long conversation and is only counted under load."""
    return await (_conversation(plan) if plan.turns else _users(plan))


async def _conversation(plan: Plan) -> Outcome:
    taken: list[float] = []
    deadline = time.perf_counter() + plan.most_seconds
    async with KINDS[plan.kind](plan.url) as visitor:
        try:
            await visitor.begin()
            for text in islice(cycle(MESSAGES), plan.first, plan.first + plan.turns):
                if time.perf_counter() > deadline:
                    break
                taken.append(await _timed(visitor, text))
        except (NoReplyError, BrokenReplyError) as error:
            return Outcome(taken, failed=1, example=_words(error))
    return Outcome(taken)


async def _users(plan: Plan) -> Outcome:
    start = time.perf_counter() + plan.warm_seconds
    ends: list[tuple[float, float]] = []
    errors: list[str] = []

    async def user(number: int) -> None:
        async with KINDS[plan.kind](plan.url) as visitor:
            for conversation in count():
                try:
                    await visitor.begin()
                    for turn in range(CONVERSATION_TURNS):
                        text = MESSAGES[
                            (number * 7 + conversation * CONVERSATION_TURNS + turn) % len(MESSAGES)
                        ]
                        taken = await _timed(visitor, text)
                        ends.append((time.perf_counter(), taken))
                        if time.perf_counter() >= start + plan.seconds:
                            return
                except (NoReplyError, BrokenReplyError) as error:
                    errors.append(_words(error))
                    # a server that refuses at once would otherwise be asked in a tight loop
                    await asyncio.sleep(0.1)
                    if time.perf_counter() >= start + plan.seconds:
                        return

    await asyncio.gather(*(user(number) for number in range(plan.users)))
    counted = [taken for end, taken in ends if start <= end < start + plan.seconds]
    return Outcome(counted, len(counted) / plan.seconds, len(errors), errors[0] if errors else "")


async def _timed(visitor: Visitor, text: str) -> float:
    """Milliseconds that one message took."""
    started = time.perf_counter()
    await visitor.say(text)
    return (time.perf_counter() - started) * 1000


def _words(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"


if __name__ == "__main__":
    uvloop.install()
    print(json.dumps(vars(asyncio.run(run(Plan(**json.loads(sys.argv[1])))))))
