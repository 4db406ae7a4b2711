"""Tells a text that only asks whether something is so: "is it natural?", "it's natural?"."""

import re

_SENTENCE_END = re.compile(r"(?<=[.?!;:])\s+")
_FIRST_WORDS = re.compile(
    r"^\W*(?:(?:and|so|but|hi|hello|also|ok|or|please|hey)[ ,]+)*"
    r"(?:is|are|was|were|do|does|did|can|could|will|would|should|has|have|had|may|might|am"
    r"|isn['’]?t|aren['’]?t|doesn['’]?t|don['’]?t|any)\b",
    re.IGNORECASE,
)
# Words that ask for something else than yes or no, that give a reason, or that want a nod.
_MORE = re.compile(
    r"\b(?:what|which|who|whom|whose|when|where|why|how|wat|wot|whats|hows|y"
    r"|since|because|cos|cuz|bc|as|given|seeing|considering|now|after|once|until|till"
    r"|so|then|if|being|though|although|yet|but)\b"
    r"|\b(?:right|correct|yes|yeah|yea|ya|no|true|innit|agreed|rite|eh)\s*\?"
    r"|n['’]?t (?:it|they|he|she|you|there|that)\s*\?",
    re.IGNORECASE,
)


def only_asks(text: str) -> bool:
    """Returns whether a text is one sentence that asks for yes or no, and states nothing beside it."""
    text = text.strip()
    if len(_SENTENCE_END.split(text)) > 1:
        return False
    asks = text.endswith("?") or _FIRST_WORDS.match(text) is not None
    return asks and _MORE.search(_FIRST_WORDS.sub("", text)) is None
