"""Several questions in one message, and messages that go on with the one before."""

from typing import Any

import pytest
from rasa.shared.core.events import ActionExecuted, BotUttered, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.constants import ENTITIES, INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message

from assistant.language.follow_up import load_follow_ups
from assistant.language.going_on import load_going_on
from assistant.language.question_judge import load_judge
from assistant.nlu.question_collector import QUESTIONS, QuestionCollector
from assistant.nlu.question_splitter import BARE, PART, REST, ROLE, TOGETHER, QuestionSplitter
from tests.nlu.conftest import ROOT

SPLITTER = QuestionSplitter(load_follow_ups(ROOT / "data" / "lookups" / "follow_ups.yml"))
NO_TOPIC = ["ask_personal_advice", "ask_recipe"]
COLLECTOR = QuestionCollector(
    {**QuestionCollector.get_default_config(), "no_topic": NO_TOPIC, "limits": NO_TOPIC, "kept": NO_TOPIC},
    load_judge(ROOT / "data" / "lookups" / "question_judge.yml"),
    load_going_on(ROOT / "data" / "lookups" / "going_on.yml"),
)


def _tracker(*turns: tuple[str, str], by: str = "classifier") -> DialogueStateTracker:
    """A conversation of messages with the topics that were answered."""
    events: list[Any] = []
    for text, topic in turns:
        reply = {"custom": {"kind": "answer" if topic else "out_of_scope", "topic": topic or None}}
        events += [
            UserUttered(text, {"name": "ask_" + topic}, parse_data={"decision": {"by": by}}),
            BotUttered(data=reply),
            SlotSet("topic", topic),
            ActionExecuted("action_listen"),
        ]
    return DialogueStateTracker.from_events("one", events)


def _read(text: str, tracker: DialogueStateTracker, chances: dict[str, dict[str, float]]) -> Message:
    """Splits, gives each reading the intents that `chances` names for its text, and collects."""
    readings = SPLITTER.process([Message({TEXT: text})], tracker)
    for reading in readings:
        given = chances.get(reading.get(TEXT), {"ask_nothing": 0.1})
        ranking = [{"name": name, "confidence": chance} for name, chance in given.items()]
        score = max(given.values())
        if score < 0.3:
            ranking.insert(0, {"name": "out_of_scope", "confidence": 1 - score})
        reading.set(INTENT, ranking[0])
        reading.set(INTENT_RANKING_KEY, ranking)
        reading.set("decision", {"by": "classifier", "score": score})
        reading.set(ENTITIES, [])
    (message,) = COLLECTOR.process(readings)
    return message


def _asked(message: Message) -> list[str]:
    return [one["intent"] for one in message.get(QUESTIONS) or []]


def _intent(message: Message) -> str:
    return message.get(INTENT)["name"]


TWO = "How much is it and does it hurt?"


def test_two_topics_are_two_questions() -> None:
    chances = {
        TWO: {"ask_pain": 0.6},
        "How much is it": {"ask_cost": 0.9},
        "does it hurt?": {"ask_pain": 0.9},
    }

    message = _read(TWO, _tracker(), chances)

    assert _asked(message) == ["ask_cost", "ask_pain"] and _intent(message) == "ask_cost"
    first, second = message.get(QUESTIONS)
    assert TWO[first["start"] : first["end"]] == "How much is it"
    assert TWO[second["start"] : second["end"]] == "does it hurt?"


def test_parts_about_one_topic_are_one_question() -> None:
    chances = {
        TWO: {"ask_pain": 0.6},
        "How much is it": {"ask_pain": 0.9},
        "does it hurt?": {"ask_pain": 0.9},
    }

    assert _asked(_read(TWO, _tracker(), chances)) == []


def test_part_with_the_form_of_a_question_counts_though_it_is_unsure() -> None:
    chances = {
        TWO: {"ask_pain": 0.6},
        "How much is it": {"ask_cost": 0.5},
        "does it hurt?": {"ask_pain": 0.9},
    }

    assert _asked(_read(TWO, _tracker(), chances)) == ["ask_cost", "ask_pain"]


