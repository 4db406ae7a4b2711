"""Fits topic models on data/nlu and asks them dev.jsonl: `python -m benchmarks.topic_model [FILE]`."""

import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import yaml

from assistant.language.domain_spelling import DomainSpeller
from assistant.language.ngrams import fit_ngrams
from assistant.language.sentence_encoder import SentenceEncoder
from assistant.language.topic_model import Examples, Fitting, fit_topic_model
from benchmarks.evaluation.question import Question, read_questions

ROOT = Path(__file__).parents[2]
DEV = ROOT / "tests" / "evaluation" / "dev.jsonl"
# the shipped values come first; each other row changes one of them
TRIALS = (
    Fitting(strength=0.3, ngram_weight=1.5, balance=0.75),
    Fitting(strength=0.3, ngram_weight=0.0, balance=0.75),
    Fitting(strength=3.0, ngram_weight=0.0, balance=0.75),
    Fitting(strength=0.3, ngram_weight=0.75, balance=0.75),
    Fitting(strength=0.3, ngram_weight=2.5, balance=0.75),
    Fitting(strength=0.1, ngram_weight=1.5, balance=0.75),
    Fitting(strength=1.0, ngram_weight=1.5, balance=0.75),
    Fitting(strength=0.3, ngram_weight=1.5, balance=0.0),
    Fitting(strength=0.3, ngram_weight=1.5, balance=1.0),
)
INTENTS = {
    "emergency": {"report_emergency"},
    "urgent": {"report_urgent", "report_emergency"},
    "crisis": {"report_self_harm"},
    "personal_advice": {"ask_personal_advice", "ask_recipe"},
    "refusal": {"ask_recipe"},
}


@dataclass(frozen=True)
class Data:
    """Training examples and questions, as the model sees them."""

    examples: Examples
    labels: list[str]
    questions: list[Question]
    asked: Examples


def main(arguments: list[str]) -> int:
    """Prints a Markdown table; returns 0."""
    data = _data(Path(arguments[0]) if arguments else DEV)
    print(f"{len(data.labels)} examples, {len(data.questions)} questions; best intent right, in percent\n")
    kinds = ("in_scope", "in_scope, best three", *INTENTS)
    print(f"| strength | ngram_weight | balance | {' | '.join(kinds)} |\n|{' --- |' * (len(kinds) + 3)}")
    for trial in TRIALS:
        shares = _shares(data, trial)
        cells = (f"{100 * shares[kind]:.1f}" for kind in kinds)
        print(
            f"| {trial.strength} | {trial.ngram_weight} | {trial.balance} | {' | '.join(cells)} |", flush=True
        )
    return 0


def _data(file: Path) -> Data:
    texts, labels = _examples()
    questions = [
        one for one in read_questions(file) if len(one.turns) == 1 and one.kind in ("in_scope", *INTENTS)
    ]
    speller = DomainSpeller.load(
        ROOT / "data" / "lookups" / "domain_spelling.yml", ROOT / "models" / "known_words.txt"
    )
    encoder = SentenceEncoder(ROOT / "models" / "encoder", threads=2)
    corrected = [speller.correct(text) for text in texts]
    asked = [speller.correct(question.turns[0]) for question in questions]
    ngrams = fit_ngrams(corrected)
    return Data(
        Examples(encoder.encode(corrected), ngrams.features(corrected)),
        labels,
        questions,
        Examples(encoder.encode(asked), ngrams.features(asked)),
    )


def _examples() -> tuple[list[str], list[str]]:
    texts, labels = [], []
    for file in sorted((ROOT / "data" / "nlu").glob("*.yml")):
        for block in yaml.safe_load(file.read_text(encoding="utf-8"))["nlu"]:
            lines = [line[2:].strip() for line in block["examples"].splitlines()]
            texts += lines
            labels += [block["intent"]] * len(lines)
    return texts, labels


def _shares(data: Data, fitting: Fitting) -> dict[str, float]:
    model = fit_topic_model(data.examples, data.labels, fitting)
    best = np.argsort(-model.probabilities(data.asked), axis=1)[:, :3]
    hits: dict[str, list[bool]] = {}
    for question, row in zip(data.questions, best, strict=True):
        named = [model.labels[i] for i in row]
        wanted = INTENTS.get(question.kind) or {f"ask_{topic}" for topic in question.expect}
        hits.setdefault(question.kind, []).append(named[0] in wanted)
        if question.kind == "in_scope":
            hits.setdefault("in_scope, best three", []).append(not wanted.isdisjoint(named))
    return {kind: float(np.mean(found)) for kind, found in hits.items()}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
