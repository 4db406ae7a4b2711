"""How hard a text for patients is to read, as US school grades.

Flesch-Kincaid and SMOG are computed by the textstat library, after names that a
reader brings along or that are explained (`subject_terms` of schema/wording.yml)
have been taken out: a long name says nothing about how plain the rest is.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from textstat import textstat

from assistant.knowledge.model import Entry, Knowledge, Sentence
from assistant.knowledge.placeholder import names_in
from assistant.knowledge.variant import for_subject

# Target of the NHS and the AMA for patient texts: at most grade 8, better 6.
MOST = 8.0
MEDIAN = 6.5

# Stands for a placeholder, which is a name or a number when it is read.
_NAME = "us"


@dataclass(frozen=True)
class Grades:
    """Grades of one version of an entry.

    Attributes:
        topic: entry id.
        when: the variant's condition, empty for the entry's own texts.
        answer: Flesch-Kincaid grade of the answer alone.
        whole: that of answer, more and next step together.
        smog: SMOG grade of the same.
    """

    topic: str
    when: Mapping[str, tuple[str, ...]]
    answer: float
    whole: float
    smog: float


def grades(knowledge: Knowledge, subject_terms: Iterable[str]) -> Iterator[Grades]:
    """Yields the grades of each entry and of each of its variants, in order."""
    terms = _pattern(subject_terms)
    for entry in knowledge.entries.values():
        yield _grades(entry, {}, terms)
        for variant in entry.variants:
            alone = for_subject(replace(entry, variants=(variant,)), variant.when)
            yield _grades(alone, variant.when, terms)


def correction_grades(knowledge: Knowledge, subject_terms: Iterable[str]) -> Iterator[tuple[str, float]]:
    """Yields the Flesch-Kincaid grade of each premise's correction, by the premise's id."""
    terms = _pattern(subject_terms)
    for premise in knowledge.premises.values():
        yield premise.id, _grade(premise.correction, terms)


def too_hard(found: Grades) -> bool:
    """Returns whether a version must be made easier."""
    return max(found.answer, found.whole) > MOST


def _pattern(subject_terms: Iterable[str]) -> re.Pattern[str]:
    longest_first = sorted(subject_terms, key=len, reverse=True)
    return re.compile("|".join(rf"\b{re.escape(term)}\b" for term in longest_first), re.IGNORECASE)


def _grades(entry: Entry, when: Mapping[str, tuple[str, ...]], terms: re.Pattern[str]) -> Grades:
    answer = _text(entry.answer)
    whole = " ".join([answer, _text(entry.more), entry.next_step])
    return Grades(entry.id, when, _grade(answer, terms), _grade(whole, terms), _smog(whole, terms))


def _text(sentences: Iterable[Sentence]) -> str:
    """Returns the running text; a list from clinic.yml is the clinic's own wording."""
    return " ".join(one.text for one in sentences if not (one.bullet and names_in(one.text) and one.why))


def _plain(text: str, terms: re.Pattern[str]) -> str:
    without = terms.sub("", re.sub(r"\{[^{}]*\}", _NAME, text.replace("**", "")))
    return re.sub(r"\s+([.,:;)])", r"\1", re.sub(r"\s+", " ", without)).strip()


def _grade(text: str, terms: re.Pattern[str]) -> float:
    return float(textstat.flesch_kincaid_grade(_plain(text, terms)))


def _smog(text: str, terms: re.Pattern[str]) -> float:
    return float(textstat.smog_index(_plain(text, terms)))
