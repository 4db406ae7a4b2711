"""What the classifiers decide, and what they write down of it."""

import pytest
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY
from rasa.shared.nlu.training_data.message import Message

from assistant.nlu.rejection_classifier import RejectionClassifier
from assistant.nlu.safety_classifier import SafetyClassifier
from tests.nlu.conftest import EXAMPLES, Pipeline


def _intent(message: Message) -> str:
    return message.get(INTENT)["name"]


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("what is the price of it", "ask_cost"),
        ("is it going to hurt me", "ask_pain"),
        ("hello hello", "greet"),
    ],
)
def test_new_wording_finds_its_intent(understand, text: str, intent: str) -> None:
    """A wording that is in no example is recognised and not rejected."""
    message = understand(text)

    assert _intent(message) == intent and message.get("decision")["by"] == "classifier"


def test_other_subject_is_rejected(pipeline: Pipeline) -> None:
    """A question of known words about something else is out of scope."""
    message = pipeline.after(RejectionClassifier, "what is the capital city there")

    assert _intent(message) == "out_of_scope" and message.get("decision")["by"] == "rejection"


def test_unknown_words_are_not_understood(pipeline: Pipeline) -> None:
    """Text without a known word is told apart from a question that is not covered."""
    assert _intent(pipeline.after(RejectionClassifier, "qwrtz plmok")) == "nlu_fallback"


def test_rejected_choice_stays_in_the_ranking(pipeline: Pipeline) -> None:
    """Staff can see what would have been answered."""
    ranking = pipeline.after(RejectionClassifier, "qwrtz plmok").get(INTENT_RANKING_KEY)

    assert ranking[0]["name"] == "nlu_fallback" and ranking[1]["name"] in EXAMPLES


def test_preferred_intents_are_not_rejected(pipeline: Pipeline) -> None:
    """An intent named in preferred stands, however low its score, if a word of the text is known."""
    component = pipeline.make(RejectionClassifier, {"preferred": dict.fromkeys(EXAMPLES, 0.0)}, load=True)

    assert (
        _intent(pipeline.after(RejectionClassifier, "what is the capital city there", component)) in EXAMPLES
    )
    assert _intent(pipeline.after(RejectionClassifier, "qwrtz plmok", component)) == "nlu_fallback"


def test_preferred_intent_is_taken_from_its_probability_on(pipeline: Pipeline) -> None:
    """An intent whose reply does no harm comes before a likelier one."""
    text = "how much is it and does it hurt"
    ranking = pipeline.before(RejectionClassifier, text).get(INTENT_RANKING_KEY)
    second = ranking[1]

    taken, left = (
        pipeline.after(
            RejectionClassifier,
            text,
            pipeline.make(RejectionClassifier, {"preferred": {second["name"]: minimum}}, load=True),
        )
        for minimum in (second["confidence"] - 0.001, second["confidence"] + 0.001)
    )

    assert _intent(taken) == second["name"] != _intent(left)
    assert sorted(one["name"] for one in taken.get(INTENT_RANKING_KEY)) == sorted(
        one["name"] for one in ranking
    )


def test_question_about_another_treatment_is_rejected(pipeline: Pipeline) -> None:
    """However sure the choice is, what only mesotherapy answers is not told of botox."""
    component = pipeline.make(RejectionClassifier, {"mesotherapy_only": ["ask_cost"]}, load=True)

    other = pipeline.after(RejectionClassifier, "how much is botox", component)
    ours = pipeline.after(RejectionClassifier, "how much is it", component)

    assert (_intent(other), _intent(ours)) == ("out_of_scope", "ask_cost")


def test_rule_overrules_every_topic(understand) -> None:
    """A red flag in a cost question is an emergency, and the rule is written down."""
    message = understand("how much is it and I can't breathe")

    assert _intent(message) == "report_emergency"
    assert message.get("decision")["by"] == "rule" and message.get("decision")["rule"]
    assert message.get("decision")["level"] == "now"


def test_classifier_alone_is_enough(pipeline: Pipeline) -> None:
    """Where no rule fires, a probable safety intent is raised all the same."""
    message = Message({"text": "x"})
    ranking = [{"name": "report_emergency", "confidence": 0.6}, {"name": "ask_cost", "confidence": 0.4}]
    message.set(INTENT, {"name": "out_of_scope", "confidence": 0.9}, add_to_output=True)
    message.set(
        INTENT_RANKING_KEY, [{"name": "out_of_scope", "confidence": 0.9}, *ranking], add_to_output=True
    )

    pipeline.components[SafetyClassifier].process([message])

    assert _intent(message) == "report_emergency"
    assert message.get("decision")["by"] == "classifier" and message.get("decision")["rule"] is None


