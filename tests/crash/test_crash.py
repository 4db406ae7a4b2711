"""A short form of `make crash`."""

import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.crash.judge import Asked, problems
from benchmarks.crash.worker import DATABASE, OUTPUT, echo
from tests.storage.conftest import KEPT, change, turn

ROOT = Path(__file__).parents[2]
KILLS, SECONDS = 60, 50
TEXT = "hello"


def test_nothing_acknowledged_is_lost_by_sixty_kills() -> None:
    """Each acknowledged message and answer is stored once and in order, and all are answered in the end."""
    command = [sys.executable, "-W", "ignore", "-m", "benchmarks.crash", "--kills", str(KILLS)]
    run = subprocess.run(
        [*command, "--seconds", str(SECONDS)], cwd=ROOT, capture_output=True, text=True, timeout=180
    )

    assert run.returncode == 0, run.stdout + run.stderr
    assert " 0 problems" in run.stdout


async def _told(store, state: Path) -> list[Asked]:
    """Runs three turns and returns what a client saw of them."""
    (state / OUTPUT).touch()
    asked = []
    for number in range(3):
        text = f"{TEXT} {number}"
        answer = await turn(store, KEPT, f"m{number}", text)
        asked.append(Asked(KEPT, f"m{number}", text, 2 * number + 1, 2 * number + 2, False, [answer]))
    return asked


async def test_judge_finds_nothing_where_nothing_is_wrong(store, state) -> None:
    """Three plain turns keep all promises."""
    assert problems(state, await _told(store, state)) == []


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM message WHERE seq = 3",
        "DELETE FROM message WHERE seq = 4",
        "INSERT INTO message SELECT conversation_id, 9, role, message_id, 1, body FROM message WHERE seq = 4",
        "UPDATE message SET seq = seq + 10 WHERE seq < 3",
        "UPDATE message SET body = replace(body, 'hello 1', 'hello') WHERE seq = 4",
        "UPDATE inbound SET state = 'waiting' WHERE message_id = 'm1'",
        "DELETE FROM event WHERE number = 5",
        "UPDATE event SET number = 0 WHERE number = 9",
    ],
)
async def test_judge_finds_what_is_wrong(store, state, statement) -> None:
    """A lost, doubled, moved, changed or unanswered message and a lost event are each found."""
    asked = await _told(store, state)
    change(state / DATABASE, statement)

    assert problems(state, asked)


async def test_judge_finds_what_was_told_wrongly(store, state) -> None:
    """An answer under another number and a message that was never stored are found."""
    asked = await _told(store, state)
    asked[1].answers = [[{"text": echo(asked[1].text), "seq": 99}]]
    asked.append(Asked(KEPT, "m9", "lost", 9, 10, False, [[{"text": echo("lost"), "seq": 100}]]))

    assert {one.split(":")[0] for one in problems(state, asked)} == {KEPT}
