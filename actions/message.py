"""What the patient's latest message says, and what was replied before it, as the actions need it."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from rasa_sdk import Tracker

from actions import names
from assistant.knowledge import Knowledge

_FIRST_PERSON = re.compile(r"\b(?:i|i[’']?m|i[’']?ve|im|ive|my|me|mine|myself|we|our|us)\b", re.IGNORECASE)


def intent(tracker: Tracker) -> str:
    """Returns the name of the intent, "" if there is none."""
    return str((tracker.latest_message.get("intent") or {}).get("name") or "")


def topic(tracker: Tracker) -> str:
    """Returns the topic of an `ask_<topic>` intent, "" for another intent; it may not exist."""
    name = intent(tracker)
    return name[len(names.ASK) :] if name.startswith(names.ASK) else ""


def decision(tracker: Tracker) -> dict[str, Any]:
    """Returns how the intent was decided (rule, level, group); empty where nothing says so."""
    return tracker.latest_message.get("decision") or {}


def told_subjects(tracker: Tracker) -> dict[str, tuple[str, ...]]:
    """Returns entity to canonical ids as far as the message names them, in its order."""
    found: dict[str, tuple[str, ...]] = {}
    for entity in tracker.latest_message.get("entities") or []:
        name = entity.get("entity")
        if name in names.SUBJECTS or name in names.PASSING_SUBJECTS:
            found[name] = (*found.get(name, ()), str(entity["value"]))
    return found


def subjects(tracker: Tracker) -> dict[str, tuple[str, ...]]:
    """Returns what is talked about: as the message names it, else as the slots remember it."""
    remembered = {name: tracker.slots.get(name) for name in names.SUBJECTS}
    return {name: (str(value),) for name, value in remembered.items() if value} | told_subjects(tracker)


def is_personal(tracker: Tracker) -> bool:
    """Returns whether the message speaks of the patient or of somebody who belongs to them."""
    return _FIRST_PERSON.search(str(tracker.latest_message.get("text") or "")) is not None


def replies_before(tracker: Tracker) -> Iterator[Mapping[str, Any]]:
    """Yields the replies given before the latest message, the latest first."""
    events = list(tracker.events or [])
    while events and events[-1].get("event") != "user":
        events.pop()
    for event in reversed(events):
        told = ((event.get("data") or {}).get("custom") or {}) if event.get("event") == "bot" else {}
        if told.get("kind"):
            yield told


def failed_before(tracker: Tracker) -> bool:
    """Returns whether the reply before this message left the patient without an answer."""
    return next((told["kind"] in names.FAILURES for told in replies_before(tracker)), False)


def nearest_topics(tracker: Tracker, knowledge: Knowledge) -> list[str]:
    """Returns the topics that the message may be about, likeliest first, else the starters."""
    ranking = tracker.latest_message.get("intent_ranking") or []
    ordered = sorted(ranking, key=lambda ranked: -float(ranked.get("confidence") or 0))
    topics = [str(ranked["name"])[len(names.ASK) :] for ranked in ordered if _asks(ranked)]
    return [one for one in topics if one in knowledge.entries] or list(knowledge.smalltalk.starters)


def _asks(ranked: dict[str, Any]) -> bool:
    return str(ranked.get("name")).startswith(names.ASK)
