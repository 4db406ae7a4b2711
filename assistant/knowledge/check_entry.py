"""What must hold for one entry beyond its shape."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

from assistant.errors import ContentError
from assistant.knowledge.document import ValuePath, shorten
from assistant.knowledge.model import Entry, Evidence, Sentence
from assistant.knowledge.part import Part
from assistant.knowledge.placeholder import FROM_CLINIC, FROM_HOURS, FROM_NUMBERS, LISTS, names_in
from assistant.knowledge.variant import for_subject
from assistant.knowledge.wording import Wording, sentences, word_count

ANSWER_WORDS = 60
SAFETY_ANSWER_WORDS = 90
MORE_WORDS = 120
REVIEW_WITHIN = timedelta(days=3 * 365 + 1)

_FACTS = FROM_CLINIC + LISTS
_PLACEHOLDERS = FROM_NUMBERS + FROM_CLINIC + FROM_HOURS
_BADGES = frozenset({"some", "weak", "none", "contrary"})
_FIELDS = frozenset({"answer", "more", "next_step", "evidence"})


@dataclass(frozen=True)
class KnownNames:
    """What an entry may refer to; None where a file could not be read, so that nothing is checked."""

    entries: frozenset[str] | None
    sources: frozenset[str] | None
    practitioners: frozenset[str] | None


def entry_problems(entry: Entry, part: Part, known: KnownNames, wording: Wording) -> Iterator[ContentError]:
    """Yields what is wrong in an entry, each with its line."""
    yield from _claim_problems(entry, part, known)
    yield from _follow_up_problems(entry, part, known)
    yield from _date_problems(entry, part)
    yield from _reviewer_problems(entry, part, known)
    yield from _version_problems(entry, part, (), _FIELDS, wording)
    for index, variant in enumerate(entry.variants):
        if any(variant.when == earlier.when for earlier in entry.variants[:index]):
            yield part.error(f"a variant for {dict(variant.when)} stands above already.", "variants", index)
        alone = for_subject(replace(entry, variants=(variant,)), variant.when)
        given = frozenset(part.data["variants"][index]) & _FIELDS
        yield from _version_problems(alone, part, ("variants", index), given, wording)


def _version_problems(
    entry: Entry, part: Part, at: ValuePath, given: frozenset[str], wording: Wording
) -> Iterator[ContentError]:
    """Yields problems of the entry's own texts, or of those that the variant at `at` gives."""
    limit = SAFETY_ANSWER_WORDS if entry.safety_topic else ANSWER_WORDS
    for name, items, most in (("answer", entry.answer, limit), ("more", entry.more, MORE_WORDS)):
        if name not in given:
            continue
        count = sum(word_count(item.text) for item in items if item.why != "clinic")
        if count > most:
            yield part.error(f"{name} has {count} words; at most {most}. Shorten it or move text.", *at, name)
        for index, item in enumerate(items):
            yield from _sentence_problems(entry, item, part, (*at, name, index), wording)
    text = " ".join(item.text for item in (*entry.answer, *entry.more))
    if given & {"answer", "more"}:
        for term in wording.unexplained(text):
            message = (
                f"{term!r} is not explained where it is first used. Put plain words in brackets after it."
            )
            yield part.error(message, *at, "answer" if "answer" in given else "more")
    if not entry.next_step.strip() and entry.id not in wording.without_next_step and "next_step" in given:
        yield part.error("next_step is empty. Say one clear step.", *at, "next_step")
    if "next_step" in given:
        yield from text_problems(entry.next_step, part, (*at, "next_step"), wording, _PLACEHOLDERS)
    if "evidence" in given:
        may_have_badge = entry.id in wording.benefit_topics
        yield from _evidence_problems(
            entry.evidence, may_have_badge, part, (*at, "evidence", "words"), wording
        )


def _evidence_problems(
    evidence: Evidence, may_have_badge: bool, part: Part, path: ValuePath, wording: Wording
) -> Iterator[ContentError]:
    has_badge = evidence.level in _BADGES
    if has_badge and not may_have_badge:
        message = f"level {evidence.level} is for topics about a benefit, listed in schema/wording.yml."
        yield part.error(f"{message} Use safety or not_applicable.", *path)
    if not has_badge and evidence.words:
        message = f"level {evidence.level} has the words {shorten(evidence.words)}. Empty them."
        yield part.error(message, *path)
    if has_badge and not evidence.words.strip():
        yield part.error(f"level {evidence.level} has no words for the reader. Add them.", *path)
    elif not wording.fits(evidence.level, evidence.words):
        phrases = ", ".join(repr(phrase) for phrase in wording.evidence_words[evidence.level])
        message = f"{shorten(evidence.words)} does not fit level {evidence.level}; say one of: {phrases}."
        yield part.error(message, *path)
    yield from text_problems(evidence.words, part, path, wording, _PLACEHOLDERS)


