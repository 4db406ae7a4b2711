"""Text in any language as plain words: no capitals, no accents, one spelling for letters that people mix."""

import re
import unicodedata
from dataclasses import dataclass

from assistant.language.red_flag_reading import NO_BREAK, STOP

HAN = "\u3400-\u9fff"
# Chinese has no spaces: each character is a word.
_TOKEN = re.compile(rf"[{HAN}]|[^\W_{HAN}]+|[.!?;\n\u2026\u3002\u061f\u0964]")
_WORD = re.compile(r"[^\W_]")
_REPEATED = re.compile(r"(\D)\1{2,}")
# Letters that have no accent to lose, and those that people type for each other. The signs for vowels
# of Hindi become letters, long ones short, so that they count as parts of words.
_LETTERS = str.maketrans(
    {
        "ı": "i", "ł": "l", "ø": "o", "đ": "d", "æ": "ae", "œ": "oe",
        "ى": "ي", "ی": "ي", "ک": "ك", "ة": "ه", "ـ": None,
        "ा": "आ", "ि": "इ", "ी": "इ", "ु": "उ", "ू": "उ", "ृ": "ऋ", "े": "ए", "ै": "ए",
        "ो": "ओ", "ौ": "ओ", "ॉ": "आ", "ऑ": "आ", "ई": "इ", "ऊ": "उ", "ऐ": "ए", "औ": "ओ",
    }
)  # fmt: skip
_ARTICLE = re.compile(r"^[وفب]?ال(?=...)")


@dataclass(frozen=True)
class FoldedText:
    """The words of a text, and before each whether a sentence begins (NO_BREAK or STOP)."""

    words: tuple[str, ...]
    breaks: tuple[int, ...]


def fold(text: str) -> FoldedText:
    """Return the words of a text in their plain form; an empty text has none."""
    words: list[str] = []
    breaks: list[int] = []
    pending = NO_BREAK
    for token in _TOKEN.findall(_plain(text)):
        if _WORD.match(token):
            words.append(_ARTICLE.sub("", token))
            breaks.append(pending)
            pending = NO_BREAK
        else:
            pending = STOP
    return FoldedText(tuple(words), tuple(breaks))


def _plain(text: str) -> str:
    if text.isascii():
        return _REPEATED.sub(r"\1", text.lower())
    decomposed = unicodedata.normalize("NFKD", text.casefold()).translate(_LETTERS)
    return _REPEATED.sub(r"\1", "".join(_digit(one) for one in decomposed if not _is_mark(one)))


def _is_mark(character: str) -> bool:
    return unicodedata.category(character)[0] == "M"


def _digit(character: str) -> str:
    """Return a digit of any script as 0 to 9, and anything else as it is."""
    return str(unicodedata.decimal(character, character))
