"""What a message takes for true that is not: "since it's FDA approved, how much is it?".

The wordings are in data/knowledge/premises.yml and are explained in docs/premises.md. A premise
counts where it is stated or taken for granted, and not where it is asked, doubted or denied.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from spacy.tokens import Doc

from assistant.language.premise_file import (
    ASKS,
    ASSERTS,
    CLAUSES,
    CONCLUDES,
    CUES,
    DEFINITE,
    DENIES,
    DOUBTS,
    FINITE,
    IMPLIES,
    INDEFINITE,
    NOUN,
    OPENS,
    SAYS,
    SUBJECT,
    SUPPOSES,
    THINGS,
    UNLESS,
    WONDERS,
    PremiseFile,
    list_name,
    read_premises,
)
from assistant.language.red_flag_phrases import Phrasebook
from assistant.language.red_flag_reading import COMMA, STOP, Reading, Speller, read
from assistant.language.red_flag_spans import Span

DROPPED = "dropped"
NEVER_IN_GAP = ("not", "isnt", "arent", "never", "but", "if", "because", "since")
# The most words between a subject and what is said of it, and between a doubt and the subject.
NEAR = 3
# Subjects whose verb has no "s", and verbs that never have one.
PLURAL = frozenset(("they", "these", "those", "i", "you", "we", "people", "women"))
UNBENT = frozenset(("wont", "cant", "cannot", "can", "never", "always", "doesnt", "hasnt", "only"))
# What leaves open what follows.
OPEN = (DOUBTS, ASKS, DENIES)
# Words that may stand before the auxiliary with which a question begins.
BEFORE_QUESTION = frozenset(("and", "but", "so", "or", "then", "also", "hi", "hello", "well", "ok"))


@dataclass(frozen=True)
class StatedPremise:
    """A premise, and the characters of the message from `start` up to, not including, `end` that state it."""

    id: str
    start: int
    end: int


@dataclass(frozen=True)
class _Cue:
    """Words that decide about what follows them."""

    role: str
    start: int
    end: int


class PremiseDetector:
    """Finds the untrue premises of a message."""

    def __init__(self, file: PremiseFile):
        """Takes wordings that are already checked."""
        self._ids = file.ids
        self._dropped = Phrasebook({DROPPED: file.dropped})
        self._phrases = Phrasebook(file.lists, never_in_gap=NEVER_IN_GAP)
        self._speller = Speller(file.spellings, (), (), owners=(), knows=self._phrases.knows)

    @classmethod
    def load(cls, path: Path) -> "PremiseDetector":
        """Returns a detector for the file of premises.

        Raises:
            ContentError: the file is malformed; the error names the list or premise and the line.
        """
        return cls(read_premises(path))

    def detect(self, doc: Doc, start: int = 0, end: int | None = None) -> list[StatedPremise]:
        """Returns the premises stated in a part of a message, each once, in the order of the text.

        The part is given in characters and is the whole message where nothing is said. What stands
        before it is read as well, because "since" may stand there.
        """
        reading = read(doc, self._speller)
        reading = reading.without(
            {
                place
                for span in self._dropped.find(reading).get(DROPPED, ())
                for place in range(span.start, span.end)
            }
        )
        message = _Message(doc.text, reading, self._phrases.find(reading))
        last = len(doc.text) if end is None else end
        stated = (one for name in self._ids if (one := self._first(name, message, start, last)) is not None)
        return sorted(stated, key=lambda one: (one.start, -one.end))

    def _first(self, name: str, message: "_Message", start: int, end: int) -> StatedPremise | None:
        for span in message.stated(name):
            first, last = message.characters(span)
            if start <= first < end:
                return StatedPremise(name, first, last)
        return None


class _Message:
    """One message with what was found in it."""

    def __init__(self, text: str, reading: Reading, found: Mapping[str, Sequence[Span]]):
        self._text = text
        self._reading = reading
        self._found = found
        self._sentences = _starts(reading, STOP)
        self._clauses = _starts(reading, COMMA)
        self._cues = _longest([*self._named_cues(), *self._openings()])

    def characters(self, span: Span) -> tuple[int, int]:
        """Returns the first character of the words and the one after their last."""
        return self._reading.places[span.start][0], self._reading.places[span.end - 1][1]

    def stated(self, name: str) -> list[Span]:
        """Returns where the premise is stated, in the order of the text."""
        stated = list(self._found.get(list_name(name, IMPLIES), ()))
        stated += (span for span in self._found.get(list_name(name, SAYS), ()) if self._holds(span, False))
        stated += (span for span in self._found.get(list_name(name, CLAUSES), ()) if self._holds(span, True))
        if not stated:
            return []
        excused = {self._sentence(span.start) for span in self._found.get(list_name(name, UNLESS), ())}
        kept = (span for span in stated if self._sentence(span.start) not in excused)
        return sorted(kept, key=lambda span: (span.start, -span.end))

    def _holds(self, span: Span, is_clause: bool) -> bool:
        """Returns whether a wording is meant as true, by the nearest cue before it in its clause."""
        describes = any(thing.start in (span.end, span.end + 1) for thing in self._found.get(THINGS, ()))
        clause = self._clauses[bisect_right(self._clauses, span.start) - 1]
        if any(one.start < span.start < one.end for one in self._cues if one.role in (*OPEN, WONDERS)):
            return False
        before = [cue for cue in self._cues if clause <= cue.start and cue.end <= span.start]
        if describes and any(one.end == span.start for one in self._found.get(DEFINITE, ())):
            return not any(one.role in (DOUBTS, DENIES) for one in before)
        for place, cue in reversed(list(enumerate(before))):
            near = span.start - cue.end <= NEAR
            if cue.role == SUBJECT and near or cue.role == NOUN and self._is_verb_of(cue, span):
                return self._subject_holds(before[:place], cue, span)
            if cue.role == INDEFINITE and describes and near:
                return False
            if cue.role in OPEN:
                # "how much are the": the auxiliary belongs to the question word
                return cue.role == ASKS and any(
                    one.role == WONDERS and one.end >= cue.start for one in before[:place]
                )
            if cue.role == SUPPOSES:
                return self._is_built_on(span)
            if cue.role in (WONDERS, ASSERTS):
                return True
        if is_clause:
            return not self._is_asked(span) or self._is_built_on(span)
        return self._is_built_on(span, NEAR)

    def _subject_holds(self, before: Sequence[_Cue], subject: _Cue, span: Span) -> bool:
        """Returns whether "it is" before the wording is said and not doubted: "I wonder if it is"."""
        for cue in reversed(before):
            if cue.role in (WONDERS, ASSERTS):
                return True
            if subject.start - cue.end > NEAR:
                break
            if cue.role == ASKS and cue.end > subject.start:
                return any(one.role == WONDERS and one.end >= cue.start for one in before)
            if cue.role == SUPPOSES:
                return self._is_built_on(span)
            if cue.role in (DOUBTS, DENIES):
                return False
        return not self._is_asked(span) or self._is_built_on(span)

    def _is_verb_of(self, noun: _Cue, span: Span) -> bool:
        """Returns whether the wording begins with the verb of the noun before it: "it removes"."""
        if noun.end != span.start or not any(one.start == span.start for one in self._found.get(FINITE, ())):
            return False
        subject, verb = self._reading.words[noun.end - 1], self._reading.words[span.start]
        return subject in PLURAL or _ends_with_s(subject) or _ends_with_s(verb) or verb in UNBENT

    def _is_built_on(self, span: Span, within: int | None = None) -> bool:
        """Returns whether the sentence goes on, within so many words, with a question or a conclusion."""
        sentence = self._sentence(span.start)
        last = len(self._reading.words) if within is None else span.end + within
        return any(
            span.end <= one.start < last and self._sentence(one.start) == sentence
            for one in self._found.get(CONCLUDES, ())
        )

    def _is_asked(self, span: Span) -> bool:
        """Returns whether the sentence of the wording ends with a question mark."""
        after = self._sentence(span.start)
        last = self._sentences[after] - 1 if after < len(self._sentences) else len(self._reading.words) - 1
        end = self._reading.places[last + 1][0] if last + 1 < len(self._reading.words) else len(self._text)
        return "?" in self._text[self._reading.places[last][1] : end]

    def _sentence(self, place: int) -> int:
        return bisect_right(self._sentences, place)

    def _named_cues(self) -> Iterable[_Cue]:
        for role in CUES:
            for span in self._found.get(role, ()):
                yield _Cue(role, span.start, span.end)

    def _openings(self) -> Iterable[_Cue]:
        """Yields the auxiliaries that begin a clause and so ask."""
        for span in self._found.get(OPENS, ()):
            place = span.start
            while place not in self._clauses and self._reading.words[place - 1] in BEFORE_QUESTION:
                place -= 1
            if place in self._clauses:
                yield _Cue(ASKS, span.start, span.end)


def _starts(reading: Reading, strength: int) -> list[int]:
    """Returns the places after a break of this strength or more, and the first one."""
    return [place for place, found in enumerate(reading.breaks) if place == 0 or found >= strength] or [0]


def _ends_with_s(word: str) -> bool:
    return word.endswith("s") and word not in ("this", "its")


def _longest(cues: Iterable[_Cue]) -> list[_Cue]:
    """Returns the cues in order without those that lie inside another one."""
    ranked = sorted(cues, key=lambda cue: (cue.start, -cue.end, CUES.index(cue.role)))
    kept: list[_Cue] = []
    reach = -1
    for cue in ranked:
        if cue.end > reach:
            kept.append(cue)
            reach = cue.end
    return kept
