"""What the patient's latest message says, and what was replied before it, as the actions need it."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from rasa_sdk import Tracker

from actions import names
from assistant.knowledge import Knowledge

Subjects = dict[str, tuple[str, ...]]

_FIRST_PERSON = re.compile(r"\b(?:i|i[’']?m|i[’']?ve|im|ive|my|me|mine|myself|we|our|us)\b", re.IGNORECASE)


def intent(tracker: Tracker) -> str:
    """Returns the name of the intent, "" if there is none."""
    return str((tracker.latest_message.get("intent") or {}).get("name") or "")


def topic(tracker: Tracker) -> str:
    """Returns the topic of an `ask_<topic>` intent, "" for another intent; it may not exist."""
    return _topic_of(intent(tracker))


def _topic_of(name: str) -> str:
    return name[len(names.ASK) :] if name.startswith(names.ASK) else ""


def decision(tracker: Tracker) -> dict[str, Any]:
    """Returns how the intent was decided (rule, level, group); empty where nothing says so."""
    return tracker.latest_message.get("decision") or {}


def language(tracker: Tracker) -> str:
    """Returns the code of the message's language, "en" where nothing says so."""
    return str(tracker.latest_message.get("language") or names.ENGLISH)


@dataclass(frozen=True)
class Question:
    """One of the questions that a message asks.

    Attributes:
        topic: what it is about, "" for something that is not covered.
        text: its words in the message.
        subjects: entity to canonical ids, as far as it names them.
    """

    topic: str
    text: str
    subjects: Subjects


def questions(tracker: Tracker) -> list[Question]:
    """Returns the questions of the latest message in their order; at least one, the message itself."""
    text = str(tracker.latest_message.get("text") or "")
    found = tracker.latest_message.get("questions") or []
    return [
        Question(_topic_of(str(one["intent"])), text[one["start"] : one["end"]], _subjects(one["entities"]))
        for one in found
    ] or [Question(topic(tracker), text, told_subjects(tracker))]


def told_subjects(tracker: Tracker) -> Subjects:
    """Returns entity to canonical ids as far as the message names them, in its order."""
    return _subjects(tracker.latest_message.get("entities") or [])


def _subjects(entities: Iterable[Mapping[str, Any]]) -> Subjects:
    found: Subjects = {}
    for entity in entities:
        name = entity.get("entity")
        if name in names.SUBJECTS or name in names.PASSING_SUBJECTS:
            found[name] = (*found.get(name, ()), str(entity["value"]))
    return found


def subjects(tracker: Tracker, told: Subjects | None = None) -> Subjects:
    """Returns what is talked about: as `told` or the message names it, else as the slots remember it."""
    remembered = {name: tracker.slots.get(name) for name in names.SUBJECTS}
    named = told_subjects(tracker) if told is None else told
    return {name: (str(value),) for name, value in remembered.items() if value} | named


def is_personal(text: str) -> bool:
    """Returns whether a text speaks of the patient or of somebody who belongs to them."""
    return _FIRST_PERSON.search(text) is not None


def goes_on(tracker: Tracker) -> bool:
    """Returns whether the message was understood only together with the one before it."""
    return decision(tracker).get("by") == names.BY_CONTEXT


def premises(tracker: Tracker) -> list[str]:
    """Returns the ids of the untrue things that the message takes for granted, in its order."""
    return [str(stated["id"]) for stated in tracker.latest_message.get("premises") or []]


def was_told(tracker: Tracker, answer: Mapping[str, Any]) -> bool:
    """Returns whether the reply before this message said the same."""
    latest = next(replies_before(tracker), None)
    return latest is not None and latest.get("text") == answer["text"]


def replies_before(tracker: Tracker) -> Iterator[Mapping[str, Any]]:
    """Yields the replies given before the latest message, the latest first."""
    events = list(tracker.events or [])
    while events and events[-1].get("event") != "user":
        events.pop()
    for event in reversed(events):
        told = ((event.get("data") or {}).get("custom") or {}) if event.get("event") == "bot" else {}
        if told.get("kind") not in (None, "notice"):
            yield told


def failed_before(tracker: Tracker) -> bool:
    """Returns whether the reply before this message left the patient without an answer."""
    return next((told["kind"] in names.FAILURES for told in replies_before(tracker)), False)


def meant(tracker: Tracker, knowledge: Knowledge) -> list[str]:
    """Returns the two topics of which one is meant though neither is sure enough; else none.

    It is asked only once: not where the reply before was such a question already.
    """
    latest = next(replies_before(tracker), None)
    if decision(tracker).get("by") != "rejection" or (latest and latest["kind"] == "clarify"):
        return []
    ranked = [one for one in _ranking(tracker) if _topic_of(str(one["name"])) in knowledge.entries][:2]
    shares = [float(one.get("confidence") or 0) for one in ranked]
    if len(shares) < 2 or shares[1] < names.LEAST_OF_TWO or sum(shares) < names.LEAST_TOGETHER:
        return []
    return [_topic_of(str(one["name"])) for one in ranked]


def nearest_topics(tracker: Tracker, knowledge: Knowledge) -> list[str]:
    """Returns the topics that the message may be about, likeliest first, else the starters."""
    topics = [_topic_of(str(ranked["name"])) for ranked in _ranking(tracker)]
    return [one for one in topics if one in knowledge.entries] or list(knowledge.smalltalk.starters)


def _ranking(tracker: Tracker) -> list[dict[str, Any]]:
    ranking = tracker.latest_message.get("intent_ranking") or []
    return sorted(ranking, key=lambda ranked: -float(ranked.get("confidence") or 0))
