"""Fits and tries the judge of several questions: `python -m benchmarks.questions [FILE] [--write]`."""

import argparse
import hashlib
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from rasa.shared.nlu.constants import INTENT, INTENT_NAME_KEY
from rasa.shared.nlu.training_data.message import Message
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from assistant.language.question_judge import Asked, Judge, signals
from assistant.nlu.decision import OUT_OF_SCOPE, TOPIC_INTENT
from assistant.nlu.question_collector import QUESTIONS, QuestionCollector
from assistant.nlu.question_splitter import PART, ROLE
from benchmarks.evaluation.question import Question, read_questions
from benchmarks.questions.reading import Readings, collector_options, read_all

ROOT = Path(__file__).parents[2]
DEV = ROOT / "tests" / "evaluation" / "dev.jsonl"
WEIGHTS = ROOT / "data" / "lookups" / "question_judge.yml"
SINGLE = ("in_scope", "not_emergency")
KINDS = ("multi", *SINGLE, "false_premise", "out_of_scope", "personal_advice", "refusal", "chitchat")
FOLDS = 5
STRENGTH = 0.3  # inverse regularisation C; 0.03 to 3 give the same within half a percent
TRIED = (0.2, 0.25, 0.3, 0.35, 0.4, 0.5)

Trained = Callable[[int], Judge]


@dataclass(frozen=True)
class Sample:
    """A message with its other readings, and its pairs of parts that seem to ask different things."""

    question: Question
    readings: Readings
    pairs: list[tuple[Asked, Asked]]


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints what cross-validation and the last lines say, and writes the weights if told to; returns 0."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.questions", description=__doc__)
    parser.add_argument("file", type=Path, nargs="?", default=DEV, help="questions, one JSON object a line")
    parser.add_argument("--last", type=int, default=4593, help="lines at its end, by other writers")
    parser.add_argument("--write", action="store_true", help=f"write the weights to {WEIGHTS.name}")
    options = parser.parse_args(arguments)
    config = collector_options(ROOT)
    lines = read_questions(options.file)
    samples = _samples(lines, config)
    pairs = sum(len(one.pairs) for one in samples)
    print(f"{len(samples)} messages, {pairs} pairs of parts")

    folds = [_fit([one for one in samples if one.question.line % FOLDS != fold]) for fold in range(FOLDS)]
    _try("Five folds", samples, lambda line: folds[line % FOLDS], config)
    first = lines[-1].line - options.last
    earlier = _fit([one for one in samples if one.question.line <= first])
    _try(
        f"Fitted on what stands before the last {options.last} lines, tried on those",
        [one for one in samples if one.question.line > first],
        lambda line: earlier,
        config,
    )
    if options.write:
        sha256 = hashlib.sha256(options.file.read_bytes()).hexdigest()
        note = (
            f"{pairs} pairs of parts in {len(samples)} messages of {options.file.name}, sha256 {sha256[:12]}"
        )
        WEIGHTS.write_text(_yaml(_fit(samples), note), encoding="utf-8")
        print(f"\nwrote {WEIGHTS.relative_to(ROOT)}")
    return 0


def _samples(lines: Sequence[Question], config: dict[str, Any]) -> list[Sample]:
    questions = [one for one in lines if one.kind in KINDS and len(one.turns) == 1]
    collector = QuestionCollector(config, Judge(0.0, {}))
    samples = []
    for question, readings in zip(
        questions, read_all(ROOT, [one.turns[0] for one in questions]), strict=True
    ):
        asked = collector.asked([one for one in readings if one.get(ROLE) == PART])
        pairs = [(a, b) for a, b in zip(asked, asked[1:], strict=False) if a.intent != b.intent]
        samples.append(Sample(question, readings, pairs))
    return samples


def _fit(samples: Sequence[Sample]) -> Judge:
    """Fits pairs of messages with several questions against those of all others."""
    rows = [(signals(one.question.turns[0], *pair), one) for one in samples for pair in one.pairs]
    names = list(rows[0][0])
    values = np.array([[found[name] for name in names] for found, _ in rows])
    labels = [one.question.kind == "multi" for _, one in rows]
    scaler = StandardScaler().fit(values)
    model = LogisticRegression(C=STRENGTH, max_iter=1000).fit(scaler.transform(values), labels)
    weights = model.coef_[0] / scaler.scale_
    bias = float(model.intercept_[0] - weights @ scaler.mean_)
    return Judge(bias, dict(zip(names, weights.tolist(), strict=True)))


def _try(title: str, samples: Sequence[Sample], trained: Trained, config: dict[str, Any]) -> None:
    print(f"\n{title} (without the rules for danger):")
    print("several  multi: all parts told  single: taken apart  single: a part named as not covered")
    for several in TRIED:
        trial = {**config, "several": several}
        told = [(one, _told(one, trained(one.question.line), trial)) for one in samples]
        multi = [_is_told(one, topics) for one, topics in told if one.question.kind == "multi"]
        single = [topics for one, topics in told if one.question.kind in SINGLE]
        apart = np.mean([len(topics - {OUT_OF_SCOPE}) > 1 for topics in single])
        named = np.mean([OUT_OF_SCOPE in topics and len(topics) > 1 for topics in single])
        print(f"{several:7.2f} {np.mean(multi):22.1%} {apart:20.2%} {named:20.2%}")


def _told(sample: Sample, judge: Judge, config: dict[str, Any]) -> set[str]:
    """Returns the topics that are answered, with OUT_OF_SCOPE for any part that is not."""
    copies = [Message(dict(one.data)) for one in sample.readings]
    (message,) = QuestionCollector(config, judge).process(copies)
    whole = message.get(INTENT)[INTENT_NAME_KEY]
    asked = [one[INTENT] for one in message.get(QUESTIONS) or [{INTENT: whole}]]
    is_topic = [one.startswith(TOPIC_INTENT) and one not in config["no_topic"] for one in asked]
    return {
        one.removeprefix(TOPIC_INTENT) if known else OUT_OF_SCOPE
        for one, known in zip(asked, is_topic, strict=True)
    }


def _is_told(sample: Sample, topics: set[str]) -> bool:
    return any(set(parts.split("+")) <= topics for parts in sample.question.expect)


def _yaml(judge: Judge, note: str) -> str:
    lines = [
        "# What says whether two neighbouring parts of a message are two questions, and how much:",
        "# weights of a logistic model. Written by `python -m benchmarks.questions --write`.",
        f"fitted: {note}",
        f"bias: {judge.bias:.4f}",
        "weights:",
        *(f"  {name}: {weight:.4f}" for name, weight in judge.weights.items()),
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
