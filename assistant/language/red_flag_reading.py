"""A message as the red-flag rules read it: words in one spelling, with the breaks between them."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from rapidfuzz import process
from rapidfuzz.distance import OSA
from spacy.tokens import Doc

NO_BREAK, COMMA, STOP = 0, 1, 2

_WORD = re.compile(r"\d+(?:[.,]\d+)?|[^\W\d_]+(?:['\u2018\u2019\u02bc`\u00b4][^\W\d_]+)*")
_MARKS = "'\u2018\u2019\u02bc`\u00b4"
_APOSTROPHES = str.maketrans("", "", _MARKS)
_STOP_MARKS = frozenset(".!?;:\n\u2026")
_COMMA_MARKS = frozenset(",()/\u2013\u2014")
_REPEATED = re.compile(r"(.)\1{2,}")

# Shorter words have too many ordinary neighbours to be guessed.
SHORTEST_GUESS = 6
TWO_MISTAKES_FROM = 9
# "it's", "he's" and "that's" stay one word, as in "its" typed without the mark.
SHORTEST_PRONOUN = 5
CACHED_WORDS = 20_000


@dataclass(frozen=True)
class Reading:
    """The words of a message.

    Attributes:
        words: in lower case, without apostrophes, misspellings put right.
        lemmas: the lemma of each word, the word itself where none is known.
        breaks: NO_BREAK, COMMA or STOP before each word.
        places: first character of each word and the one after its last; empty where the words were
            not read from a text.
    """

    words: tuple[str, ...]
    lemmas: tuple[str, ...]
    breaks: tuple[int, ...]
    places: tuple[tuple[int, int], ...] = ()

    def without(self, dropped: set[int]) -> "Reading":
        """Return the reading without the words at these places; a break before them is kept."""
        kept: list[int] = []
        breaks: list[int] = []
        pending = NO_BREAK
        for place, strength in enumerate(self.breaks):
            pending = max(pending, strength)
            if place not in dropped:
                kept.append(place)
                breaks.append(pending)
                pending = NO_BREAK
        return Reading(
            tuple(self.words[place] for place in kept),
            tuple(self.lemmas[place] for place in kept),
            tuple(breaks),
            tuple(self.places[place] for place in kept) if self.places else (),
        )


class Speller:
    """Puts misspelt words right: from a list, by taking out repeated letters, by closeness to a key word."""

    def __init__(
        self,
        spellings: Mapping[str, str],
        key_words: Iterable[str],
        ordinary: Iterable[str],
        owners: Iterable[str],
        knows: Callable[[str], bool],
    ):
        """Keep the right word by misspelling, the words to guess, and the words never to be changed.

        `owners` are words for persons, after which 's means a possession; `knows` tells of a word
        whether the rules use it as it stands.
        """
        self._spellings = dict(spellings)
        self._key_words = sorted(key_words)
        self._ordinary = frozenset(ordinary)
        self._owners = frozenset(owners)
        self._knows = knows
        self._corrected: dict[str, str] = {}

    def split(self, typed: str) -> list[str]:
        """Return the corrected words of what was typed: "throat's" is two, "mum's" and "it's" are one."""
        plain = typed.translate(_APOSTROPHES)
        if not plain.endswith("s"):
            return [self.correct(plain)]
        base = plain[:-1]
        if base in self._owners:
            return [base]
        marked = len(plain) + 1 == len(typed) and typed[-2] in _MARKS
        if marked and (not self._knows(plain) or self._knows(base) and len(base) > SHORTEST_PRONOUN):
            return [self.correct(base), "is"]
        return [self.correct(plain)]

    def correct(self, word: str) -> str:
        """Return the word in the spelling that the rules use."""
        known = self._corrected.get(word)
        if known is None:
            if len(self._corrected) >= CACHED_WORDS:
                self._corrected.clear()
            known = self._corrected[word] = self._correct(word)
        return known

    def _correct(self, word: str) -> str:
        if word in self._spellings:
            return self._spellings[word]
        if self._is_right(word):
            return word
        squeezed = _REPEATED.sub(r"\1", word)
        doubled = _REPEATED.sub(r"\1\1", word)
        for candidate in (squeezed, doubled):
            if candidate in self._spellings or self._is_right(candidate):
                return self._spellings.get(candidate, candidate)
        return self._guess(squeezed)

    def _is_right(self, word: str) -> bool:
        return word in self._ordinary or self._knows(word)

    def _guess(self, word: str) -> str:
        if len(word) < SHORTEST_GUESS or not word.isalpha():
            return word
        limit = 2 if len(word) >= TWO_MISTAKES_FROM else 1
        found = process.extractOne(word, self._key_words, scorer=OSA.distance, score_cutoff=limit)
        if found is None or found[0][0] != word[0]:
            return word
        return found[0]


def read(doc: Doc, speller: Speller) -> Reading:
    """Return the words of a document; lemmas are used where the pipeline set them.

    Built from the text and not from the tokens, because the tokenizer takes "cant" and "can't"
    apart in different ways.
    """
    text = doc.text
    lemma_at = {token.idx: (token.lower_, token.lemma_.lower()) for token in doc}
    words: list[str] = []
    lemmas: list[str] = []
    breaks: list[int] = []
    places: list[tuple[int, int]] = []
    end = 0
    for match in _WORD.finditer(text):
        typed = match.group().lower()
        strength = _strength(text[end : match.start()]) if words else NO_BREAK
        token, lemma = lemma_at.get(match.start(), ("", ""))
        for word in speller.split(typed):
            words.append(word)
            lemmas.append(lemma if lemma and word == typed == token else word)
            breaks.append(strength)
            places.append(match.span())
            strength = NO_BREAK
        end = match.end()
    return Reading(tuple(words), tuple(lemmas), tuple(breaks), tuple(places))


def _strength(between: str) -> int:
    if between == " " or not between:
        return NO_BREAK
    # Dots in a row are a pause in a sentence, not its end.
    if _STOP_MARKS.intersection(between.replace("...", ",").replace("..", ",").replace("\u2026", ",")):
        return STOP
    return COMMA if _COMMA_MARKS.intersection(between) or " - " in between or ".." in between else NO_BREAK
