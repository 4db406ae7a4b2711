"""What the patient's latest message says, as the actions need it."""

from typing import Any

from rasa_sdk import Tracker

from actions import names
from assistant.knowledge import Knowledge


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


def told_subjects(tracker: Tracker) -> dict[str, str]:
    """Returns condition, treatment and area as far as the message names them, the first of each."""
    found: dict[str, str] = {}
    for entity in tracker.latest_message.get("entities") or []:
        if entity.get("entity") in names.SUBJECTS:
            found.setdefault(entity["entity"], str(entity["value"]))
    return found


def subjects(tracker: Tracker) -> dict[str, str]:
    """Returns what is talked about: as the message names it, else as the slots remember it."""
    remembered = {name: tracker.slots.get(name) for name in names.SUBJECTS}
    return {name: str(value) for name, value in remembered.items() if value} | told_subjects(tracker)


def nearest_topics(tracker: Tracker, knowledge: Knowledge) -> list[str]:
    """Returns the topics that the message may be about, likeliest first, else the starters."""
    ranking = tracker.latest_message.get("intent_ranking") or []
    ordered = sorted(ranking, key=lambda ranked: -float(ranked.get("confidence") or 0))
    topics = [str(ranked["name"])[len(names.ASK) :] for ranked in ordered if _asks(ranked)]
    return [one for one in topics if one in knowledge.entries] or list(knowledge.smalltalk.starters)


def _asks(ranked: dict[str, Any]) -> bool:
    return str(ranked.get("name")).startswith(names.ASK)
