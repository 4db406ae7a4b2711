"""Whether two neighbouring parts of a message are two questions: a small logistic model.

A part alone may be sure of its topic and yet belong to the question beside it, or be unsure and yet be
a question of its own. What tells them apart is how the parts are joined and formed, so several signs
are weighed together instead of one threshold on the topic's probability.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from assistant.language.logistic import Logistic, load_logistic
from assistant.language.questions import Part, asks_at_once, opening

TOPIC = "topic"
LIMIT = "limit"
NOT_COVERED = "not_covered"

_AND = re.compile(r"\b(?:and|also|plus|nd|n)\b|[&+]", re.IGNORECASE)
_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Asked:
    """What a part asks for, read alone.

    Attributes:
        part: its place and form.
        intent: the best intent that a question may have.
        kind: TOPIC, LIMIT (what is never done: advice, a recipe) or NOT_COVERED.
        share: probability of the intent, 0 to 1.
        score: chance that the classifier's choice for the part is right, 0 to 1.
    """

    part: Part
    intent: str
    kind: str
    share: float
    score: float


def signals(text: str, before: Asked, after: Asked) -> dict[str, float]:
    """Returns what speaks for or against two neighbouring parts being two questions."""
    first, second = text[before.part.start : before.part.end], text[after.part.start : after.part.end]
    gap = text[before.part.end : after.part.start]
    marks = _ends_asking(first), _ends_asking(second)
    return {
        "before_score": before.score,
        "after_score": after.score,
        "before_words": math.log(max(len(_WORD.findall(first)), 1)),
        "sentences": float(before.part.alone and after.part.alone),
        "after_mark": float(marks[1]),
        "both_marks": float(all(marks)),
        "before_begins": float(asks_at_once(first)),
        "after_begins": float(asks_at_once(second)),
        "before_asks": float(before.part.asks),
        "after_asks": float(after.part.asks),
        "joined_by_and": float(_AND.search(gap + opening(second)) is not None),
        "joined_by_comma": float(gap.strip().startswith(",")),
        "before_topic": float(before.kind == TOPIC),
        "before_limit": float(before.kind == LIMIT),
        "after_topic": float(after.kind == TOPIC),
    }


@dataclass(frozen=True)
class Judge:
    """Tells the questions of a message by a fitted model of neighbouring parts."""

    model: Logistic

    def probability(self, text: str, before: Asked, after: Asked) -> float:
        """Returns the chance, 0 to 1, that two neighbouring parts are two questions."""
        return self.model.probability(signals(text, before, after))

    def questions(self, text: str, asked: Sequence[Asked], least: float) -> list[Asked]:
        """Returns the questions of a message, each once; of parts that are one question the surest.

        Args:
            text: the message.
            asked: its parts, in order.
            least: probability from which two parts are two questions.
        """
        groups = [[one] for one in asked[:1]]
        for before, after in zip(asked, asked[1:], strict=False):
            if before.intent != after.intent and self.probability(text, before, after) >= least:
                groups.append([after])
            else:
                groups[-1].append(after)
        surest = [max(group, key=lambda one: one.share) for group in groups]
        return list({one.intent: one for one in reversed(surest)}.values())[::-1]


def load_judge(file: Path) -> Judge:
    """Reads the weights; raises ContentError when their file is broken."""
    nothing = Asked(Part(0, 0, False, False), "", "", 0.0, 0.0)
    return Judge(load_logistic(file, signals("", nothing, nothing)))


def _ends_asking(text: str) -> bool:
    return text.rstrip("\"')] ").endswith("?")
