"""When a message goes on with the one before it."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from rasa.shared.core.events import BotUttered, Event, UserUttered
from rasa.shared.nlu.training_data.message import Message

from assistant.language.going_on import Choice, signals
from assistant.language.logistic import Logistic
from assistant.nlu.decision import INTENT_OF_LEVEL, TOPIC_INTENT
from assistant.nlu.question_splitter import MANNER
from assistant.nlu.reading import intent_of
from benchmarks.evaluation.question import Question
from benchmarks.questions.fitting import fit
from benchmarks.questions.parts import SINGLE
from benchmarks.questions.reading import Reader, collected

OTHERS = (*SINGLE, "out_of_scope", "personal_advice", "refusal", "chitchat")
SEED = 5
LONGEST = 120  # characters of a message that is put after another
SHORT = 9  # words of a message that looks much like one that goes on
AFTER = 1500  # of these, and of any others
COUNT = 0.25  # how much one of these counts beside one that goes on
TRIED = (0.2, 0.3, 0.4, 0.5, 2.0)  # the last one: each alone


@dataclass(frozen=True)
class Sample:
    """A message after others.

    Attributes:
        line: its line number.
        goes_on: whether it was written to go on; else it was put after a question by chance.
        right: the topics that it asks for, empty where it asks for none.
        old: the topic of the message before it.
        alone: the topic of the message alone.
        readings: the message, and what else it may mean.
        choice: the topic with the message before it, and the signals; None where there is no choice.
    """

    line: int
    goes_on: bool
    right: frozenset[str]
    old: str
    alone: str
    readings: list[Message]
    choice: tuple[str, Choice] | None


def samples_of(reader: Reader, lines: Sequence[Question]) -> list[Sample]:
    """Returns the lines that go on, and single messages each put after another, chosen by chance."""
    chance = random.Random(SEED)
    single = [one for one in lines if one.kind in SINGLE and len(one.turns[0]) <= LONGEST]
    others = [one for one in lines if one.kind in OTHERS and len(one.turns[0]) <= LONGEST]
    short = [one for one in others if len(one.turns[0].split()) <= SHORT]
    second = [*chance.sample(others, AFTER), *chance.sample(short, AFTER)]
    pairs = [(chance.choice(single), one) for one in second]
    return [
        *(_sample(reader, one, one.turns) for one in lines if one.kind == "follow_up"),
        *(
            _sample(reader, second, (first.turns[0], second.turns[0]))
            for first, second in pairs
            if not set(first.expect) & set(second.expect)
        ),
    ]


def fit_going_on(samples: Sequence[Sample]) -> Logistic:
    """Fits the choices where one side is right and the other is wrong."""
    found = [(one, *one.choice) for one in samples if one.choice is not None]
    rows = [
        (signals(choice), topic in one.right, COUNT ** (not one.goes_on))
        for one, topic, choice in found
        if (topic in one.right) != (one.alone in one.right or not one.goes_on)
    ]
    return fit([row for row, _, _ in rows], [label for _, label, _ in rows], [count for _, _, count in rows])


def try_going_on(reader: Reader, samples: Sequence[Sample], model: Callable[[int], Logistic]) -> None:
    """Prints a table; `model` gives the model for a line, fitted without it."""
    print("context  goes on: right  single after another: old topic kept  no topic: answered")
    for context in TRIED:
        told = [(one, _chosen(reader, one, model(one.line), context)) for one in samples]
        right = np.mean([topic in one.right for one, topic in told if one.goes_on])
        kept = np.mean([topic == one.old for one, topic in told if not one.goes_on and one.right])
        answered = np.mean([bool(topic) for one, topic in told if not one.goes_on and not one.right])
        print(f"{context:7.2f} {right:15.1%} {kept:30.2%} {answered:23.2%}")


def _sample(reader: Reader, line: Question, turns: Sequence[str]) -> Sample:
    events: list[Event] = []
    alone, old = reader.collector(), ""
    for text in turns[:-1]:
        message = collected(alone, reader.read(text, events))
        old = reader.topic(intent_of(message))
        reply = {"custom": {"kind": "answer" if old else "out_of_scope", "topic": old or None}}
        events += [UserUttered(text, parse_data={"text": text}), BotUttered(data=reply)]
    readings = reader.read(turns[-1], events)
    found = None
    if readings[0].get(MANNER) is not None and intent_of(readings[0]) not in INTENT_OF_LEVEL.values():
        found = alone.in_context(readings[0], readings[1:])
    choice = (found[0].removeprefix(TOPIC_INTENT), found[1]) if found else None
    asks = line.kind in SINGLE or line.kind == "follow_up"
    right = frozenset(line.expect if asks else ())
    own = reader.topic(intent_of(readings[0]))
    return Sample(line.line, line.kind == "follow_up", right, old, own, readings, choice)


def _chosen(reader: Reader, sample: Sample, model: Logistic, context: float) -> str:
    message = collected(reader.collector(going_on=model, context=context), sample.readings)
    return reader.topic(intent_of(message))
