"""What people say to a reply about danger: that they cannot call, how it goes on, or that they only asked."""

import re

from assistant.knowledge.model import Safety

_DROPPED = re.compile(r"['’`]")
_NO_WORD = re.compile(r"[^\w]+")


def plain_words(text: str) -> str:
    """Returns a text in small letters, without apostrophes, and with blanks for all other signs."""
    return _NO_WORD.sub(" ", _DROPPED.sub("", text.lower())).strip()


def cannot_call(safety: Safety, text: str) -> bool:
    """Returns whether somebody says that they cannot call, in words that are no sign of illness."""
    return _says(safety, "cannot_call", text)


def cannot_speak(safety: Safety, text: str) -> bool:
    """Returns whether somebody says that they cannot call or speak, in a message without a red flag.

    In one with a red flag the same words ("she can't speak") tell what is wrong.
    """
    return _says(safety, "cannot_speak", text) or cannot_call(safety, text)


def tells_event(safety: Safety, text: str) -> bool:
    """Returns whether somebody tells that it goes on, is over or is not so bad: it is no mere question."""
    return _says(safety, "event", text)


def only_asking(safety: Safety, text: str) -> int | None:
    """Returns how many words say more than that it was only a question; None if nothing says so."""
    words = plain_words(text)
    if tells_event(safety, text):
        return None
    rest = words
    for pattern in safety.after_danger.get("only_asking", ()):
        rest = pattern.sub(" ", rest)
    return len(rest.split()) if rest != words else None


def _says(safety: Safety, meaning: str, text: str) -> bool:
    words = plain_words(text)
    return any(pattern.search(words) for pattern in safety.after_danger.get(meaning, ()))
