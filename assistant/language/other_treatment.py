"""Whether a question is about another treatment and not about mesotherapy."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

# Canonical ids of data/lookups/treatment.yml that are mesotherapy by another name, or no treatment.
OWN = frozenset(
    {
        "mesotherapy",
        "facial_mesotherapy",
        "hair_mesotherapy",
        "needle_free_mesotherapy",
        "injection_lipolysis",
        "self_injection",
    }
)
NO_TREATMENT = frozenset(
    {
        "alcohol",
        "diet",
        "doing_nothing",
        "exercise",
        "flying",
        "make_up",
        "sauna",
        "shower",
        "sunbathing",
        "tattoo",
        "waxing",
    }
)

_OWN_WORDS = re.compile(
    r"\b(?:meso\w*|inject\w*|jab(?:s|bed)?|shots?|needles?|pricks?|dissolv\w+|(?:this|the) treatment)\b",
    re.IGNORECASE,
)
_POINTING = re.compile(r"\b(?:it|this|these|those|they|them)\b", re.IGNORECASE)
# "botox jabs" are not ours
_ITS_JABS = re.compile(r"\s+(?:injections?|jabs?|shots?|needles?|treatments?)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Mention:
    """A treatment named in a text.

    Attributes:
        treatment: canonical id.
        start, end: characters of the text.
    """

    treatment: str
    start: int
    end: int


def is_about_another_treatment(text: str, mentions: Iterable[Mention]) -> bool:
    """Returns whether a text names another treatment, and mesotherapy in no way.

    "Does botox hurt?" does; "does it hurt more than botox?" does not: "it" stands before the other
    treatment and so does not point to it.
    """
    named = sorted(mentions, key=lambda mention: mention.start)
    others = [one for one in named if one.treatment not in OWN | NO_TREATMENT]
    if not others or any(one.treatment in OWN for one in named):
        return False
    if _POINTING.search(text[: others[0].start]):
        return False
    return _OWN_WORDS.search(_without(text, others)) is None


def _without(text: str, mentions: list[Mention]) -> str:
    for one in reversed(mentions):
        follows = _ITS_JABS.match(text, one.end)
        text = text[: one.start] + " " + text[follows.end() if follows else one.end :]
    return text
