"""Replies to danger."""

from typing import Any

import pytest

from actions.safety import (
    ActionReportEmergency,
    ActionReportSafeguarding,
    ActionReportSelfHarm,
    ActionReportUrgent,
)


def _decision(level: str | None, group: str | None) -> dict[str, Any]:
    return {"by": "rule", "rule": "r", "level": level, "group": group, "score": 1.0}


async def test_emergency_with_its_group(dispatcher, tracker, said) -> None:
    """The group of the red flag chooses the second sentence."""
    latest = tracker("report_emergency", decision=_decision("now", "stroke"))

    events = await ActionReportEmergency().run(dispatcher, latest, {})

    assert said()["text"].startswith("Call 999 now.\n\nNote the time.") and events == []


@pytest.mark.parametrize("decision", [{}, {"decision": None}, {"decision": _decision(None, None)}])
async def test_emergency_without_a_group(dispatcher, tracker, said, decision: dict) -> None:
    """Decided by the classifier there is no group, and the reply is complete."""
    await ActionReportEmergency().run(dispatcher, tracker("report_emergency", **decision), {})

    assert said()["text"].startswith("Call 999 now.\n\nSay where you are.")


@pytest.mark.parametrize(
    ("level", "urgency"), [("today", "today"), ("days", "days"), (None, "today"), ("now", "today")]
)
async def test_urgent_level_is_today_unless_a_rule_says_days(
    dispatcher, tracker, said, level: str | None, urgency: str
) -> None:
    """Where nobody says how soon, the sooner one is safe."""
    await ActionReportUrgent().run(dispatcher, tracker("report_urgent", decision=_decision(level, None)), {})

    assert (said()["kind"], said()["urgency"]) == ("urgent", urgency)


async def test_self_harm_shows_the_crisis_line(dispatcher, tracker, said) -> None:
    """The reply has the line and nothing about mesotherapy."""
    await ActionReportSelfHarm().run(dispatcher, tracker("report_self_harm"), {})

    assert said()["kind"] == "crisis" and "tel:crisis" in [button["id"] for button in said()["buttons"]]


async def test_safeguarding_begins_with_the_number(dispatcher, tracker, said) -> None:
    """Whoever is in danger from others sees the emergency number first."""
    await ActionReportSafeguarding().run(dispatcher, tracker("report_safeguarding"), {})

    assert said()["kind"] == "safeguarding" and "999" in said()["text"].splitlines()[0]
