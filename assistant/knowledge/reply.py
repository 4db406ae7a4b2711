"""Replies as the chat channel sends them: pure functions from content to plain dictionaries.

A reply holds kind, urgency, topic, premise, text, more, next_step, evidence,
sources, reviewed, buttons and lang. Texts are in a small part of Markdown:
paragraphs, **bold**, "- " lists and links.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from types import MappingProxyType
from typing import Any

from assistant.knowledge.button import buttons, tel
from assistant.knowledge.danger_reply import (
    crisis,
    emergency,
    only_asking,
    red_flag,
    reminded,
    safeguarding,
    urgent,
)
from assistant.knowledge.hours import date_words, hours_words, is_open, local_time
from assistant.knowledge.markdown import leading, paragraphs, prose
from assistant.knowledge.model import Claim, Entry, Knowledge, Premise, Script
from assistant.knowledge.placeholder import fill, shown
from assistant.knowledge.review import is_withdrawn
from assistant.knowledge.scripted import Reply, new_reply, scripted, short_line
from assistant.knowledge.value import values_at, values_of
from assistant.knowledge.variant import Subjects, for_subject

__all__ = [
    "Reply",
    "about_us",
    "answer",
    "clarify",
    "crisis",
    "emergency",
    "error",
    "fallback",
    "handoff",
    "handoff_after_failures",
    "info",
    "only_asking",
    "out_of_scope",
    "part_not_covered",
    "personal_advice",
    "personal_data",
    "red_flag",
    "refusal",
    "reminded",
    "safeguarding",
    "say_title",
    "short_line",
    "smalltalk",
    "urgent",
    "welcome",
]

NEAREST_TOPICS = 3

_CLINIC = ("tel:clinic", "link:booking")
_CLINIC_STARTERS = ("clinic_booking", "clinic_contact")


def answer(
    knowledge: Knowledge,
    topic: str,
    subjects: Subjects = MappingProxyType({}),
    *,
    now: datetime,
    personal: bool = False,
    words: int | None = None,
    offered: Sequence[str] = (),
    premise: str = "",
    rest: bool = False,
) -> Reply:
    """Returns the answer on a topic; raises KeyError with the known topics for another one.

    Args:
        knowledge: the content.
        topic: an entry id.
        subjects: subject to the canonical ids that are talked about; they and the
            clinic's country choose the variant.
        now: an aware time; past `review_due` a caution closes the text, and
            long past it the answer is withdrawn unless it is a safety topic.
        personal: whether the patient asks about themselves.
        words: most words of the text; sentences beyond them begin `more`. Safety topics stay whole.
        offered: topics to offer as buttons before the entry's own.
        premise: id of something untrue that the question takes for granted; its correction comes
            first. One that the content does not know, or that rests on an answer that is not told
            any more, changes nothing.
        rest: whether to tell what the answer leaves out in its place, if it leaves anything out.
    """
    if topic not in knowledge.entries:
        raise KeyError(f"no entry {topic!r}; the entries are: {', '.join(knowledge.entries)}")
    entry = for_subject(knowledge.entries[topic], {**subjects, "country": (knowledge.clinic.country,)})
    today = local_time(knowledge.clinic, now).date()
    if is_withdrawn(knowledge, entry, today):
        return _withdrawn(knowledge, entry)
    values = values_at(knowledge, now)
    overdue = fill(knowledge.safety.overdue_note, {"review_due": date_words(entry.review_due)})
    is_due = today > entry.review_due
    boundary = fill(knowledge.safety.boundary_line, values) if personal and entry.personal else ""
    most = None if entry.safety_topic else words
    told, left = leading(shown(entry.answer, values), most)
    more = [*left, *shown(entry.more, values)]
    if rest and more:
        told, more = more, []
    untrue = _premise(knowledge, premise, today)
    return new_reply(
        knowledge,
        "answer",
        [*_topics(knowledge, offered), *(f"topic:{one}" for one in entry.follow_ups), *entry.buttons],
        topic=topic,
        text=paragraphs([fill(prose(told), values), boundary, overdue * is_due]),
        more=fill(prose(more), values),
        premise=untrue.correction if untrue else None,
        next_step=fill(entry.next_step, values),
        evidence={"level": entry.evidence.level, "words": fill(entry.evidence.words, values)},
        sources=_sources(
            knowledge, [*(_premise_claims(knowledge, untrue) if untrue else ()), *_claims(entry)]
        ),
        reviewed=_reviewed(knowledge, entry),
    )


def personal_advice(knowledge: Knowledge) -> Reply:
    """Returns the reply to a wish for a diagnosis or a decision, with the clinic's phone.

    Without the booking link: who asks whether to have it must not be sold it.
    """
    script = knowledge.safety.replies["personal_advice"]
    return scripted(knowledge, script, "personal_advice", last=["tel:clinic"], closing=short_line(knowledge))


def refusal(knowledge: Knowledge) -> Reply:
    """Returns the refusal of recipes, doses and self-injection, with the short line."""
    return scripted(knowledge, knowledge.safety.replies["refusal"], "refusal", closing=short_line(knowledge))


def out_of_scope(knowledge: Knowledge, nearest: Sequence[str] = ()) -> Reply:
    """Returns that the question is not covered, with up to three of the `nearest` topics."""
    return _not_answered(knowledge, "out_of_scope", nearest)


def part_not_covered(knowledge: Knowledge) -> Reply:
    """Returns that one part of a message with several questions is not covered."""
    script = knowledge.safety.replies["part_not_covered"]
    return scripted(knowledge, script, "out_of_scope", closing=short_line(knowledge))


def clarify(knowledge: Knowledge, topics: Sequence[str]) -> Reply:
    """Returns the question which of the topics is meant, with a button for each."""
    script = knowledge.safety.replies["clarify"]
    meant, closing = _topics(knowledge, topics), short_line(knowledge)
    return scripted(knowledge, script, "clarify", first=meant, closing=closing)


def fallback(knowledge: Knowledge, nearest: Sequence[str] = ()) -> Reply:
    """Returns that nothing was understood, with up to three of the `nearest` topics."""
    return _not_answered(knowledge, "fallback", nearest)


def error(knowledge: Knowledge) -> Reply:
    """Returns the reply for a turn that failed, with the short line and the clinic's phone."""
    script = knowledge.safety.replies["error"]
    return scripted(knowledge, script, "error", last=["tel:clinic"], closing=short_line(knowledge))


