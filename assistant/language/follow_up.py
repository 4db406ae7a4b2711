"""How a message goes on with the one before it, and what it is about when both are read together."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from assistant.language.lookup_file import Part, read

# Probability of an intent that a ranking leaves out.
LEAST = 0.01

_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Manner:
    """One way of going on.

    Attributes:
        name: what staff read of it.
        pattern: the wordings.
        words: the most words that a message may have.
        context: power of the probabilities of both messages read together.
        topic: power by which the topic of the latest answer counts.
        cut: whether the wording at the beginning is no part of what is asked.
        small_talk: whether it goes on also where the message alone looks like small talk.
    """

    name: str
    pattern: re.Pattern[str]
    words: int
    context: float
    topic: float
    cut: bool
    small_talk: bool

    def rest(self, text: str) -> str:
        """Returns the text without the wording at its beginning, "" if nothing is cut or left."""
        found = self.pattern.match(text) if self.cut else None
        return text[found.end() :].strip(" ,.:;-\u2013\u2014") if found else ""


@dataclass(frozen=True)
class FollowUps:
    """The manners, in the order in which they are tried."""

    manners: tuple[Manner, ...]

    def manner(self, text: str) -> Manner | None:
        """Returns how the text goes on with the message before it, None if it stands alone."""
        words = len(_WORD.findall(text))
        return next((one for one in self.manners if words <= one.words and one.pattern.search(text)), None)


def read_together(
    manner: Manner, alone: Mapping[str, float], together: Mapping[str, float], answered: str
) -> dict[str, float]:
    """Returns the probability of each intent, given the message and the one before it.

    Args:
        manner: how the message goes on.
        alone: intents of the message alone.
        together: intents of both messages read as one.
        answered: intent of the latest answer, "" if there is none.
    """
    names = {*alone, *together, *([answered] if answered else [])}
    weights = {
        name: max(alone.get(name, 0.0), LEAST) * max(together.get(name, 0.0), LEAST) ** manner.context
        for name in names
    }
    if answered:
        weights[answered] *= 2.718281828**manner.topic
    total = sum(weights.values())
    return {name: weight / total for name, weight in weights.items()}


def load_follow_ups(file: Path) -> FollowUps:
    """Reads `manners: [{manner, words, context, topic, cut, small_talk, wordings}, …]`.

    Raises:
        ContentError: the file is malformed, a number is none, or a wording is no regular expression.
    """
    manners = read(file).mapping(required=("manners",))["manners"].items()
    return FollowUps(tuple(_manner(part) for part in manners))


def _manner(part: Part) -> Manner:
    keys = part.mapping(
        required=("manner", "words", "context", "topic", "wordings"), optional=("cut", "small_talk")
    )
    name = keys["manner"].text()
    wordings = [_wording(one, name) for one in keys["wordings"].items(name)]
    return Manner(
        name,
        re.compile("|".join(f"(?:{one})" for one in wordings), re.IGNORECASE),
        int(keys["words"].number(name)),
        keys["context"].number(name),
        keys["topic"].number(name),
        _is_true(keys, "cut"),
        _is_true(keys, "small_talk"),
    )


def _is_true(keys: Mapping[str, Part], key: str) -> bool:
    return key in keys and keys[key].text(key) == "true"


def _wording(part: Part, name: str) -> str:
    wording = part.text(name)
    try:
        re.compile(wording)
    except re.error as error:
        raise part.error(f"{wording!r} is no regular expression: {error}", name) from error
    return wording
