"""Which language a message is in, and whether it tells of danger in a language other than English."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from lingua import IsoCode639_1, LanguageDetectorBuilder
from rapidfuzz import process
from rapidfuzz.distance import OSA

from assistant.language.folding import FoldedText, fold
from assistant.language.language_file import CALM, COVERS, CRISIS, EMERGENCY, URGENT, LanguageFile
from assistant.language.red_flag_phrases import Phrasebook
from assistant.language.red_flag_reading import STOP, Reading
from assistant.language.red_flag_spans import Span
from assistant.language.script import language_of_script

ENGLISH = "en"
NOW = "now"
# From six letters one wrong letter is put right: shorter words have too many neighbours.
SHORTEST_GUESS = 6


@dataclass(frozen=True)
class Finding:
    """What was found out about a message.

    Attributes:
        language: code of the language to answer in, "en" also where nothing else is sure.
        level: "now" for an emergency, "crisis", or "" where that language's words tell of none.
    """

    language: str
    level: str = ""


@dataclass(frozen=True)
class _Told:
    """What one language's words tell: the longest phrase of each level, and whether any tells of calm."""

    levels: Mapping[str, tuple[str, ...]]
    calm: bool = False


_NOTHING = _Told({})


class _Danger:
    """The words for danger of one language."""

    def __init__(self, lists: Mapping[str, tuple[str, ...]], english: frozenset[str]) -> None:
        self._book = Phrasebook(lists)
        symbols = {symbol for phrases in lists.values() for phrase in phrases for symbol in phrase.split()}
        plain = frozenset(symbol for symbol in symbols if symbol[0] not in "{<_" and symbol[-1] != "*")
        self.words = plain - english
        self.beginnings = tuple(symbol[:-1] for symbol in symbols if symbol[-1] == "*")
        self._english = english
        self._guessable = sorted(word for word in self.words if len(word) >= SHORTEST_GUESS)
        self._meant = lru_cache(maxsize=10_000)(self._guess)

    def find(self, text: FoldedText) -> _Told:
        """Returns what the text tells; a level is not told by a sentence that tells of calm."""
        meant = [self._meant(word) for word in text.words]
        if not any(known for _, known in meant):
            return _NOTHING
        found = self._book.find(Reading(text.words, tuple(word for word, _ in meant), text.breaks))
        calm = set() if found.get(URGENT) else {_sentence(text, span.start) for span in found.get(CALM, ())}
        covers = found.get(COVERS, ())
        levels: dict[str, tuple[str, ...]] = {}
        for role, level in ((CRISIS, CRISIS), (EMERGENCY, NOW)):
            phrases = [
                text.words[span.start : span.end]
                for span in found.get(role, ())
                if _sentence(text, span.start) not in calm and not _is_in(span, covers)
            ]
            if phrases:
                levels[level] = max(phrases, key=len)
        return _Told(levels, bool(calm))

    def _guess(self, word: str) -> tuple[str, bool]:
        """Returns the word that is meant, and whether it is one of ours; English words are not."""
        if word in self._english or self._book.knows(word):
            return word, word not in self._english
        if len(word) < SHORTEST_GUESS:
            return word, False
        best = process.extractOne(word, self._guessable, scorer=OSA.distance, score_cutoff=1)
        return (word, False) if best is None else (best[0], True)


