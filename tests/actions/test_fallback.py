"""What is not covered or was not understood."""

import pytest

from actions.fallback import ActionAskRephrase, ActionDeclineTopic

BOTH = [(ActionDeclineTopic, "out_of_scope"), (ActionAskRephrase, "fallback")]


def _topics(reply: dict) -> list[str]:
    return [button["topic"] for button in reply["buttons"] if "topic" in button]


def _ranking(*names: str) -> list[dict]:
    return [{"name": name, "confidence": 0.9 - index / 10} for index, name in enumerate(names)]


@pytest.mark.parametrize(("action", "kind"), BOTH)
async def test_nearest_topics_by_confidence(dispatcher, tracker, said, action, kind: str) -> None:
    """Entries alone are offered, likeliest first, whatever the order of the ranking."""
    ranking = _ranking("neighbour_health", "ask_arthritis", "ask_recipe", "greet", "ask_what_is", "ask_laser")

    await action().run(dispatcher, tracker("out_of_scope", intent_ranking=ranking[::-1]), {})

    assert said()["kind"] == kind and _topics(said()) == ["arthritis", "what_is"]


@pytest.mark.parametrize(("action", "kind"), BOTH)
@pytest.mark.parametrize("message", [{}, {"intent_ranking": None}, {"intent_ranking": [{"name": "greet"}]}])
async def test_without_a_near_topic_the_starters_are_offered(
    dispatcher, tracker, said, action, kind: str, message: dict
) -> None:
    """A dead end still shows where to begin."""
    await action().run(dispatcher, tracker("nlu_fallback", **message), {})

    assert said()["kind"] == kind and _topics(said()) == ["what_is", "side_effects_common"]


@pytest.mark.parametrize(("action", "kind"), BOTH)
async def test_emergency_number_stands_in_a_dead_end(dispatcher, tracker, said, action, kind: str) -> None:
    """What was not understood may have been an emergency."""
    await action().run(dispatcher, tracker("out_of_scope"), {})

    assert said()["kind"] == kind and "999" in said()["text"]


@pytest.mark.parametrize(("action", "kind"), BOTH)
@pytest.mark.parametrize("before", ["out_of_scope", "fallback"])
async def test_second_failure_in_a_row_offers_a_person(
    dispatcher, tracker, said, action, kind: str, before: str
) -> None:
    """Who was not answered twice is shown the clinic's phone first, and topics after it."""
    ranking = _ranking("ask_arthritis")
    latest = tracker("out_of_scope", before=({"kind": before},), intent_ranking=ranking)

    await action().run(dispatcher, latest, {})

    assert said()["kind"] == "handoff" and said()["buttons"][0]["id"] == "tel:clinic"
    assert _topics(said()) == ["arthritis"] and "999" in said()["text"]


@pytest.mark.parametrize(("action", "kind"), BOTH)
async def test_failure_after_an_answer_is_the_first(dispatcher, tracker, said, action, kind: str) -> None:
    """Only failures in a row count."""
    before = ({"kind": "fallback"}, {"kind": "answer"})

    await action().run(dispatcher, tracker("out_of_scope", before=before), {})

    assert said()["kind"] == kind
