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
    """After the review date the answer says so last."""
    monkeypatch.setattr(clock, "now", lambda: datetime(2027, 2, 1, 0, 30, tzinfo=timezone.utc))

    await ActionAnswerTopic().run(dispatcher, tracker("ask_what_is"), {})

    assert said()["text"].endswith("This was due for review on 31 January 2027.")


@pytest.mark.parametrize("intent", ["ask_laser", "ask_recipe", "greet", ""])
async def test_topic_without_an_entry_is_declined(dispatcher, tracker, said, intent: str) -> None:
    """An intent that no entry answers is told to be out of scope, and nothing is remembered."""
    events = await ActionAnswerTopic().run(dispatcher, tracker(intent), {})

    assert said()["kind"] == "out_of_scope" and events == []


async def test_every_named_condition_may_choose_the_variant(dispatcher, tracker, said) -> None:
    """Which one is named first does not matter for the variant; the first is remembered."""
    events = await ActionAnswerTopic().run(dispatcher, tracker("ask_arthritis", entities=[KNEE, HAND]), {})

    assert said()["text"] == "No trial looked at hands."
    assert ("condition", "knee_arthritis") in [(event["name"], event["value"]) for event in events]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("I have bad hands, can I have it?", True),
        ("is it ok for my mum", True),
        ("Im on tablets", True),
        ("what is it", False),
        ("is mine field", True),
        ("mining", False),
    ],
)
async def test_boundary_is_told_to_who_asks_about_themselves(
    dispatcher, tracker, said, text: str, told: bool
) -> None:
    """A personal entry says besides that only a clinician can decide, and only to whom it concerns."""
    await ActionAnswerTopic().run(dispatcher, tracker("ask_side_effects_common", text=text), {})

    assert ("I can't decide for you." in said()["text"]) == told


async def test_boundary_is_not_told_with_other_entries(dispatcher, tracker, said) -> None:
    """What is no question of who may have it has no boundary."""
    await ActionAnswerTopic().run(dispatcher, tracker("ask_what_is", text="what is it, for my mum"), {})

    assert "decide" not in said()["text"]


async def test_age_and_skin_are_not_remembered_as_the_subject(dispatcher, tracker, said) -> None:
    """Who somebody is chooses a variant now, and the next question is still about the hand."""
    old = {**HAND, "value": "older_age"}

    events = await ActionAnswerTopic().run(dispatcher, tracker("ask_arthritis", entities=[old, HAND]), {})

    assert ("condition", "hand_arthritis") in [(event["name"], event["value"]) for event in events]


async def test_first_premise_is_corrected_before_the_answer(dispatcher, tracker, said) -> None:
    """The reply has the correction of the first premise beside the text, which stays the answer."""
    stated = [{"id": "natural", "start": 6, "end": 18}, {"id": "painless", "start": 20, "end": 28}]

    await ActionAnswerTopic().run(dispatcher, tracker("ask_what_is", premises=stated), {})

    assert said()["premise"] == "It is not only natural."
    assert said()["text"] == "It is a way to give small injections."


@pytest.mark.parametrize("stated", [[], [{"id": "gone", "start": 0, "end": 4}]])
async def test_without_a_known_premise_nothing_is_corrected(dispatcher, tracker, said, stated) -> None:
    """No premise, or one that the content no longer has, leaves the answer as it is."""
    await ActionAnswerTopic().run(dispatcher, tracker("ask_what_is", premises=stated), {})

    assert said()["premise"] is None and said()["text"]