def text_problems(
    text: str, part: Part, path: ValuePath, wording: Wording, placeholders: tuple[str, ...]
) -> Iterator[ContentError]:
    """Yields problems of any one text for patients."""
    for message in wording.problems(text):
        yield part.error(message, *path)
    for name in names_in(text):
        if name not in placeholders:
            known = ", ".join("{" + one + "}" for one in placeholders)
            yield part.error(f"{{{name}}} is not known here. Known are: {known}.", *path)


def _sentence_problems(
    entry: Entry, item: Sentence, part: Part, path: ValuePath, wording: Wording
) -> Iterator[ContentError]:
    if not item.claims and not item.why:
        message = "the sentence has no claims. Name its claims, or why: advice | transition | clinic."
        yield part.error(message, *path)
    for field in ("needs", "without"):
        if (fact := getattr(item, field)) and fact not in _FACTS:
            message = f"{field} is {fact!r}, which is no fact of clinic.yml. Known are: {', '.join(_FACTS)}."
            yield part.error(message, *path, field)
    lists = [name for name in names_in(item.text) if name in LISTS]
    if lists and not (item.bullet and item.text == f"{{{lists[0]}}}"):
        yield part.error(f"{{{lists[0]}}} is a list: it must stand alone, with bullet: true.", *path, "text")
    for index, claim in enumerate(item.claims):
        if claim not in entry.claims:
            message = f"claim {claim!r} does not exist. The claims are: {', '.join(entry.claims)}."
            yield part.error(message, *path, "claims", index)
    if item.text.lstrip().startswith("- "):
        yield part.error("the text begins with '- '. Write bullet: true instead.", *path, "text")
    if not sentences(item.text):
        yield part.error("the text is blank.", *path, "text")
    known = _PLACEHOLDERS + LISTS
    yield from text_problems(item.text, part, (*path, "text"), wording, known)


def _claim_problems(entry: Entry, part: Part, known: KnownNames) -> Iterator[ContentError]:
    rows = part.data["claims"]
    for index, row in enumerate(rows):
        if any(row["id"] == earlier["id"] for earlier in rows[:index]):
            yield part.error(f"claim {row['id']!r} stands above already.", "claims", index, "id")
        for place, source in enumerate(row["sources"]):
            if known.sources is not None and source not in known.sources:
                names = ", ".join(sorted(known.sources))
                message = f"source {source!r} does not exist. The sources are: {names}."
                yield part.error(message, "claims", index, "sources", place)


def _follow_up_problems(entry: Entry, part: Part, known: KnownNames) -> Iterator[ContentError]:
    for index, topic in enumerate(entry.follow_ups):
        if topic == entry.id:
            yield part.error("the entry names itself as a follow-up.", "follow_ups", index)
        elif known.entries is not None and topic not in known.entries:
            names = ", ".join(sorted(known.entries))
            yield part.error(f"topic {topic!r} does not exist. The topics are: {names}.", "follow_ups", index)


def _date_problems(entry: Entry, part: Part) -> Iterator[ContentError]:
    if entry.review_due <= entry.written:
        yield part.error(f"review_due {entry.review_due} is not after written {entry.written}.", "review_due")
    if entry.review_due > entry.written + REVIEW_WITHIN:
        message = f"review_due {entry.review_due} is more than 3 years after written {entry.written}."
        yield part.error(message, "review_due")


def _reviewer_problems(entry: Entry, part: Part, known: KnownNames) -> Iterator[ContentError]:
    if entry.reviewer and known.practitioners is not None and entry.reviewer not in known.practitioners:
        names = ", ".join(sorted(known.practitioners)) or "nobody yet"
        message = f"reviewer {entry.reviewer!r} is no practitioner in clinic.yml ({names}). Leave it empty."
        yield part.error(message, "reviewer")
    if bool(entry.reviewer) != (entry.reviewed_on is not None):
        yield part.error("reviewer and reviewed_on belong together: give both or neither.", "reviewer")
    if entry.reviewed_on is not None and entry.reviewed_on < entry.written:
        message = f"reviewed_on {entry.reviewed_on} is before written {entry.written}."
        yield part.error(message, "reviewed_on")
