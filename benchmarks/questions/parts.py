"""When two neighbouring parts of a message are two questions."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from rasa.shared.nlu.constants import INTENT
from rasa.shared.nlu.training_data.message import Message

from assistant.language.logistic import Logistic
from assistant.language.question_judge import Asked, signals
from assistant.nlu.decision import OUT_OF_SCOPE
from assistant.nlu.question_collector import QUESTIONS
from assistant.nlu.question_splitter import PART, ROLE
from assistant.nlu.reading import intent_of
from benchmarks.evaluation.question import Question
from benchmarks.questions.fitting import fit
from benchmarks.questions.reading import Reader, collected

SINGLE = ("in_scope", "not_emergency")
KINDS = ("multi", *SINGLE, "false_premise", "out_of_scope", "personal_advice", "refusal", "chitchat")
TRIED = (0.15, 0.2, 0.25, 0.3, 0.4, 0.5)


@dataclass(frozen=True)
class Sample:
    """A message with its other readings, and its pairs of parts that seem to ask different things."""

    question: Question
    readings: list[Message]
    pairs: list[tuple[Asked, Asked]]

    @property
    def line(self) -> int:
        """Its line number."""
        return self.question.line


def samples_of(reader: Reader, lines: Sequence[Question]) -> list[Sample]:
    """Returns the messages of one turn that are no danger, read by the trained model."""
    collector = reader.collector()
    samples = []
    for line in lines:
        if line.kind in KINDS and len(line.turns) == 1:
            readings = reader.read(line.turns[0])
            asked = collector.asked([one for one in readings if one.get(ROLE) == PART])
            pairs = [(a, b) for a, b in zip(asked, asked[1:], strict=False) if a.intent != b.intent]
            samples.append(Sample(line, readings, pairs))
    return samples


def fit_parts(samples: Sequence[Sample]) -> Logistic:
    """Fits the pairs of messages with several questions against those of all others."""
    found = [(signals(one.question.turns[0], *pair), one) for one in samples for pair in one.pairs]
    return fit([row for row, _ in found], [one.question.kind == "multi" for _, one in found])


def try_parts(reader: Reader, samples: Sequence[Sample], model: Callable[[int], Logistic]) -> None:
    """Prints a table; `model` gives the model for a line, fitted without it."""
    print("several  multi: all parts told  single: taken apart  single: a part named as not covered")
    for several in TRIED:
        told = [(one, _told(reader, one, model(one.line), several)) for one in samples]
        multi = [_is_told(one, topics) for one, topics in told if one.question.kind == "multi"]
        single = [topics for one, topics in told if one.question.kind in SINGLE]
        apart = np.mean([len(topics - {OUT_OF_SCOPE}) > 1 for topics in single])
        named = np.mean([OUT_OF_SCOPE in topics and len(topics) > 1 for topics in single])
        print(f"{several:7.2f} {np.mean(multi):22.1%} {apart:20.2%} {named:20.2%}")


def _told(reader: Reader, sample: Sample, model: Logistic, several: float) -> set[str]:
    """Returns the topics that are answered, with OUT_OF_SCOPE for any part that is not."""
    message = collected(reader.collector(model, several=several), sample.readings)
    asked = [str(one[INTENT]) for one in message.get(QUESTIONS) or [{INTENT: intent_of(message)}]]
    return {reader.topic(one) or OUT_OF_SCOPE for one in asked}


def _is_told(sample: Sample, topics: set[str]) -> bool:
    return any(set(parts.split("+")) <= topics for parts in sample.question.expect)
