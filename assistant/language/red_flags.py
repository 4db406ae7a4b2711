"""Red flags: signs in a message that need help now, today, within days, or a crisis line.

The rules are in data/lookups/red_flags.yml and are explained in docs/red-flags.md. The detector
reads words and lemmas, so that a document of any English pipeline will do.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

from spacy.tokens import Doc

from assistant.language.red_flag_context import Context
from assistant.language.red_flag_doubt import is_doubtful, without_doubtful
from assistant.language.red_flag_file import OWNERS, Alternative, Flag, Near, RuleFile, read_rules
from assistant.language.red_flag_phrases import Phrasebook
from assistant.language.red_flag_reading import STOP, Reading, Speller, read
from assistant.language.red_flag_spans import Span, SpanIndex

# The most words between two terms that must stand near each other.
NEAR = 5
LONGEST_TERM = 12
DROPPED = "dropped"
# Besides the denials: words that begin something new.
NEVER_IN_GAP = ("but", "if", "that", "when", "because", "i", "im")


@dataclass(frozen=True)
class RedFlag:
    """A danger that a message tells of.

    Attributes:
        rule: id of the flag in the rule file.
        level: now, crisis, today or days.
        group: the group of signs, which chooses the reply's text.
        doubtful: whether it is told only in sentences that speak of long ago, of what somebody wrote,
            or that suppose: then the words of the sign alone do not prove that it is happening.
    """

    rule: str
    level: str
    group: str
    doubtful: bool = False


class RedFlagDetector:
    """Finds the red flags of a message."""

    def __init__(self, rules: RuleFile):
        """Take rules that are already checked."""
        self._dropped = Phrasebook({DROPPED: rules.dropped})
        denials = [phrase for phrase in rules.lists["negation"] if " " not in phrase]
        self._phrases = Phrasebook(rules.lists, never_in_gap=[*denials, *NEVER_IN_GAP])
        self._speller = Speller(
            rules.spellings,
            rules.key_words,
            rules.ordinary_words,
            owners=[phrase for phrase in rules.lists[OWNERS] if " " not in phrase],
            knows=self._phrases.knows,
        )
        self._flags = rules.flags
        self._doubts = rules.doubts
        self._signs = frozenset(
            name
            for flag in rules.flags
            for alternative in flag.alternatives
            for near in alternative.terms
            if not near.mentioned
            for name in near.names
        )

    @classmethod
    def load(cls, path: Path) -> "RedFlagDetector":
        """Return a detector for the rule file.

        Raises:
            ContentError: the file is malformed; the error names the flag or list and the line.
        """
        return cls(read_rules(path))

    def corrected(self, word: str) -> str:
        """Return a word in lower case as the rules read it, with a typing mistake put right."""
        return self._speller.correct(word)

    def detect(self, doc: Doc) -> list[RedFlag]:
        """Return the flags of the message, the most severe first.

        The order is now and crisis, then today, then days; within a level the order of the file.
        """
        flags = self._stated(doc)
        if not flags or not is_doubtful(doc.text, self._doubts):
            return [RedFlag(flag.id, flag.level, flag.group) for flag in flags]
        rest = without_doubtful(doc, self._doubts)
        certain = self._stated(rest) if rest is not None else []
        return [RedFlag(flag.id, flag.level, flag.group, flag not in certain) for flag in flags]

    def _stated(self, doc: Doc) -> list[Flag]:
        reading = read(doc, self._speller)
        dropped = {
            place
            for spans in self._dropped.find(reading).values()
            for span in spans
            for place in range(span.start, span.end)
        }
        reading = reading.without(dropped)
        found = self._phrases.find(reading)
        if self._signs.isdisjoint(found):
            return []
        signs = [span for name in self._signs.intersection(found) for span in found[name]]
        message = _Message(reading, found, Context(reading, found, signs))
        return [flag for flag in self._flags if message.has(flag)]


class _Message:
    """One message with what was found in it, to be held against the flags."""

    def __init__(self, reading: Reading, found: Mapping[str, Sequence[Span]], context: Context):
        self._found = found
        self._context = context
        self._sentences = list(accumulate(int(strength == STOP) for strength in reading.breaks))
        self._counting: dict[tuple[str, str], list[Span]] = {}

    def has(self, flag: Flag) -> bool:
        return flag.needs <= self._found.keys() and any(
            alternative.names <= self._found.keys() and self._fits(alternative, flag)
            for alternative in flag.alternatives
        )

    def _fits(self, alternative: Alternative, flag: Flag) -> bool:
        places = [self._places(near, flag.level) for near in alternative.terms]
        if not all(places):
            return False
        if flag.window == "message":
            return not any(excuse <= self._found.keys() for excuse in flag.unless)
        shared = set.intersection(*({self._sentences[span.start] for span in spans} for spans in places))
        return not shared <= self._excused(flag)

    def _places(self, near: Near, level: str) -> list[Span]:
        """Return where the terms stand near each other and each of them counts."""
        first, *others = (
            self._found[name] if near.mentioned else self._stated(name, level) for name in near.names
        )
        joined = list(first)
        for spans in others:
            index = SpanIndex(spans, len(self._sentences))
            joined = [self._join(one, other) for one in joined for other in self._around(one, index)]
        return joined

    def _stated(self, name: str, level: str) -> list[Span]:
        key = (name, level)
        if key not in self._counting:
            self._counting[key] = [span for span in self._found[name] if self._context.counts(span, level)]
        return self._counting[key]

    def _around(self, one: Span, index: SpanIndex) -> list[Span]:
        """Return the spans of the same sentence with at most NEAR words between."""
        nearby = index.starting(max(0, one.start - NEAR - LONGEST_TERM), one.end + NEAR + 1)
        return [
            other
            for other in nearby
            if self._sentences[one.start] == self._sentences[other.start] and other.end >= one.start - NEAR
        ]

    def _join(self, one: Span, other: Span) -> Span:
        return Span(min(one.start, other.start), max(one.end, other.end))

    def _excused(self, flag: Flag) -> set[int]:
        """Return the sentences in which an excuse stands."""
        excused: set[int] = set()
        for excuse in flag.unless:
            if excuse <= self._found.keys():
                excused |= set.intersection(
                    *({self._sentences[span.start] for span in self._found[name]} for name in excuse)
                )
        return excused
