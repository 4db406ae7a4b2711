"""What stands around every action."""

import inspect
from typing import Any

import pytest
from rasa_sdk.executor import ActionExecutor

from actions.answer import ActionAnswerTopic
from actions.fallback import ActionDeclineTopic
from actions.safety import ActionReportEmergency

MAIL = "what is it? mail me at jane@example.org"


def _kinds(dispatcher: Any) -> list[str]:
    return [told["custom"]["kind"] for told in dispatcher.messages]


async def test_personal_data_gets_a_notice_after_the_answer(dispatcher, tracker) -> None:
    """The question is answered, nothing of the data is repeated, and it is remembered that it was told."""
    events = await ActionAnswerTopic().run(dispatcher, tracker("ask_what_is", text=MAIL), {})

    assert _kinds(dispatcher) == ["answer", "notice"]
    assert "jane" not in str(dispatcher.messages)
    assert ("data_notice", True) in [(event["name"], event["value"]) for event in events]


async def test_notice_is_told_once(dispatcher, tracker) -> None:
    """In one conversation."""
    latest = tracker("ask_what_is", {"data_notice": True}, text=MAIL)

    await ActionAnswerTopic().run(dispatcher, latest, {})

    assert _kinds(dispatcher) == ["answer"]


async def test_reply_to_danger_stands_alone(dispatcher, tracker) -> None:
    """Whoever is in danger reads about nothing else; the notice can come later."""
    events = await ActionReportEmergency().run(dispatcher, tracker("report_emergency", text=MAIL), {})

    assert _kinds(dispatcher) == ["emergency"] and events == []


async def test_notice_is_no_reply_to_go_on_from(dispatcher, tracker) -> None:
    """A failure before it counts as the failure before."""
    before = ({"kind": "fallback"}, {"kind": "notice"})

    await ActionDeclineTopic().run(dispatcher, tracker("out_of_scope", before=before), {})

    assert _kinds(dispatcher) == ["handoff"]


def test_care_stands_around_every_action() -> None:
    """A new action is not forgotten."""
    executor = ActionExecutor()
    executor.register_package("actions")
    ours = {name: run for name, run in executor.actions.items() if run.__module__.startswith("actions.")}

    assert ours and [name for name, run in ours.items() if inspect.unwrap(run) is run] == []


@pytest.mark.parametrize("text", ["", None])
async def test_message_without_text_is_dealt_with(dispatcher, tracker, text: str | None) -> None:
    """A button press may bring none."""
    await ActionAnswerTopic().run(dispatcher, tracker("ask_what_is", text=text), {})

    assert _kinds(dispatcher) == ["answer"]
