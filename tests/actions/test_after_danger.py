"""What is said to a reply about danger."""

from typing import Any

import pytest
from structlog.testing import capture_logs

from actions.answer import ActionAnswerTopic
from actions.fallback import ActionDeclineTopic
from actions.safety import ActionReportEmergency, ActionReportSelfHarm
from actions.smalltalk import ActionMakeSmalltalk

EMERGENCY = {"kind": "emergency", "urgency": "now", "text": "Call."}
TODAY = {"kind": "urgent", "urgency": "today", "text": "Go."}
CRISIS = {"kind": "crisis", "urgency": "now", "text": "Thank you."}


def _flag(level: str, group: str | None = None, rule: str | None = "r") -> dict[str, Any]:
    return {"by": "rule", "rule": rule, "level": level, "group": group, "score": 1.0}


def _alarm(topic: str = "arthritis", share: float = 0.3, **parsed: Any) -> dict[str, Any]:
    ranking = [{"name": "report_emergency", "confidence": 1.0}, {"name": f"ask_{topic}", "confidence": share}]
    return {"intent_ranking": ranking, "decision": _flag("now", "stroke"), **parsed}


async def test_only_asking_is_answered_with_the_topic_of_the_alarm(dispatcher, tracker, said) -> None:
    """The best topic of the message that raised the alarm, in its variant, and when to call after all."""
    hand = {"entity": "condition", "value": "hand_arthritis"}
    asked = (_alarm(entities=[hand]),)
    latest = tracker("out_of_scope", before=(EMERGENCY,), asked=asked, text="I'm only asking!")

    events = await ActionDeclineTopic().run(dispatcher, latest, {})

    assert (said()["kind"], said()["topic"]) == ("answer", "arthritis")
    assert said()["text"] == "No trial looked at hands.\n\nIf it happens, call 999."
    assert [(event["name"], event["value"]) for event in events] == [("topic", "arthritis")]


async def test_only_asking_without_a_topic_asks_for_the_question(dispatcher, tracker, said) -> None:
    """What the alarm was about is not guessed."""
    asked = (_alarm(share=0.01),)
    latest = tracker("deny", before=(EMERGENCY,), asked=asked, text="it's not happening now")

    await ActionMakeSmalltalk().run(dispatcher, latest, {})

    assert said()["kind"] == "clarify" and said()["text"].endswith("If it happens, call 999.")


async def test_question_beside_only_asking_is_answered_itself(dispatcher, tracker, said) -> None:
    """What is explicit is never overruled by what was said before."""
    text = "so what is it really about, just asking"
    latest = tracker("ask_what_is", before=(EMERGENCY,), asked=(_alarm(),), text=text)

    await ActionAnswerTopic().run(dispatcher, latest, {})

    assert said()["topic"] == "what_is" and "If it happens" not in said()["text"]


@pytest.mark.parametrize("level", ["now", "today"])
async def test_calm_words_do_not_lower_a_rule(dispatcher, tracker, said, level: str) -> None:
    """A red flag in the same message is answered, however it is told down."""
    decision = _flag(level, "stroke")
    latest = tracker(
        "report_emergency", before=(EMERGENCY,), asked=(_alarm(),), text="only asking", decision=decision
    )

    await ActionReportEmergency().run(dispatcher, latest, {})

    assert said()["kind"] == "emergency"


async def test_bare_only_asking_counts_against_the_classifier_alone(dispatcher, tracker, said) -> None:
    """The words themselves hold no danger; after a crisis they are left to the classifier."""
    decision = {**_flag("now", rule=None), "by": "classifier"}
    latest = tracker(
        "report_emergency", before=(EMERGENCY,), asked=(_alarm(),), text="just asking", decision=decision
    )

    await ActionReportEmergency().run(dispatcher, latest, {})
    assert said()["kind"] == "answer"

    dispatcher.messages.clear()
    latest = tracker(
        "report_self_harm", before=(CRISIS,), asked=(_alarm(),), text="just asking", decision=decision
    )
    await ActionReportSelfHarm().run(dispatcher, latest, {})
    assert said()["kind"] == "crisis"


