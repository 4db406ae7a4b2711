"""Which language a message is in, and whether it tells of danger in a language other than English."""

from collections.abc import Iterable
from dataclasses import dataclass

from lingua import IsoCode639_1, LanguageDetectorBuilder

from assistant.language.danger_words import NOW, DangerWords, Told
from assistant.language.folding import fold
from assistant.language.language_file import CRISIS, LanguageFile
from assistant.language.script import language_of_script

ENGLISH = "en"


@dataclass(frozen=True)
class Finding:
    """What was found out about a message.

    Attributes:
        language: code of the language to answer in, "en" also where nothing else is sure.
        level: "now" for an emergency, "crisis", or "" where that language's words tell of none.
    """

    language: str
    level: str = ""


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
        self._danger = {code: DangerWords(one, file.together, english) for code, one in languages.items()}
        # A sign that is an English word too tells no language.
        self._words = {
            code: one.words | self._danger[code].words | self._danger[code].signs - known
            for code, one in languages.items()
        }
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
        if language in self._words:
            told = self._danger[language].find(folded)
            for level in (CRISIS, NOW):
                if self._is_alarm(language, told, level):
                    return Finding(language, level)
            if told.calm:
                return Finding(language)
        others = {code: danger.find(folded) for code, danger in self._danger.items() if code != language}
        for level in (CRISIS, NOW):
            codes = [code for code, one in others.items() if self._is_alarm(language, one, level)]
            if codes:
                return Finding(self._nearest(text, codes), level)
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

    def _is_alarm(self, language: str, told: Told, level: str) -> bool:
        """Returns whether a level counts; in English one word does not, nor English signs together."""
        phrase, signs = told.levels.get(level, ()), told.together.get(level, ())
        if language in self._words:
            return bool(phrase or signs)
        if len(phrase) > 1 or phrase and language != ENGLISH and phrase[0] not in self._known:
            return True
        return any(word.isalpha() and word not in self._known for word in signs)

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
