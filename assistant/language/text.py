"""Cleaning of the text that a patient types, before anything reads it."""

import unicodedata

# Letters and marks that take no room on the screen but are not format characters in Unicode.
INVISIBLE = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0")
# Control, format (bidi, zero width, tags) and lone surrogate characters.
REMOVED_CATEGORIES = frozenset({"Cc", "Cf", "Cs"})
# Phones type these for the apostrophe that our word lists and rules are written with.
APOSTROPHES = str.maketrans(dict.fromkeys("\u2018\u2019\u2032\u00b4", "'"))


def clean(text: str) -> str:
    """Return the text in Unicode NFKC on one line, with plain apostrophes, without what nobody can see.

    Control, bidirectional and zero-width characters are taken out, runs of white space
    (also line breaks) become one space, and the ends are stripped. Cleaning twice gives
    what cleaning once gives; a text without visible characters gives "".
    """
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    straight = text.translate(APOSTROPHES)
    folded = " ".join(unicodedata.normalize("NFKC", straight).translate(APOSTROPHES).split())
    visible = "".join(character for character in folded if _is_visible(character))
    # Letters that a removed character held apart may now form one character.
    return " ".join(unicodedata.normalize("NFKC", visible).split())


def _is_visible(character: str) -> bool:
    return character not in INVISIBLE and unicodedata.category(character) not in REMOVED_CATEGORIES
