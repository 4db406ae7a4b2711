"""Several questions in one message, questions that go on, and questions back."""

from datetime import datetime, timezone
from typing import Any

import pytest

from actions import clock, names
from actions.answer import ActionAnswerTopic
from actions.fallback import ActionDeclineTopic
from assistant.knowledge import Knowledge, reply

TEXT = "what is it, does it help hands, and what about bruises"
PARTS = {"ask_what_is": (0, 10), "ask_arthritis": (12, 30), "ask_side_effects_common": (36, 54)}
HAND = {"entity": "condition", "value": "hand_arthritis", "start": 25, "end": 30}


def _questions(*intents: str) -> list[dict[str, Any]]:
    return [
        {
            "intent": intent,
            "start": PARTS.get(intent, (36, 54))[0],
            "end": PARTS.get(intent, (36, 54))[1],
            "entities": [HAND] if intent == "ask_arthritis" else [],
        }
        for intent in intents
    ]


def _replies(dispatcher) -> list[tuple[str, str | None]]:
    return [(one["custom"]["kind"], one["custom"]["topic"]) for one in dispatcher.messages]


async def test_each_question_is_answered_in_order_with_its_own_subject(dispatcher, tracker) -> None:
    """Each part has its answer, in the variant for what that part names; the last topic is remembered."""
    asked = _questions("ask_what_is", "ask_arthritis")

    events = await ActionAnswerTopic().run(
        dispatcher, tracker("ask_what_is", text=TEXT, questions=asked, entities=[HAND]), {}
    )

    assert _replies(dispatcher) == [("answer", "what_is"), ("answer", "arthritis")]
    assert dispatcher.messages[1]["custom"]["text"] == "No trial looked at hands."
    assert {event["name"]: event["value"] for event in events} == {
        "topic": "arthritis",
        "condition": "hand_arthritis",
    }


async def test_part_that_is_not_covered_is_named_in_its_place(dispatcher, tracker) -> None:
    asked = _questions("ask_what_is", "out_of_scope")

    await ActionAnswerTopic().run(dispatcher, tracker("ask_what_is", text=TEXT, questions=asked), {})

    assert _replies(dispatcher) == [("answer", "what_is"), ("out_of_scope", None)]
    assert "999" in dispatcher.messages[1]["custom"]["text"]


async def test_limit_is_declined_before_the_answers(dispatcher, tracker) -> None:
    """What is never told comes first, wherever the message asks for it."""
    asked = _questions("ask_what_is", "ask_recipe")

    await ActionAnswerTopic().run(dispatcher, tracker("ask_what_is", text=TEXT, questions=asked), {})

    assert _replies(dispatcher) == [("refusal", None), ("answer", "what_is")]


async def test_more_answers_than_fit_are_offered(dispatcher, tracker, monkeypatch) -> None:
    """What is left over becomes buttons under the last answer."""
    monkeypatch.setattr(names, "MOST_ANSWERS", 1)
    asked = _questions("ask_what_is", "ask_side_effects_common")

    await ActionAnswerTopic().run(dispatcher, tracker("ask_what_is", text=TEXT, questions=asked), {})

    assert _replies(dispatcher) == [("answer", "what_is")]
    assert dispatcher.messages[0]["custom"]["buttons"][0]["topic"] == "side_effects_common"


async def test_answers_share_the_words(dispatcher, tracker, monkeypatch) -> None:
    """What does not fit goes to `more`, and nothing is lost."""
    monkeypatch.setattr(names, "MOST_WORDS", 12)
    asked = _questions("ask_arthritis", "ask_what_is")
    asked[0]["entities"] = []

    await ActionAnswerTopic().run(dispatcher, tracker("ask_arthritis", text=TEXT, questions=asked), {})

    told = dispatcher.messages[0]["custom"]
    assert told["text"] == "It may ease pain for weeks."
    assert told["more"].startswith("No one knows the best plan.")


async def test_why_tells_what_the_answer_left_out(dispatcher, tracker, said, knowledge: Knowledge) -> None:
    """A question that goes on with the same answer gets the rest of it and not the same words again."""
    first = ActionAnswerTopic()
    await first.run(dispatcher, tracker("ask_what_is"), {})
    told = dispatcher.messages.pop()["custom"]
    again = tracker("ask_what_is", before=(told,), decision={"by": "context"})

    await first.run(dispatcher, again, {})

    assert told["more"] and said()["text"] == told["more"] and said()["more"] == ""


async def test_what_was_left_out_is_told_with_its_caution(
    dispatcher, tracker, said, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An answer that is due for review is never told as current, the rest of it neither."""
    late = datetime(2027, 3, 1, tzinfo=timezone.utc)
    monkeypatch.setattr(clock, "now", lambda: late)
    answer = ActionAnswerTopic()
    await answer.run(dispatcher, tracker("ask_what_is"), {})
    told = dispatcher.messages.pop()["custom"]

    await answer.run(dispatcher, tracker("ask_what_is", before=(told,), decision={"by": "context"}), {})

    assert "due for review" in told["text"] and "due for review" in said()["text"]
    assert said()["text"] != told["text"]


async def test_other_subject_after_an_answer_gets_its_own_answer(dispatcher, tracker, said) -> None:
    """ "And for my hands?" is not "why?": the variant is told and not what the first answer left out."""
    answer = ActionAnswerTopic()
    await answer.run(dispatcher, tracker("ask_arthritis"), {})
    told = dispatcher.messages.pop()["custom"]
    hands = tracker("ask_arthritis", before=(told,), decision={"by": "context"}, entities=[HAND])

    await answer.run(dispatcher, hands, {})

    assert said()["text"] == "No trial looked at hands."


RANKING = [
    {"name": "out_of_scope", "confidence": 0.7},
    {"name": "ask_what_is", "confidence": 0.45},
    {"name": "ask_arthritis", "confidence": 0.4},
]


async def test_two_near_topics_are_asked_back_with_buttons(dispatcher, tracker, said) -> None:
    unsure = tracker("out_of_scope", decision={"by": "rejection"}, intent_ranking=RANKING)

    await ActionDeclineTopic().run(dispatcher, unsure, {})

    assert said()["kind"] == "clarify"
    assert [one.get("topic") for one in said()["buttons"]][:2] == ["what_is", "arthritis"]


async def test_is_asked_back_only_once(dispatcher, tracker, said, knowledge: Knowledge) -> None:
    asked = reply.clarify(knowledge, ["what_is", "arthritis"])
    unsure = tracker("out_of_scope", before=(asked,), decision={"by": "rejection"}, intent_ranking=RANKING)

    await ActionDeclineTopic().run(dispatcher, unsure, {})

    assert said()["kind"] == "out_of_scope"


@pytest.mark.parametrize("second", [0.1, 0.25])
async def test_far_topics_are_not_asked_back(dispatcher, tracker, said, second: float) -> None:
    """One near topic is offered; two that share little are no question."""
    ranking = [RANKING[0], RANKING[1], {**RANKING[2], "confidence": second}]
    unsure = tracker("out_of_scope", decision={"by": "rejection"}, intent_ranking=ranking)

    await ActionDeclineTopic().run(dispatcher, unsure, {})

    assert said()["kind"] == "out_of_scope"
