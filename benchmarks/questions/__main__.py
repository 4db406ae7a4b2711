"""Fits and tries what QuestionCollector weighs: `python -m benchmarks.questions [FILE] [--write]`."""

import argparse
import hashlib
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TypeVar

from assistant.language.logistic import Logistic
from benchmarks.evaluation.question import read_questions
from benchmarks.questions import going_on, parts
from benchmarks.questions.fitting import FOLDS, write
from benchmarks.questions.reading import reader

ROOT = Path(__file__).parents[2]
DEV = ROOT / "tests" / "evaluation" / "dev.jsonl"
LOOKUPS = ROOT / "data" / "lookups"

Sample = TypeVar("Sample", parts.Sample, going_on.Sample)
Fit = Callable[[Sequence[Sample]], Logistic]
Try = Callable[[Sequence[Sample], Callable[[int], Logistic]], None]


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints what cross-validation and the last lines say, and writes the weights if told to; returns 0."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.questions", description=__doc__)
    parser.add_argument("file", type=Path, nargs="?", default=DEV, help="questions, one JSON object a line")
    parser.add_argument("--last", type=int, default=4593, help="lines at its end, by other writers")
    parser.add_argument("--write", action="store_true", help="write the weights to data/lookups")
    options = parser.parse_args(arguments)
    lines = read_questions(options.file)
    first = lines[-1].line - options.last
    source = f"{options.file.name}, sha256 {hashlib.sha256(options.file.read_bytes()).hexdigest()[:12]}"
    with reader(ROOT) as read:
        messages = parts.samples_of(read, lines)
        print("Several questions in one message (without the rules for danger)")
        _cross(messages, parts.fit_parts, partial(parts.try_parts, read), first)
        turns = going_on.samples_of(read, lines)
        print("\nMessages that go on with the one before (without the rules for danger)")
        _cross(turns, going_on.fit_going_on, lambda s, m: going_on.try_going_on(read, s, m), first)
    if options.write:
        subject = "What says whether two neighbouring parts of a message are two questions, and how much."
        file = LOOKUPS / "question_judge.yml"
        write(file, parts.fit_parts(messages), subject, f"{len(messages)} messages of {source}")
        subject = "What says whether a message goes on with the one before it, and how much."
        file = LOOKUPS / "going_on.yml"
        write(file, going_on.fit_going_on(turns), subject, f"{len(turns)} messages after others, of {source}")
    return 0


def _cross(samples: list[Sample], fit: Fit[Sample], attempt: Try[Sample], first: int) -> None:
    """Tries models on lines that they were not fitted on: in folds, and on the last lines."""
    folds = [fit([one for one in samples if one.line % FOLDS != fold]) for fold in range(FOLDS)]
    print(f"\n{FOLDS} folds by line:")
    attempt(samples, lambda line: folds[line % FOLDS])
    earlier = fit([one for one in samples if one.line <= first])
    print(f"\nfitted up to line {first}, tried on the lines after it:")
    attempt([one for one in samples if one.line > first], lambda line: earlier)


if __name__ == "__main__":
    sys.exit(main())