def personal_data(knowledge: Knowledge) -> Reply:
    """Returns the notice to who has written personal data; it repeats nothing."""
    return scripted(knowledge, knowledge.safety.replies["personal_data"], "notice")


def smalltalk(knowledge: Knowledge, name: str, topic: str = "") -> Reply:
    """Returns the small talk of that name; raises KeyError with the known names for another one.

    The follow-ups of `topic`, if it is one, come before the small talk's own buttons.
    """
    replies = knowledge.smalltalk.replies
    if name not in replies:
        raise KeyError(f"no small talk {name!r}; the replies are: {', '.join(replies)}")
    entry = knowledge.entries.get(topic)
    first = [f"topic:{follow_up}" for follow_up in entry.follow_ups] if entry else []
    return scripted(knowledge, replies[name], "smalltalk", first=first)


def welcome(knowledge: Knowledge) -> Reply:
    """Returns the first message of a conversation, with the starters as buttons."""
    starters = [f"topic:{topic}" for topic in knowledge.smalltalk.starters]
    return scripted(knowledge, knowledge.smalltalk.replies["welcome"], "smalltalk", first=starters)


def about_us(knowledge: Knowledge) -> Reply:
    """Returns whose chat this is, and whether that clinic offers mesotherapy."""
    offers = bool(knowledge.clinic.services_offered)
    return smalltalk(knowledge, "about_us_offers" if offers else "about_us_offers_not")


def handoff(knowledge: Knowledge, now: datetime) -> Reply:
    """Returns how to reach a person; `now` is aware and decides between open and closed."""
    opened = is_open(knowledge.clinic, now)
    script = knowledge.smalltalk.replies["request_human_open" if opened else "request_human_closed"]
    hours = hours_words(knowledge.clinic, now, knowledge.smalltalk.hours)
    return scripted(knowledge, script, "handoff", last=_CLINIC, values=hours)


def handoff_after_failures(knowledge: Knowledge, now: datetime, nearest: Sequence[str] = ()) -> Reply:
    """Returns the way to a person for who was not understood twice, with up to three `nearest` topics."""
    script = knowledge.smalltalk.replies["two_failures"]
    hours = hours_words(knowledge.clinic, now, knowledge.smalltalk.hours)
    topics, closing = _topics(knowledge, nearest), short_line(knowledge)
    return scripted(knowledge, script, "handoff", last=[*_CLINIC, *topics], values=hours, closing=closing)