def test_what_only_refines_a_question_is_no_other_one() -> None:
    """A word after a comma that is not very sure of its topic is no question of its own."""
    text = "Is it used on hips, thighs"
    chances = {
        text: {"ask_treatment_areas": 0.9},
        "Is it used on hips": {"ask_treatment_areas": 0.8},
        "thighs": {"ask_cellulite": 0.5},
    }

    message = _read(text, _tracker(), chances)

    assert _asked(message) == [] and _intent(message) == "ask_treatment_areas"


def test_small_talk_beside_a_question_is_no_question() -> None:
    text = "How much is it? And hello to you!"
    chances = {
        text: {"ask_cost": 0.9},
        "How much is it?": {"ask_cost": 0.9},
        "And hello to you!": {"greet": 0.9},
    }

    assert _asked(_read(text, _tracker(), chances)) == []


def test_part_that_is_not_covered_is_named() -> None:
    chances = {
        TWO: {"ask_cost": 0.6},
        "How much is it": {"ask_cost": 0.9},
        "does it hurt?": {"neighbour_everyday": 0.95},
    }

    assert _asked(_read(TWO, _tracker(), chances)) == ["ask_cost", "out_of_scope"]


def test_danger_of_the_whole_comes_first() -> None:
    chances = {
        TWO: {"report_emergency": 0.9},
        "How much is it": {"ask_cost": 0.9},
        "does it hurt?": {"ask_pain": 0.9},
    }

    message = _read(TWO, _tracker(), chances)

    assert _asked(message) == [] and _intent(message) == "report_emergency"


@pytest.mark.parametrize("whole", ["ask_recipe", "ask_cost", "neighbour_everyday", "out_of_scope"])
def test_limit_beside_a_topic_stays_and_the_topic_is_answered(whole: str) -> None:
    chances = {TWO: {whole: 0.9}, "How much is it": {"ask_cost": 0.9}, "does it hurt?": {"ask_recipe": 0.9}}

    message = _read(TWO, _tracker(), chances)

    assert _asked(message) == ["ask_cost", "ask_recipe"] and _intent(message) == "ask_cost"


def test_limit_that_only_the_whole_shows_stays_first() -> None:
    chances = {
        TWO: {"ask_personal_advice": 0.9},
        "How much is it": {"ask_cost": 0.9},
        "does it hurt?": {"ask_pain": 0.9},
    }

    message = _read(TWO, _tracker(), chances)

    assert _asked(message) == ["ask_personal_advice", "ask_cost", "ask_pain"]


def test_covered_part_is_answered_where_the_whole_seems_not_covered() -> None:
    chances = {
        TWO: {"neighbour_everyday": 0.9},
        "How much is it": {"ask_cost": 0.9},
        "does it hurt?": {"neighbour_everyday": 0.95},
    }

    message = _read(TWO, _tracker(), chances)

    assert _asked(message) == ["ask_cost", "out_of_scope"] and _intent(message) == "ask_cost"


def test_elliptical_message_keeps_what_was_asked() -> None:
    """ "And for arthritis?" after sessions is sessions for arthritis, and staff can see why."""
    chances = {
        "and for arthritis?": {"ask_arthritis": 0.7, "ask_number_of_sessions": 0.05},
        "How many sessions? and for arthritis?": {"ask_number_of_sessions": 0.9, "ask_arthritis": 0.05},
    }
    tracker = _tracker(("How many sessions?", "number_of_sessions"))

    message = _read("and for arthritis?", tracker, chances)

    assert _intent(message) == "ask_number_of_sessions" and message.get("decision")["by"] == "context"


def test_without_a_message_before_it_stands_alone() -> None:
    message = _read("and for arthritis?", _tracker(), {"and for arthritis?": {"ask_arthritis": 0.7}})

    assert _intent(message) == "ask_arthritis"


def test_message_sure_of_its_own_topic_does_not_go_on() -> None:
    """ "It" may stand for what the whole chat is about, not for what was asked before."""
    text = "is it ok with lupus"
    chances = {
        text: {"ask_autoimmune": 0.99},
        f"How many sessions? {text}": {"ask_number_of_sessions": 0.9, "ask_autoimmune": 0.1},
    }

    message = _read(text, _tracker(("How many sessions?", "number_of_sessions")), chances)

    assert _intent(message) == "ask_autoimmune"


