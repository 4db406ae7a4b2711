"""Makes a typed text safe to hand to Rasa."""

import unicodedata

NOTHING_LEFT = "?"
# Blanks and what does not show: control, format and surrogate characters, separators.
UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zs", "Zl", "Zp"})


def without_surrogates(text: str) -> str:
    """Returns the text without halves of characters, which JSON allows and UTF-8 does not."""
    return text.encode("utf-8", "ignore").decode("utf-8")


def as_plain_text(text: str) -> str:
    r"""Returns the text without slashes, blanks and invisible characters at its start.

    Rasa takes "/greet" as an intent (and " /greet" too, it strips), and quotes
    an unknown one in its log. If nothing is left the result is "?".
    """
    start = 0
    while start < len(text) and (text[start] == "/" or unicodedata.category(text[start]) in UNSEEN):
        start += 1
    return text[start:] or NOTHING_LEFT