@pytest.mark.parametrize(
    ("before", "text", "kind", "words"),
    [
        (EMERGENCY, "i can't call", "emergency", "Get someone to call 999 now."),
        (TODAY, "no phone", "urgent", "Go there"),
        (CRISIS, "I can't call", "crisis", "Let someone call 999."),
        ({"kind": "safeguarding", "urgency": "today"}, "I can’t call", "safeguarding", "Ask people"),
    ],
)
async def test_who_cannot_call_is_told_another_way(
    dispatcher, tracker, said, before: dict, text: str, kind: str, words: str
) -> None:
    """Each kind of danger has its own."""
    await ActionDeclineTopic().run(dispatcher, tracker("out_of_scope", before=(before,), text=text), {})

    assert said()["kind"] == kind and said()["text"].startswith(words)


async def test_emergency_and_no_call_in_one_message(dispatcher, tracker, said) -> None:
    """The way without a call comes first, then what to do for the sign."""
    latest = tracker("report_emergency", text="stroke, no phone here", decision=_flag("now", "stroke"))

    await ActionReportEmergency().run(dispatcher, latest, {})

    assert said()["text"].startswith("Get someone to call 999 now.\n\nNote the time.\n\n- You can text 999.")


@pytest.mark.parametrize("text", ["it has stopped", "that stopped by itself, thanks"])
async def test_event_that_is_over_is_still_one(dispatcher, tracker, said, text: str) -> None:
    """Nobody is told "all right" because it has stopped."""
    latest = tracker("deny", before=(EMERGENCY, {"kind": "smalltalk"}), asked=(_alarm(),), text=text)

    await ActionMakeSmalltalk().run(dispatcher, latest, {})

    assert said()["text"] == "Call 999 now.\n\nPlease call now, as I said."


@pytest.mark.parametrize(("text", "intent"), [("no", "deny"), ("ok", "affirm")])
async def test_yes_or_no_to_an_emergency_reply_gets_the_short_form(
    dispatcher, tracker, said, text: str, intent: str
) -> None:
    """ "All right" would sound as if all were well."""
    latest = tracker(intent, before=(EMERGENCY,), asked=(_alarm(),), text=text)

    await ActionMakeSmalltalk().run(dispatcher, latest, {})

    assert said()["kind"] == "emergency"


async def test_later_questions_are_answered(dispatcher, tracker, said) -> None:
    """A topic after an emergency is answered as ever."""
    latest = tracker("ask_what_is", before=(EMERGENCY,), asked=(_alarm(),), text="what is it")

    await ActionAnswerTopic().run(dispatcher, latest, {})

    assert said()["text"] == "It is a way to give small injections."


async def test_danger_is_forgotten_after_some_replies(dispatcher, tracker, said) -> None:
    """ "No" belongs to the reply before it."""
    before = (EMERGENCY, *[{"kind": "answer"}] * 3)
    latest = tracker("greet", before=before, asked=(_alarm(),), text="just asking")

    await ActionMakeSmalltalk().run(dispatcher, latest, {})

    assert said()["text"] == "Hello."


@pytest.mark.parametrize(
    ("earlier", "now", "short"),
    [
        (_flag("now", "stroke"), _flag("now", "stroke"), True),
        (_flag("now", "stroke"), _flag("now"), True),
        (_flag("now"), _flag("now", "stroke"), False),
        (_flag("today", "stroke"), _flag("now", "stroke"), False),
    ],
)
async def test_repeated_flag_gets_the_short_form(
    dispatcher, tracker, said, earlier: dict, now: dict, short: bool
) -> None:
    """A new sign or a more severe one gets the whole text."""
    before, asked = (EMERGENCY, {"kind": "answer"}), ({"decision": earlier}, {"decision": None})
    latest = tracker("report_emergency", before=before, asked=asked, decision=now)

    await ActionReportEmergency().run(dispatcher, latest, {})

    assert (said()["text"] == "Call 999 now.\n\nPlease call now, as I said.") == short


async def test_staff_find_each_flag_in_the_log_without_the_words(dispatcher, tracker) -> None:
    """Of conversations that are not kept too: level, group and rule, and nothing of the message."""
    latest = tracker("report_emergency", decision=_flag("now", "stroke"))

    with capture_logs() as logs:
        await ActionReportEmergency().run(dispatcher, latest, {})

    assert logs == [
        {
            "event": "safety.flag",
            "danger": "now",
            "group": "stroke",
            "rule": "r",
            "again": False,
            "log_level": "warning",
        }
    ]
