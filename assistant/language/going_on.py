"""Whether a message that may go on with the one before it does: signals for a small logistic model.

A short message after an answer may ask for more of the same, or something new that happens to be
short. What tells them apart is how sure it is of its own topic when read alone, what both messages
together are about, and how it is worded, weighed together.
"""

import math
import re
from dataclasses import dataclass
from pathlib import Path

from assistant.language.follow_up import LEAST
from assistant.language.logistic import Logistic, load_logistic
from assistant.language.questions import asks_at_once

TOPIC = "topic"
NOT_COVERED = "not_covered"
SMALL_TALK = "small_talk"

_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Choice:
    """A choice between what a message is about alone and what it is about with the one before it.

    Probabilities are 0 to 1.

    Attributes:
        text: the message.
        manner: name of how it goes on.
        kind: what it is alone: TOPIC, NOT_COVERED or SMALL_TALK.
        score: chance that the classifier's choice for the message alone is right.
        likeliest: of the message's best intent alone.
        uncovered: of all neighbour intents together, alone.
        alone, together, both: of the topic in question alone, in both messages read as one, and as
            `read_together` weighs them.
        answered: whether it is the topic of the latest answer.
    """

    text: str
    manner: str
    kind: str
    score: float
    likeliest: float
    uncovered: float
    alone: float
    together: float
    both: float
    answered: bool


def signals(choice: Choice) -> dict[str, float]:
    """Returns what speaks for or against the message before it."""
    return {
        "alone": _log(choice.alone),
        "together": _log(choice.together),
        "both": _log(choice.both),
        "answered": float(choice.answered),
        "score_alone": choice.score,
        "likeliest_alone": _log(choice.likeliest),
        "uncovered_alone": choice.uncovered,
        "topic_alone": float(choice.kind == TOPIC),
        "small_talk_alone": float(choice.kind == SMALL_TALK),
        "words": math.log(max(len(_WORD.findall(choice.text)), 1)),
        "begins_as_question": float(asks_at_once(choice.text)),
        "question_mark": float(choice.text.rstrip().endswith("?")),
        "why": float(choice.manner == "why"),
        "correction": float(choice.manner == "correction"),
        "opening": float(choice.manner == "opening"),
        "fragment": float(choice.manner == "fragment"),
    }


def load_going_on(file: Path) -> Logistic:
    """Reads the weights; raises ContentError when their file is broken."""
    return load_logistic(file, signals(Choice("", "", "", 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, False)))


def _log(share: float) -> float:
    return math.log(max(share, LEAST))
