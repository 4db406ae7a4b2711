"""Reading and checking the words of data/languages.yml."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from assistant.language.folding import fold
from assistant.language.lookup_file import Part, read
from assistant.language.red_flag_phrases import GAP, Phrasebook, PhraseError

BETWEEN = "/"
# Lists of phrases that each language has, beside those that its phrases name.
EMERGENCY, CRISIS, CALM, COVERS, URGENT = ROLES = ("emergency", "crisis", "calm", "covers", "urgent")
ALSO = "&"
# For each alarm, which signs raise it when they stand together.
Together = Mapping[str, tuple[tuple[str, ...], ...]]


@dataclass(frozen=True)
class LanguageWords:
    """The words of one language, in their plain form.

    Attributes:
        words: frequent words that frequent English does not have.
        lists: phrases by the name of their list, those of ROLES among them.
        signs: words and phrases that raise an alarm only together, by the name that all languages share.
    """

    words: frozenset[str]
    lists: Mapping[str, tuple[str, ...]]
    signs: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class LanguageFile:
    """What all languages share, and the words of each by its code.

    Attributes:
        english: frequent English words.
        variants: what to translate letters to.
        together: the signs that raise an alarm together.
        languages: words by the code of the language.
    """

    english: frozenset[str]
    variants: Mapping[int, int]
    together: Together
    languages: Mapping[str, LanguageWords]


def read_languages(path: Path) -> LanguageFile:
    """Return the words of the file; its texts are read by `assistant.knowledge`.

    Raises:
        ContentError: the file is malformed; the error names the language and the line.
    """
    keys = read(path).mapping(required=("source", "english", "variants", "together", "languages"))
    english = frozenset(fold(keys["english"].text()).words)
    together = {
        role: _combinations(part)
        for role, part in keys["together"].mapping(required=(EMERGENCY, CRISIS)).items()
    }
    names = tuple(sorted({name for ones in together.values() for one in ones for name in one}))
    languages = keys["languages"].mapping(optional=None)
    return LanguageFile(
        english,
        _variants(keys["variants"]),
        together,
        {code: _words(part, code, english, names) for code, part in languages.items()},
    )


def _combinations(part: Part) -> tuple[tuple[str, ...], ...]:
    combinations = (phrase.split(ALSO) for phrase in part.text("together").split(BETWEEN))
    return tuple(tuple(name.strip() for name in names) for names in combinations)


def _variants(part: Part) -> Mapping[int, int]:
    pairs = part.text().split()
    for pair in pairs:
        if len(pair) != 2:
            raise part.error(f"{pair!r} is no pair of letters", "variants")
    return {ord(pair[0]): ord(pair[1]) for pair in pairs}


def _words(part: Part, code: str, english: frozenset[str], names: tuple[str, ...]) -> LanguageWords:
    keys = part.mapping(required=("words", "lists", "signs", "danger"), optional=None)
    own = {**keys["lists"].mapping(optional=None), **keys["danger"].mapping(required=ROLES)}
    shared = keys["signs"].mapping(required=names)
    for name in own.keys() & shared.keys():
        raise own[name].error(f"the list {name!r} stands twice", code)
    parts = {**own, **shared}
    lists = {name: _phrases(one, code) for name, one in own.items()}
    signs = {name: _phrases(one, code) for name, one in shared.items()}
    try:
        Phrasebook({**lists, **signs})
    except PhraseError as error:
        raise parts[error.name].error(str(error), code) from error
    for role in (EMERGENCY, CRISIS):
        _refuse_english(lists[role], english, parts[role], code)
    return LanguageWords(frozenset(fold(keys["words"].text(code)).words) - english, lists, signs)


def _phrases(part: Part, code: str) -> tuple[str, ...]:
    phrases = (phrase.split() for phrase in part.text(code).split(BETWEEN))
    return tuple(dict.fromkeys(" ".join(map(_folded, phrase)) for phrase in phrases))


def _folded(symbol: str) -> str:
    if symbol == GAP or symbol[0] in "{<":
        return symbol
    ending = "*" if symbol.endswith("*") else ""
    return " ".join(fold(symbol.removesuffix("*")).words) + ending


def _refuse_english(phrases: tuple[str, ...], english: frozenset[str], part: Part, code: str) -> None:
    for phrase in phrases:
        if english.issuperset(phrase.split()):
            raise part.error(f"{phrase!r} may be English; an English message would raise the alarm", code)