class OtherLanguages:
    """Knows messages that are not in English.

    Args:
        file: frequent words and words for danger.
        known: every English word.
    """

    def __init__(self, file: LanguageFile, known: frozenset[str]) -> None:
        """See class."""
        english, languages = file.english, file.languages
        self._english = english
        self._known = known
        self._variants = file.variants
        self._danger = {code: _Danger(one.lists, english) for code, one in languages.items()}
        self._words = {code: one.words | self._danger[code].words for code, one in languages.items()}
        self._telling = self._find_telling_words()
        # Its small models need a fraction of the memory; our lists of words make up for what they miss.
        builder = LanguageDetectorBuilder.from_iso_codes_639_1(
            *(getattr(IsoCode639_1, code.upper()) for code in (ENGLISH, *languages))
        )
        self._detector = builder.with_low_accuracy_mode().build()

    def find(self, text: str) -> Finding:
        """Returns language and danger of a cleaned message; an empty one is English."""
        folded = fold(text.translate(self._variants))
        if text.isascii() and self._is_plain(folded.words):
            return Finding(ENGLISH)
        language = self._language(text, folded.words)
        told = {code: danger.find(folded) for code, danger in self._danger.items()}
        if told.get(language, _NOTHING).calm:
            told = {language: told[language]}
        for level in (CRISIS, NOW):
            codes = [
                code
                for code, one in told.items()
                if level in one.levels and self._is_alarm(language, one.levels[level])
            ]
            if codes:
                return Finding(language if language in codes else self._nearest(text, codes), level)
        return Finding(language or ENGLISH)

    def _is_plain(self, words: Iterable[str]) -> bool:
        """Returns whether every word is English and no other language would think of it."""
        return all(
            word in self._english or word in self._known and word not in self._telling for word in words
        )

    def _find_telling_words(self) -> frozenset[str]:
        """Returns English words that are words, or may be beginnings of words, of other languages."""
        words = frozenset().union(*self._words.values())
        beginnings = tuple(start for danger in self._danger.values() for start in danger.beginnings)
        return (words | {word for word in self._known if word.startswith(beginnings)}) - self._english

    def _is_alarm(self, language: str, phrase: tuple[str, ...]) -> bool:
        """Returns whether a phrase counts; one word does not in English, nor an English one elsewhere."""
        if language in self._words or len(phrase) > 1:
            return True
        return language != ENGLISH and phrase[0] not in self._known

    def _language(self, text: str, words: tuple[str, ...]) -> str:
        """Returns the language, "" where nothing tells."""
        by_script = language_of_script(text)
        if by_script is not None:
            return by_script if by_script in self._words else ""
        words = tuple(word for word in words if word.isalpha())
        english = sum(word in self._english for word in words)
        hits = {code: self._count(code, words) for code in self._words}
        most = max(hits.values())
        if english >= max(most, 2) or english > most:
            return ENGLISH
        if most >= 2 and most / len(words) >= 0.3 or most and most == len(words) and len(words[0]) > 2:
            return self._nearest(text, [code for code, count in hits.items() if count == most])
        return "" if english else self._guess(text, words)

    def _count(self, code: str, words: tuple[str, ...]) -> int:
        known, beginnings = self._words[code], self._danger[code].beginnings
        return sum(word in known or word not in self._known and word.startswith(beginnings) for word in words)

    def _nearest(self, text: str, codes: list[str]) -> str:
        """Returns the likeliest of some languages."""
        if len(codes) == 1:
            return codes[0]
        return next(code for code, _ in self._likeliest(text) if code in codes)

    def _guess(self, text: str, words: tuple[str, ...]) -> str:
        """Returns the language of a text that the lists hardly know, "" where the library is not sure."""
        longer = tuple(word for word in words if len(word) > 2)
        hits = max(self._count(code, longer) for code in self._words)
        strange = sum(word not in self._known for word in words)
        # Without a word of ours a name and a slip of the keyboard look like a language too.
        needed, fewest = (0.5, 2) if hits else (0.9, 4)
        if strange + hits < fewest or (strange + hits) / len(words) < 0.5:
            return ""
        best, sure = self._likeliest(text)[0]
        return best if best != ENGLISH and sure >= needed else ""

    def _likeliest(self, text: str) -> list[tuple[str, float]]:
        return [
            (one.language.iso_code_639_1.name.lower(), one.value)
            for one in self._detector.compute_language_confidence_values(text)
        ]


def _is_in(span: Span, wider: Iterable[Span]) -> bool:
    return any(one.start <= span.start and span.end <= one.end for one in wider)


def _sentence(text: FoldedText, place: int) -> int:
    return sum(strength == STOP for strength in text.breaks[: place + 1])