def test_question_that_is_not_covered_alone_may_go_on() -> None:
    text = "and for them?"
    chances = {
        text: {"neighbour_health": 0.6, "ask_number_of_sessions": 0.1},
        f"How many sessions? {text}": {"ask_number_of_sessions": 0.9},
    }

    message = _read(text, _tracker(("How many sessions?", "number_of_sessions")), chances)

    assert _intent(message) == "ask_number_of_sessions"


def test_announced_change_is_never_kept_with_the_old_topic() -> None:
    text = "new question, is it legal"
    chances = {text: {"ask_regulation": 0.6}, f"How many sessions? {text}": {"ask_number_of_sessions": 0.9}}

    message = _read(text, _tracker(("How many sessions?", "number_of_sessions")), chances)

    assert _intent(message) == "ask_regulation"


@pytest.mark.parametrize("text", ["thanks, that helps", "ok"])
def test_small_talk_after_an_answer_stays_small_talk(text: str) -> None:
    chances = {text: {"thank": 0.95}, f"How many sessions? {text}": {"ask_number_of_sessions": 0.9}}

    message = _read(text, _tracker(("How many sessions?", "number_of_sessions")), chances)

    assert _intent(message) == "thank"


@pytest.mark.parametrize("chances", [{"ask_recipe": 0.2}, {"nlu_fallback": 0.9}])
def test_what_no_reading_speaks_for_does_not_go_on(chances: dict[str, float]) -> None:
    """No topic is made of what is neither likely alone nor together."""
    text = "and xyzzy?"

    message = _read(text, _tracker(("Hello there", "")), {text: chances, f"Hello there {text}": chances})

    assert _intent(message) in ("out_of_scope", "nlu_fallback")


def test_danger_after_an_answer_stays_danger() -> None:
    text = "and now it is hard to breathe"
    chances = {text: {"report_emergency": 0.9}, f"Does it hurt? {text}": {"ask_pain": 0.9}}

    assert _intent(_read(text, _tracker(("Does it hurt?", "pain")), chances)) == "report_emergency"


def test_readings_are_made_as_needed() -> None:
    """Nothing is added to a plain question; each other way of reading has its role."""
    tracker = _tracker(("Does it hurt?", "pain"))

    def roles(text: str, tracker: DialogueStateTracker) -> list[Any]:
        return [one.get(ROLE) for one in SPLITTER.process([Message({TEXT: text})], tracker)]

    assert roles("How long do the bruises last after mesotherapy of the thighs", tracker) == [None]
    assert roles(TWO, _tracker()) == [None, PART, PART]
    assert roles(TWO, tracker) == [None, PART, PART, TOGETHER]
    assert roles("no, I meant my face", tracker) == [None, REST, TOGETHER]
    assert roles("I fell last year. Does it help my bad knee at my age?", _tracker()) == [None, BARE]


def test_message_understood_in_context_is_told_with_the_one_before_it() -> None:
    """ "How long?" after "and my face?" is read with the question that the face belongs to."""
    first = ("How many sessions?", "number_of_sessions")
    tracker = _tracker(first, ("and my face?", "face"), by="context")

    together = SPLITTER.process([Message({TEXT: "how long?"})], tracker)[1]

    assert together.get(TEXT) == "How many sessions? and my face? how long?"


def test_the_one_question_of_a_story_counts_where_the_story_is_not_understood() -> None:
    text = "I fell last year. Does it help a knee at my age?"
    chances = {text: {"ask_nothing": 0.2}, "Does it help a knee at my age?": {"ask_arthritis": 0.9}}

    message = _read(text, _tracker(), chances)

    assert _intent(message) == "ask_arthritis" and message.get("decision")["by"] == "question"


def test_only_the_messages_themselves_come_back() -> None:
    messages = [Message({TEXT: TWO, INTENT: {"name": "greet"}}), Message({TEXT: "", INTENT: {}})]

    assert COLLECTOR.process(SPLITTER.process(messages, _tracker())) == messages
