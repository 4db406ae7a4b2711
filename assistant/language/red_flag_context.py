"""What a message does with a sign: state it, deny it, ask about it, recall it, or play with its words.

The method is that of ConText (Harkema et al., J Biomed Inform 2009): cue words open a scope that
ends at a stop, at a contrast, or where a new statement about a person begins.
"""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assistant.language.red_flag_reading import COMMA, NO_BREAK, STOP, Reading
from assistant.language.red_flag_spans import Span, SpanIndex

# Each role is a list of the same name under `context` in the rule file.
ROLES = (
    "negation", "wide_negation", "no_cue", "condition", "question", "information", "soft_question",
    "normality", "question_start", "person", "real", "idiom", "past_far", "past_near", "past_before",
    "ongoing", "recent", "past_tense", "present_tense", "contrast", "statement", "past_statement",
    "procedure", "dismissed", "returned", "figurative", "figure_cause", "earnest", "asks_help",
    "told_after", "story", "elsewhere", "acquaintance", "once", "habitual", "under_way",
)  # fmt: skip
URGENT = ("now", "crisis")
CRISIS = ("crisis",)
LONGEST_DENIAL = 9
LONGEST_SCOPE = 60
TENSE_REACH = 7
DISMISSED_WITHIN = 6
TOLD_WITHIN = 6
# Words after which a question is complete at a comma.
COMPLETE = frozenset(("this", "that", "it", "these", "me", "you", "us", "normal", "ok", "okay"))
# Statements that begin so are the writer's own and end somebody else's story.
OWN = frozenset(("i", "im", "ive", "my", "mine", "we", "weve", "our"))
# Words after which "it hurts" is no new statement: "does it hurt", "on the skin it hurts".
LEADING = frozenset(
    ("do", "does", "did", "is", "are", "can", "could", "will", "would", "should", "may", "might", "has")
    + ("in", "on", "at", "of", "to", "into", "from", "with", "near", "around", "for", "or", "whether")
)


@dataclass(frozen=True)
class Scope:
    """Words whose signs do not count, save those of the spared levels."""

    start: int
    end: int
    spared: tuple[str, ...] = ()


