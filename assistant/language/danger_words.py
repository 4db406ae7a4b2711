"""Finding danger in a message by the words of one language."""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, islice, takewhile

from rapidfuzz import process
from rapidfuzz.distance import OSA

from assistant.language.folding import FoldedText
from assistant.language.language_file import (
    CALM,
    COVERS,
    CRISIS,
    EMERGENCY,
    URGENT,
    LanguageWords,
    Together,
)
from assistant.language.red_flag_phrases import Phrasebook
from assistant.language.red_flag_reading import STOP, Reading
from assistant.language.red_flag_spans import Span, SpanIndex

NOW = "now"
# From six letters one wrong letter is put right: shorter words have too many neighbours.
SHORTEST_GUESS = 6
# Signs of one danger stand in one sentence with at most so many words between them.
FARTHEST = 6
# Arabic writes "and", "so", "with", "to" and "on" as a letter before the word.
JOINED = tuple("وفبلع")


@dataclass(frozen=True)
class Told:
    """What one language's words tell.

    Attributes:
        levels: the longest phrase of each level, "now" or "crisis".
        together: the most words of each level that tell of it only together.
        calm: whether any sentence tells of calm.
    """

    levels: Mapping[str, tuple[str, ...]]
    together: Mapping[str, tuple[str, ...]]
    calm: bool = False


NOTHING = Told({}, {})


class DangerWords:
    """The words for danger of one language."""

    def __init__(self, words: LanguageWords, together: Together, english: frozenset[str]) -> None:
        """Compile the phrases; `together` names the signs that make a danger in one sentence."""
        self._book = Phrasebook({**words.lists, **words.signs})
        self._together = together
        self._english = english
        self.words, self.beginnings = _plain_words(words.lists, english)
        guessable = self.words | _plain_words(words.signs, english)[0]
        self.signs = guessable - self.words
        self._guessable = sorted(word for word in guessable if len(word) >= SHORTEST_GUESS)
        self._meant = lru_cache(maxsize=10_000)(self._guess)

    def find(self, text: FoldedText) -> Told:
        """Returns what the text tells; a level is not told by a sentence that tells of calm."""
        meant = [self._meant(word) for word in text.words]
        if not any(known for _, known in meant):
            return NOTHING
        found = self._book.find(Reading(text.words, tuple(word for word, _ in meant), text.breaks))
        sentences = _sentences(text)
        calm = set() if found.get(URGENT) else {sentences[span.start] for span in found.get(CALM, ())}
        covers = SpanIndex(found.get(COVERS, ()), len(text.words))
        for name in found.keys() - {COVERS, CALM, URGENT}:
            found[name] = [
                span for span in found[name] if sentences[span.start] not in calm and not covers.covers(span)
            ]
        levels: dict[str, tuple[str, ...]] = {}
        together: dict[str, tuple[str, ...]] = {}
        for role, level in ((CRISIS, CRISIS), (EMERGENCY, NOW)):
            phrases = [text.words[span.start : span.end] for span in found.get(role, ())]
            if phrases:
                levels[level] = max(phrases, key=len)
            signs = [
                tuple(word for span in spans for word in text.words[span.start : span.end])
                for names in self._together[role]
                if all(found.get(name) for name in names)
                for spans in islice(_together([found[name] for name in names], sentences), 1)
            ]
            if signs:
                together[level] = max(signs, key=len)
        return Told(levels, together, bool(calm))

    def _guess(self, word: str) -> tuple[str, bool]:
        """Returns the word that is meant, and whether it is one of ours; English words are not."""
        if word in self._english or self._book.knows(word):
            return word, word not in self._english
        if word.startswith(JOINED) and len(word) > 2 and self._book.knows(word[1:]):
            return word[1:], True
        if len(word) < SHORTEST_GUESS:
            return word, False
        best = process.extractOne(word, self._guessable, scorer=OSA.distance, score_cutoff=1)
        return (word, False) if best is None else (best[0], True)


def _plain_words(
    lists: Mapping[str, tuple[str, ...]], english: frozenset[str]
) -> tuple[frozenset[str], tuple[str, ...]]:
    """Returns the whole words of some lists that English does not have, and their beginnings."""
    symbols = {symbol for phrases in lists.values() for phrase in phrases for symbol in phrase.split()}
    plain = frozenset(symbol for symbol in symbols if symbol[0] not in "{<_" and symbol[-1] != "*")
    return plain - english, tuple(symbol[:-1] for symbol in symbols if symbol[-1] == "*")


def _sentences(text: FoldedText) -> tuple[int, ...]:
    """Returns the number of the sentence of each word."""
    return tuple(accumulate(strength == STOP for strength in text.breaks))


def _together(
    signs: Sequence[Sequence[Span]], sentences: Sequence[int], *chosen: Span
) -> Iterator[tuple[Span, ...]]:
    """Yields one span of each sign wherever they are near the first in its sentence, none within another."""
    if len(chosen) == len(signs):
        yield chosen
        return
    for span in _nearby(signs[len(chosen)], chosen[0]) if chosen else signs[0]:
        if all(
            sentences[span.start] == sentences[one.start] and (span.end <= one.start or one.end <= span.start)
            for one in chosen
        ):
            yield from _together(signs, sentences, *chosen, span)


def _nearby(spans: Sequence[Span], other: Span) -> Iterator[Span]:
    """Yields those of the spans, which are in order of their start, that are near another."""
    first = bisect_left(spans, other.start - 2 * FARTHEST, key=lambda span: span.start)
    for span in takewhile(lambda span: span.start - other.end <= FARTHEST, islice(spans, first, None)):
        if other.start - span.end <= FARTHEST:
            yield span
