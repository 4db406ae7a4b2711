"""Writes docs/performance.md."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from benchmarks.speed.comparison import STOCK, missed, spread_table, table
from benchmarks.speed.figure import Figure
from benchmarks.speed.machine import Machine
from benchmarks.speed.training import Training


@dataclass
class Report:
    """What a run has found.

    Attributes:
        day: when.
        machine: on what.
        rasa: version of stock Rasa.
        rounds: number of rounds.
        seconds: load that counted, for each number of users in each round.
        results: figures of each side.
        trainings: of each side.
        notes: what was left out on purpose.
        problems: what could not be measured.
    """

    day: date
    machine: Machine
    rasa: str
    rounds: int
    seconds: float
    results: dict[str, dict[str, Figure]] = field(default_factory=dict)
    trainings: dict[str, Training] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def verdict(report: Report) -> list[str]:
    """Lines that say which floors are missed and what is not there."""
    lines = [f"Floor missed: {line}" for line in missed(report.results)]
    lines += [f"Left out: {line}" for line in report.notes]
    lines += [f"Not measured: {problem.splitlines()[0]}" for problem in report.problems]
    return lines or ["No floor is missed."]


def page(report: Report) -> str:
    """The whole page."""
    machine = report.machine
    return (
        "\n\n".join(
            [
                "# Performance",
                f"MesoGuide beside Rasa {report.rasa} as `rasa init` gives it, on one machine in one run.\n"
                f"Written by `make bench` on {report.day.isoformat()}; not edited by hand.",
                table(report.results),
                _list(verdict(report)),
                "Figures are medians of the rounds; a ratio is MesoGuide's figure divided by stock's.\n"
                "A floor is what a release must reach, an aim is what we want.",
                "## Machine",
                _list(
                    [
                        f"CPU: {machine.cpu}, {machine.cores} cores",
                        f"RAM: {machine.memory_gb:.0f} GB",
                        f"Python {machine.python}",
                        f"Load in the minute before the run: {machine.load:.1f} (0 on a machine at rest)",
                    ]
                ),
                "## Spread",
                f"Rounds: {report.rounds}, each with new processes and empty databases, the sides in turn:\n"
                "lowest and highest round, and the number of measurements in all rounds.",
                spread_table(report.results),
                "## What was run",
                _list(_method(report)),
            ]
        )
        + "\n"
    )


def _method(report: Report) -> list[str]:
    return [
        "Stock: Rasa's default pipeline and policies, 770 examples of our 77 intents, one rule for each "
        "intent, three stories (with none Rasa skips TEDPolicy), an SQLite tracker store, an action server "
        "of its own, the REST channel.",
        "MesoGuide: all that ships, trained on all its examples, as `make serve` starts it, without rate "
        "limits; visitors let their conversations be kept, so each turn is written to disk.",
        "The two do not answer alike: stock always says the same sentence. This compares whole assistants.",
        "Load: conversations of two turns over kept-alive connections from a process on the same machine, "
        f"{report.seconds:g} s for each number of users in each round, after a warm-up. "
        "Opening a session of the chat API counts against messages per second, not into the times.",
        "Turn 10, 200 and 1,000: medians over a window of turns around them, in which each of the 40 texts "
        "comes once. Stock is not taken to turn 1,000; it would take too long.",
        "Memory after the load: RSS of the largest process; PSS of all processes of the server, divided by "
        "its workers. Stock's action server is not counted.",
        "Start: from the start of the processes to the first reply.",
        *(
            f"Training, {'stock' if side == STOCK else 'MesoGuide'}: {training_text(training)}"
            for side, training in report.trainings.items()
        ),
    ]


def training_text(training: Training) -> str:
    """When and how long a training was, with a warning when it stood back for others."""
    text = f"{training.seconds:,.0f} s ({training.cpu_seconds:,.0f} s of processor time) on {training.day}."
    if training.niceness > 0:
        text += (
            f" It ran at niceness {training.niceness}, so take it as an upper bound; `--retrain` repeats it."
        )
    return text


def _list(lines: Sequence[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)