def info(knowledge: Knowledge) -> dict[str, Any]:
    """Returns what the widget shows before a conversation begins (GET /chat/info)."""
    values = values_of(knowledge.clinic, knowledge.numbers)
    clinic = [topic for topic in _CLINIC_STARTERS if topic in knowledge.entries]
    starters = [f"topic:{topic}" for topic in (*knowledge.smalltalk.starters, *clinic)]
    return {
        "clinic": knowledge.clinic.name,
        "demo": knowledge.clinic.demo,
        "phone": knowledge.clinic.phone,
        "phone_url": tel(knowledge.clinic.phone),
        "emergency": knowledge.numbers.emergency,
        "emergency_url": tel(knowledge.numbers.emergency),
        "short_line": short_line(knowledge),
        "notice": {
            "version": knowledge.smalltalk.notice_version,
            "text": fill(knowledge.smalltalk.notice, values),
        },
        "languages": list(knowledge.clinic.languages),
        "starters": buttons(knowledge, starters),
        "privacy": {
            "retention": knowledge.clinic.retention,
            "read_by": knowledge.clinic.chats_read_by,
            "contact": knowledge.clinic.privacy_contact,
        },
        "unreviewed_note": knowledge.safety.unreviewed_note,
    }


def say_title(knowledge: Knowledge, intent: str) -> str:
    """Returns the title of the button that says an intent, "" if no such button exists."""
    return knowledge.smalltalk.button_titles.get(f"say:{intent}", "")


def _withdrawn(knowledge: Knowledge, entry: Entry) -> Reply:
    script = knowledge.safety.replies["withdrawn"]
    values = {"topic_title": entry.title, "review_due": date_words(entry.review_due)}
    closing = short_line(knowledge)
    return scripted(knowledge, script, "out_of_scope", last=["tel:clinic"], values=values, closing=closing)


def notice(knowledge: Knowledge, text: str, language: str) -> Reply:
    """Returns a text in another language, with the numbers to call as buttons."""
    script = Script(text=(text,), buttons=("tel:emergency", "tel:clinic"))
    return {**scripted(knowledge, script, "notice"), "lang": language}


def _not_answered(knowledge: Knowledge, name: str, nearest: Sequence[str]) -> Reply:
    script = knowledge.safety.replies[name]
    topics, person = _topics(knowledge, nearest), ["say:request_human"]
    return scripted(knowledge, script, name, first=topics, last=person, closing=short_line(knowledge))


def _topics(knowledge: Knowledge, names: Sequence[str]) -> list[str]:
    known = [name for name in dict.fromkeys(names) if name in knowledge.entries]
    return [f"topic:{name}" for name in known[:NEAREST_TOPICS]]


def _claims(entry: Entry) -> Iterable[Claim]:
    """Returns the claims that the texts use, in the order of use."""
    return (entry.claims[name] for sentence in (*entry.answer, *entry.more) for name in sentence.claims)


def _premise(knowledge: Knowledge, name: str, today: date) -> Premise | None:
    """Returns the premise, None if there is none or an entry that it rests on is withdrawn."""
    premise = knowledge.premises.get(name)
    if premise is None:
        return None
    entries = (knowledge.entries[entry] for entry, _ in premise.claims)
    return None if any(is_withdrawn(knowledge, entry, today) for entry in entries) else premise


def _premise_claims(knowledge: Knowledge, premise: Premise) -> Iterable[Claim]:
    return (knowledge.entries[entry].claims[claim] for entry, claim in premise.claims)


def _sources(knowledge: Knowledge, claims: Iterable[Claim]) -> list[dict[str, Any]]:
    """Returns the sources of the claims, in their order, each once."""
    used = dict.fromkeys(source for claim in claims for source in claim.sources)
    return [
        {"id": one.id, "title": one.title, "publisher": one.publisher, "year": one.year, "url": one.url}
        for one in (knowledge.sources[name] for name in used)
    ]


def _reviewed(knowledge: Knowledge, entry: Entry) -> dict[str, Any]:
    if not entry.claims:
        # Only the clinic's own facts: there is nothing for a clinician to check.
        return {"on": None, "by": None, "note": ""}
    if not entry.reviewer or entry.reviewed_on is None:
        return {"on": None, "by": None, "note": knowledge.safety.unreviewed_note}
    return {"on": entry.reviewed_on.isoformat(), "by": entry.reviewer, "note": ""}
