"""Command line: measures stock Rasa and MesoGuide in turn and writes the comparison."""

import argparse
import fcntl
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from datetime import date
from importlib.metadata import version
from pathlib import Path

from assistant.errors import MesoGuideError
from benchmarks.speed.comparison import ONE, STOCK, TWO, table
from benchmarks.speed.error import MeasureError, RefusedSettingError
from benchmarks.speed.figure import Figure, combine, single
from benchmarks.speed.machine import this_machine
from benchmarks.speed.measure import ROOT, Effort, measure
from benchmarks.speed.page import Report, page, training_text, verdict
from benchmarks.speed.process import stop_tidily
from benchmarks.speed.sample import SAMPLE
from benchmarks.speed.server import Running, mesoguide, stock
from benchmarks.speed.stock_project import project_files
from benchmarks.speed.training import train_mesoguide, train_stock

BENCH = ROOT / ".bench"
PAGE = ROOT / "docs" / "performance.md"
FULL = Effort((1, 16), warm_seconds=5, seconds=20, marks=(10, 200, 1000), conversation_seconds=300)
QUICK = Effort((1, 16), warm_seconds=1, seconds=3, marks=(10,), conversation_seconds=30)
STOCK_MARKS = (10, 200)


@dataclass
class Side:
    """One of the servers that are compared; dropped when it refuses a setting."""

    name: str
    effort: Effort
    workers: int
    project: Path | None = None

    def start(self, state: Path) -> AbstractContextManager[Running]:
        """Starts the server with its state in an empty folder."""
        return stock(self.project, state) if self.project else mesoguide(ROOT, state, self.workers)


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code: 0 if all was measured, whatever came out; 1 if not; 2 for a bad option."""
    options = _parser().parse_args(arguments)
    stop_tidily()
    try:
        with _alone():
            return _run(options)
    except (MesoGuideError, OSError) as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1


def _run(options: argparse.Namespace) -> int:
    rounds = options.rounds or (1 if options.quick else 3)
    effort = QUICK if options.quick else FULL
    report = Report(date.today(), this_machine(), version("rasa"), rounds, effort.seconds)
    sides = _train(options, effort, report)
    if options.train_only:
        return 0
    found: dict[str, list[dict[str, Figure]]] = {side.name: [] for side in sides}
    for number in range(1, rounds + 1):
        # what heats the machine up does not always meet the same side
        for side in sides[:: 1 if number % 2 else -1]:
            _say(f"round {number} of {rounds}: {side.name}")
            found[side.name] += _measure(side, sides, report)
    report.results = {name: combine(figures) for name, figures in found.items()}
    for name, training in report.trainings.items():
        report.results.setdefault(name, {})["training"] = single(training.seconds)
    print(table(report.results), *verdict(report), sep="\n", flush=True)
    out = options.out or (None if options.quick or options.without_stock else PAGE)
    if out:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(page(report), encoding="utf-8")
        _say(f"wrote {out}")
    return 1 if report.problems else 0


def _train(options: argparse.Namespace, effort: Effort, report: Report) -> list[Side]:
    """Trains what is not trained yet; returns the sides to measure."""
    ours = [Side(ONE, effort, 1), Side(TWO, replace(effort, users=(16,), marks=()), 2)]
    if options.quick:
        report.notes.append("MesoGuide's training, in a quick run")
    else:
        report.trainings[ONE] = train_mesoguide(ROOT, BENCH, options.retrain, _say)
    if options.without_stock:
        report.notes.append("stock Rasa, so there are no ratios")
    else:
        project, training = train_stock(project_files(SAMPLE), BENCH, options.retrain, _say)
        report.trainings[STOCK] = training
        marks = [mark for mark in effort.marks if mark in STOCK_MARKS]
        ours.insert(0, Side(STOCK, replace(effort, marks=marks), 1, project))
    for name, training in report.trainings.items():
        _say(f"training, {name}: {training_text(training)}")
    return ours


def _measure(side: Side, sides: list[Side], report: Report) -> list[dict[str, Figure]]:
    """The figures of one round in a list, empty if there are none; what went wrong goes into the report."""
    try:
        with tempfile.TemporaryDirectory(prefix="run-", dir=BENCH, ignore_cleanup_errors=True) as state:
            with side.start(Path(state)) as server:
                figures, missing = measure(server, side.effort, side.workers, Path(state))
            for sentence in missing:
                _problem(report, f"{side.name}: {sentence}")
            return [figures]
    except RefusedSettingError:
        sides.remove(side)
        report.notes.append(f"{side.name}: this server does not know MESOGUIDE_WORKERS")
    except MeasureError as error:
        _problem(report, f"{side.name}: {error}")
    return []


@contextmanager
def _alone() -> Iterator[None]:
    """Raises MeasureError when another run is on; two would measure each other."""
    BENCH.mkdir(exist_ok=True)
    with (BENCH / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise MeasureError("Another benchmark runs in this folder. Wait for it or stop it.") from error
        # a run that was killed could not clean up
        for left in BENCH.glob("run-*"):
            shutil.rmtree(left, ignore_errors=True)
        yield


def _problem(report: Report, sentence: str) -> None:
    if sentence not in report.problems:
        report.problems.append(sentence)
    _say(f"not measured: {sentence}")


def _say(line: str) -> None:
    print(f"bench: {line}", file=sys.stderr, flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.speed",
        description=__doc__,
        epilog="Works on Linux. Models and their training times are kept in .bench/.",
    )
    parser.add_argument("--rounds", type=_count, help="rounds to take the median of (default: 3, quick: 1)")
    parser.add_argument(
        "--out", type=Path, help="the page to write (default: docs/performance.md, full runs only)"
    )
    parser.add_argument(
        "--quick", action="store_true", help="small numbers, for CI; short conversations only"
    )
    parser.add_argument("--without-stock", action="store_true", help="measure MesoGuide alone; no ratios")
    parser.add_argument("--retrain", action="store_true", help="train both models anew to time it")
    parser.add_argument("--train-only", action="store_true", help="train what is not trained yet, and stop")
    return parser


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) > 0):
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number above 0")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