class Context:
    """Tells, for one message, whether a sign in it counts."""

    def __init__(self, reading: Reading, found: Mapping[str, Sequence[Span]], signs: Sequence[Span]):
        """Work out the scopes; `found` has the cues by role, `signs` all signs of the message."""
        self._words = reading.words
        self._breaks = reading.breaks
        self._size = len(reading.words)
        self._cues = {role: SpanIndex(found.get(role, ()), self._size) for role in ROLES}
        # A cue inside a sign ("no feeling in", "can't ... breathe") is the sign itself.
        self._inside = SpanIndex([sign for sign in signs if sign.end - sign.start > 1], self._size)
        # In "while giving blood" the contrast word is a part of the setting.
        settings = self._cues["elsewhere"]
        self._turns = {cue.start for cue in self._cues["contrast"].spans if not settings.covers(cue)}
        self._present_statements = self._statement_starts("statement")
        self._statements = self._present_statements | self._statement_starts("past_statement")
        self._tenses = self._find_tenses()
        self._scopes = [
            *self._denials(),
            *self._questions(),
            *self._general_questions(),
            *self._memories(),
            *self._stories(),
        ]
        self._question_starts = self._find_question_starts()
        self._closed: dict[str, SpanIndex] = {}

    def counts(self, sign: Span, level: str) -> bool:
        """Return whether the sign, which would mean this level, is stated as a thing of now."""
        if level not in self._closed:
            scopes = [Span(s.start, s.end) for s in self._scopes if level not in s.spared and s.end > s.start]
            self._closed[level] = SpanIndex(scopes, self._size)
        if self._cues["idiom"].overlaps(sign) or self._closed[level].holds(sign.start):
            return False
        if self._is_figure(sign) or self._is_habit(sign) or level != "crisis" and self._is_in_print(sign):
            return False
        urgent = level in URGENT
        return not self._is_past(sign, urgent) and (urgent or not self._is_dismissed(sign))

    def _open_cues(self, role: str) -> list[Span]:
        return [
            cue
            for cue in self._cues[role].spans
            if not self._inside.covers(cue) and not self._cues["no_cue"].holds(cue.start)
        ]

    def _statement_starts(self, role: str) -> set[int]:
        """Return where statements start; not in "does it hurt" or "on the chest hurt", nor inside another."""
        starts = set()
        for place in self._cues[role].starts():
            joined = place > 0 and self._breaks[place] == NO_BREAK
            led = joined and self._words[place - 1] in LEADING
            inside = self._cues["statement"].runs_over(place) or self._cues["past_statement"].runs_over(place)
            if not led and not inside:
                starts.add(place)
        return starts

    def _ends_here(self, place: int, statements: set[int]) -> bool:
        return self._breaks[place] == STOP or place in self._turns or place in statements

    def _scope_places(self, start: int) -> range:
        return range(start, min(self._size, start + LONGEST_SCOPE))

    def _denials(self) -> list[Scope]:
        wide = self._cues["wide_negation"].starts()
        return [
            Scope(cue.end, self._denial_end(cue, cue.start in wide)) for cue in self._open_cues("negation")
        ]

    def _denial_end(self, cue: Span, wide: bool) -> int:
        end = min(self._size, cue.end + LONGEST_DENIAL)
        for place in range(cue.end, end):
            if self._ends_here(place, self._statements):
                return place
            if self._words[place] == "and" and not wide:
                return place
            if self._breaks[place] == COMMA and (place == cue.end or not self._has_or_after(place)):
                return place
        return end

    def _has_or_after(self, start: int) -> bool:
        for place in self._scope_places(start):
            if self._ends_here(place, self._statements):
                return False
            if self._words[place] in ("or", "nor"):
                return True
        return False

    def _questions(self) -> list[Scope]:
        scopes = [
            Scope(cue.end, end, self._spared_by_condition(cue.end, end))
            for cue in self._open_cues("condition")
            for end in [self._condition_end(cue)]
        ]
        for role, spared in (("question", CRISIS), ("information", ()), ("soft_question", URGENT)):
            for cue in self._open_cues(role):
                # From inside the cue: in "will my lips swell" the sign is a part of it.
                scopes.append(Scope(cue.start + 1, self._question_end(cue.end), spared))
        return scopes

    def _spared_by_condition(self, start: int, end: int) -> tuple[str, ...]:
        """Return the levels that count after "if": a sign that is under way is no condition."""
        return URGENT if self._cues["under_way"].any_in(Span(start, end)) else CRISIS

    def _question_end(self, start: int) -> int:
        """Return where a question ends; "can it cause this, ..." is complete before the comma."""
        for place in self._scope_places(start):
            if self._ends_here(place, self._statements):
                return place
            if self._breaks[place] == COMMA and self._words[place - 1] in COMPLETE:
                return place
        return min(self._size, start + LONGEST_SCOPE)

    def _condition_end(self, cue: Span) -> int:
        """Return where "if ..." ends: its own statement, and those joined by and/or, belong to it."""
        own_is_open = True
        for place in self._scope_places(cue.end):
            if self._breaks[place] == STOP or place in self._turns:
                return place
            if self._breaks[place] == COMMA:
                own_is_open = False
            if place in self._statements:
                joined = self._words[place - 1] in ("and", "or") and not self._breaks[place]
                if not own_is_open and not joined:
                    return place
                own_is_open = False
        return min(self._size, cue.end + LONGEST_SCOPE)

    def _general_questions(self) -> list[Scope]:
        """Return the scopes of questions that name no person, such as "does it cause chest pain"."""
        scopes = []
        for cue in self._open_cues("question_start"):
            region = Span(cue.start, self._question_end(cue.end))
            named = self._cues["person"].any_in(region) or self._is_about_real(region)
            if self._opens_question(cue) and not named:
                # "What is the easiest way to die" names nobody and is no general question.
                spared = URGENT if self._cues["normality"].any_in(region) else CRISIS
                scopes.append(Scope(region.start, region.end, spared))
        return scopes

    def _is_about_real(self, region: Span) -> bool:
        """Return whether the question is about a real state; "or is that a myth" is not."""
        cues = self._cues["real"].starting(region.start, region.end)
        return any(cue.end <= region.end and not self._cues["no_cue"].covers(cue) for cue in cues)

    def _find_question_starts(self) -> list[int]:
        """Return where the questions of the message start, in order."""
        opening = [cue.start for cue in self._cues["question_start"].spans if self._opens_question(cue)]
        asking = [cue.start for role in ("question", "soft_question") for cue in self._open_cues(role)]
        return sorted([*opening, *asking])

    def _opens_question(self, cue: Span) -> bool:
        if cue.start == 0 or cue.start in self._statements or self._breaks[cue.start] == STOP:
            return True
        goes_on = cue.end < self._size and self._words[cue.end].endswith("ing")
        return self._breaks[cue.start] == COMMA and not goes_on

    def _memories(self) -> list[Scope]:
        scopes = []
        for cue in self._open_cues("past_before"):
            region = Span(cue.end, self._region_end(cue.end, self._present_statements))
            if not self._cues["recent"].any_in(region):
                scopes.append(Scope(region.start, region.end))
        return scopes

    def _stories(self) -> list[Scope]:
        """Return the scopes of what strangers told: "a girl online said she couldn't breathe"."""
        scopes = []
        own = {place for place in self._statements if self._words[place] in OWN}
        for cue in self._open_cues("story"):
            region = Span(cue.end, self._region_end(cue.end, own))
            if not self._cues["earnest"].any_in(region):
                scopes.append(Scope(region.start, region.end, CRISIS))
        return scopes

    def _region_end(self, start: int, statements: set[int]) -> int:
        for place in self._scope_places(start):
            if self._ends_here(place, statements):
                return place
        return min(self._size, start + LONGEST_SCOPE)

    def _region_start(self, start: int, statements: set[int]) -> int:
        end = max(0, start - LONGEST_SCOPE)
        while start > end and not self._ends_here(start, statements):
            start -= 1
        return start

    def _is_figure(self, sign: Span) -> bool:
        """Return whether the sign is a figure of speech: "I choked on my tea at the price"."""
        if not self._cues["figurative"].overlaps(sign):
            return False
        region = Span(self._region_start(sign.start, set()), self._region_end(sign.end, set()))
        return self._cues["figure_cause"].any_in(region) and not self._cues["earnest"].any_in(region)

    def _is_habit(self, sign: Span) -> bool:
        """Return whether the sign is a habit: "I take a beta blocker because my heart races"."""
        told = self._cues["habitual"].overlaps(sign)
        if not told or self._cues["asks_help"] or self._cues["recent"]:
            return False
        region = Span(self._region_start(sign.start, set()), self._region_end(sign.end, set()))
        return not self._cues["earnest"].any_in(region)

    def _is_in_print(self, sign: Span) -> bool:
        """Return whether "is mentioned on the form" follows a sign that is nobody's."""
        end = self._region_end(sign.end, self._statements)
        if not self._cues["told_after"].starting(sign.end, min(end, sign.end + TOLD_WITHIN)):
            return False
        start = self._region_start(sign.start, self._statements)
        sentence = Span(start, self._region_end(sign.end, set()))
        named = self._cues["person"].any_in(Span(start, sign.start))
        return not named and not self._cues["earnest"].any_in(sentence) and not self._cues["asks_help"]

    def _is_background(self, sign: Span, region: Span) -> bool:
        """Return whether the sign is over and belongs to another setting, told before a question.

        Such as "I fainted at a blood donation. Do people faint here?". A plea, a recent time or a
        treatment beside the sign keeps the alarm; "once" alone is no setting, so for it no treatment
        may come before the question at all.
        """
        after = bisect_left(self._question_starts, sign.end)
        if after == len(self._question_starts) or self._cues["asks_help"] or self._cues["recent"]:
            return False
        told = Span(region.start, min(region.end, self._question_starts[after]))
        if self._cues["earnest"].any_in(told) or self._tense(sign, told) != "past":
            return False
        if self._cues["acquaintance"].any_in(told):
            return True
        if self._cues["elsewhere"].any_in(told):
            return not self._names_treatment(told)
        before = Span(0, self._question_starts[after])
        once = any(told.start <= cue.start and cue.end <= told.end for cue in self._open_cues("once"))
        return once and not self._names_treatment(before)

    def _names_treatment(self, region: Span) -> bool:
        """Return whether the region names a treatment that is no part of another setting."""
        cues = self._cues["procedure"].starting(region.start, region.end)
        return any(not self._cues["elsewhere"].overlaps(cue) for cue in cues)

    def _is_past(self, sign: Span, urgent: bool) -> bool:
        region = self._tense_region(sign)
        if self._is_background(sign, region):
            return True
        far = self._past_cues("past_far", region)
        near = self._past_cues("past_near", region) if urgent else []
        if not far and not near or self._is_recent(region):
            return False
        tense = self._tense(sign, region)
        if tense == "past":
            return True
        return tense == "" and any(not self._dates_procedure(cue) for cue in far)

    def _is_recent(self, region: Span) -> bool:
        """Return whether a recent time is told; the "now" of "could I have this now" is none."""
        cues = self._cues["recent"].starting(region.start, region.end)
        return any(cue.end <= region.end and not self._cues["no_cue"].covers(cue) for cue in cues)

    def _past_cues(self, role: str, region: Span) -> list[Span]:
        """Return the cues of the past, without those in "since last month"."""
        cues = self._cues[role].starting(region.start, region.end)
        return [cue for cue in cues if not self._is_ongoing(cue)]

    def _is_ongoing(self, cue: Span) -> bool:
        before = self._cues["ongoing"].starting(max(0, cue.start - 2), cue.start)
        return any(span.end == cue.start for span in before)

    def _tense_region(self, sign: Span) -> Span:
        start = self._region_start(sign.start, self._present_statements)
        return Span(start, self._region_end(sign.end, self._statements))

    def _find_tenses(self) -> dict[int, str]:
        """Return "past" or "present" by place; in "have had" and "I've got" the whole cue decides."""
        cues = [(cue, "present") for cue in self._cues["present_tense"].spans]
        cues += [(cue, "past") for cue in self._cues["past_tense"].spans]
        cues.sort(key=lambda item: item[0].end - item[0].start)
        return {place: tense for cue, tense in cues for place in range(cue.start, cue.end)}

    def _is_dismissed(self, sign: Span) -> bool:
        """Return whether "went away" or "are common" follows the sign, and nothing came back."""
        end = self._region_end(sign.end, self._statements)
        follows = [
            cue
            for cue in self._cues["dismissed"].starting(sign.end, min(end, sign.end + DISMISSED_WITHIN))
            if not self._cues["no_cue"].holds(cue.start)
        ]
        return bool(follows) and not self._cues["returned"].starting(sign.end, self._size)

    def _tense(self, sign: Span, region: Span) -> str:
        """Return "past", "present" or "" by the tense word in the sign, or nearest before it, or after it."""
        before = range(sign.start - 1, max(region.start, sign.start - TENSE_REACH) - 1, -1)
        after = range(sign.end, min(region.end, sign.end + TENSE_REACH))
        for places in (range(sign.start, sign.end), before, after):
            for place in places:
                if place in self._tenses:
                    return self._tenses[place]
        return ""

    def _dates_procedure(self, cue: Span) -> bool:
        """Return whether the time stands beside a treatment, between the same breaks."""
        start, end = cue.start, cue.end
        while start > max(0, cue.start - LONGEST_SCOPE) and not self._breaks[start]:
            start -= 1
        while end < min(self._size, cue.end + LONGEST_SCOPE) and not self._breaks[end]:
            end += 1
        return self._cues["procedure"].any_in(Span(start, end))
