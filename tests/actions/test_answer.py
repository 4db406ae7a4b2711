"""Answers on a topic."""

from datetime import datetime, timezone

import pytest

from actions import clock
from actions.answer import ActionAnswerTopic

HAND = {"entity": "condition", "value": "hand_arthritis", "start": 0, "end": 4, "text": "hand"}
KNEE = {**HAND, "value": "knee_arthritis"}


async def test_topic_comes_from_the_intent(dispatcher, tracker, said) -> None:
    """`ask_<topic>` tells the entry `<topic>` and remembers it."""
    events = await ActionAnswerTopic().run(dispatcher, tracker("ask_what_is"), {})

    assert (said()["kind"], said()["topic"]) == ("answer", "what_is")
    assert [(event["name"], event["value"]) for event in events] == [("topic", "what_is")]


async def test_entity_chooses_the_variant_and_is_remembered(dispatcher, tracker, said) -> None:
    """A condition in the message gives the variant and sets the slot."""
    events = await ActionAnswerTopic().run(dispatcher, tracker("ask_arthritis", entities=[HAND, KNEE]), {})

    assert said()["text"] == "No trial looked at hands."
    assert {event["name"]: event["value"] for event in events} == {
        "topic": "arthritis",
        "condition": "hand_arthritis",
    }


async def test_slot_chooses_the_variant(dispatcher, tracker, said) -> None:
    """What was talked about before still holds, and is not set again."""
    slots = {"condition": "hand_arthritis", "treatment": None, "area": None}

    events = await ActionAnswerTopic().run(dispatcher, tracker("ask_arthritis", slots), {})

    assert said()["text"] == "No trial looked at hands."
    assert [event["name"] for event in events] == ["topic"]


async def test_entity_wins_over_slot(dispatcher, tracker, said) -> None:
    """What the message names overrules what was remembered; other entities mean nothing here."""
    slots = {"condition": "hand_arthritis"}
    symptom = {"entity": "symptom", "value": "fever"}

    await ActionAnswerTopic().run(dispatcher, tracker("ask_arthritis", slots, entities=[symptom, KNEE]), {})

    assert said()["text"].startswith("It may ease pain")


async def test_variant_by_slot_and_entity_together(dispatcher, tracker, said) -> None:
    """A remembered condition and a named treatment are one subject."""
    slots = {"condition": "hand_arthritis"}
    treatment = {"entity": "treatment", "value": "needle_free"}

    await ActionAnswerTopic().run(dispatcher, tracker("ask_arthritis", slots, entities=[treatment]), {})

    assert said()["text"] == "No trial looked at hands without needles."


async def test_overdue_answer_has_its_caution(dispatcher, tracker, said, monkeypatch) -> None:
    """After the review date the answer says so first in `more`."""
    monkeypatch.setattr(clock, "now", lambda: datetime(2027, 2, 1, 0, 30, tzinfo=timezone.utc))

    await ActionAnswerTopic().run(dispatcher, tracker("ask_what_is"), {})

    assert said()["more"].startswith("This was due for review")


@pytest.mark.parametrize("intent", ["ask_laser", "ask_recipe", "greet", ""])
async def test_topic_without_an_entry_is_declined(dispatcher, tracker, said, intent: str) -> None:
    """An intent that no entry answers is told to be out of scope, and nothing is remembered."""
    events = await ActionAnswerTopic().run(dispatcher, tracker(intent), {})

    assert said()["kind"] == "out_of_scope" and events == []


async def test_today_is_the_date_at_the_clinic(knowledge, monkeypatch) -> None:
    """Just before midnight UTC in summer it is tomorrow in London."""
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 7, 1, 23, 30, tzinfo=timezone.utc))

    assert clock.today(knowledge).isoformat() == "2026-07-02"