def _judged(pipeline: Pipeline, text: str, intent: str) -> Message:
    """Returns a message whose classifier is sure of one intent, as SafetyClassifier leaves it."""
    message = pipeline.before(SafetyClassifier, text)
    message.set(INTENT_RANKING_KEY, [{"name": intent, "confidence": 0.9}], add_to_output=True)
    pipeline.components[SafetyClassifier].process([message])
    return message


def test_rule_says_how_urgent_an_urgent_sign_is(pipeline: Pipeline) -> None:
    """Within one intent the rule's level holds, because the classifier knows no levels."""
    message = _judged(pipeline, "a lump came up at the injection site three weeks after", "report_urgent")

    assert message.get("decision")["by"] == "rule" and message.get("decision")["level"] == "days"


def test_more_severe_classifier_overrules_a_rule(pipeline: Pipeline) -> None:
    """An emergency by the classifier is not lowered to what a rule found."""
    message = _judged(pipeline, "a lump came up at the injection site three weeks after", "report_emergency")

    assert _intent(message) == "report_emergency" and message.get("decision")["by"] == "classifier"


def _ranked(pipeline: Pipeline, text: str, **shares: float) -> Message:
    """Returns a message with this ranking beside a topic, as SafetyClassifier leaves it."""
    message = pipeline.before(SafetyClassifier, text)
    ranking = [{"name": "ask_cost", "confidence": 1 - sum(shares.values())}]
    ranking += [{"name": f"report_{name}", "confidence": share} for name, share in shares.items()]
    message.set(INTENT, ranking[0], add_to_output=True)
    message.set(INTENT_RANKING_KEY, ranking, add_to_output=True)
    pipeline.components[SafetyClassifier].process([message])
    return message


def test_improbable_danger_is_not_raised(pipeline: Pipeline) -> None:
    """Below the minimum the topic stands."""
    assert _intent(_ranked(pipeline, "x", emergency=0.05, urgent=0.05)) == "ask_cost"


def test_dangers_count_together(pipeline: Pipeline) -> None:
    """What may be one danger or another is one of them: the serious one, if it has its share."""
    assert _intent(_ranked(pipeline, "x", emergency=0.14, urgent=0.16)) == "report_emergency"
    assert _intent(_ranked(pipeline, "x", emergency=0.02, urgent=0.26)) == "report_urgent"


LONG_AGO = "I was 14 when I passed out at a jab. How many sessions?"


def test_sign_of_long_ago_needs_a_trace_of_danger(pipeline: Pipeline) -> None:
    """Beside words of long ago a sign counts only if the classifier finds some danger, too."""
    assert _intent(_ranked(pipeline, LONG_AGO, emergency=0.001)) == "ask_cost"
    assert _intent(_ranked(pipeline, LONG_AGO, emergency=0.06)) == "report_emergency"


def test_sign_without_such_words_needs_no_classifier(pipeline: Pipeline) -> None:
    """A rule alone is enough."""
    assert _intent(_ranked(pipeline, "I just passed out", emergency=0.0)) == "report_emergency"


def test_danger_by_the_own_hand_gets_both(pipeline: Pipeline) -> None:
    """Who took an overdose to die is told the crisis line, and the emergency's first aid before it."""
    message = _ranked(pipeline, "I took an overdose, I want to die", self_harm=0.8)

    why = message.get("decision")
    assert _intent(message) == "report_self_harm" and why["level"] == "crisis" and why["group"] == "overdose"


def test_entity_carries_its_canonical_id(understand) -> None:
    """What was typed is the text, the id is the value."""
    entities = understand("does it help knee osteoarthritis").get("entities")

    assert [(e["entity"], e["value"], e["text"]) for e in entities if e["entity"] == "condition"] == [
        ("condition", "knee_osteoarthritis", "knee osteoarthritis")
    ]


def test_premise_is_written_down_with_its_characters(understand) -> None:
    """What is taken for true has its id and place; a plain question has none."""
    text = "Since it's FDA approved, how much is it?"
    stated, plain = understand(text).get("premises"), understand("Is it FDA approved?").get("premises")

    assert [(one["id"], text[one["start"] : one["end"]]) for one in stated] == [
        ("approved_fda", "FDA approved"),
        ("approved_officially", "approved"),
    ]
    assert plain == []
