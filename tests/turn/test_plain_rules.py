"""Plain rules are told from others, and found from the end of a conversation."""

import json
from typing import Any

import pytest
from rasa.shared.core.events import ActionExecuted, ActiveLoop, Restarted, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from assistant.turn.plain_rules import PlainRules

LISTEN = {"action_name": "action_listen"}
ASKED = {"prev_action": LISTEN, "user": {"intent": "ask_cost"}}
ANSWERED = {"prev_action": {"action_name": "action_answer"}, "user": {"intent": "ask_cost"}}
FIRST, SECOND = json.dumps([ASKED]), json.dumps([ASKED, ANSWERED])
OTHER_KINDS: dict[str, list[dict[str, Any]]] = {
    "start": [{}],
    "slot": [{**ASKED, "slots": {"topic": [1.0]}}],
    "loop": [{**ASKED, "active_loop": {"name": "booking"}}],
    "text": [{"prev_action": LISTEN, "user": {"text": "hello"}}],
    "entity": [{"prev_action": LISTEN, "user": {"intent": "ask_cost", "entities": ["area"]}}],
    "any intent": [{"prev_action": LISTEN}],
    "no intent": [{"prev_action": LISTEN, "user": {"intent": "should_not_be_set"}}],
    "another intent": [ASKED, {**ANSWERED, "user": {"intent": "ask_pain"}}],
    "three turns": [ASKED, ANSWERED, ANSWERED],
    "not after listening": [ANSWERED],
    "listening twice": [ASKED, ASKED],
}


def _tracker(*events: Any) -> DialogueStateTracker:
    return DialogueStateTracker.from_events("someone", list(events), [])


def _asked(intent: str = "ask_cost") -> list[Any]:
    return [ActionExecuted("action_listen"), UserUttered("how much?", {"name": intent})]


@pytest.fixture
def rules() -> PlainRules:
    read = PlainRules.read({FIRST: "action_answer", SECOND: "action_listen"})
    assert read is not None
    return read


@pytest.mark.parametrize("kind", OTHER_KINDS)
def test_other_kinds_of_rules_are_left_to_rasa(kind: str) -> None:
    """One rule of another kind is enough, since it may apply where a plain one does."""
    assert PlainRules.read({FIRST: "action_answer", json.dumps(OTHER_KINDS[kind]): "action_listen"}) is None


def test_rule_is_found_for_a_message_and_after_its_answer(rules: PlainRules) -> None:
    """Whatever happened in earlier turns."""
    before = [*_asked("ask_pain"), ActionExecuted("action_answer")]

    assert rules.find(_tracker(*before, *_asked())) == FIRST
    assert rules.find(_tracker(*before, *_asked(), ActionExecuted("action_answer"))) == SECOND


@pytest.mark.parametrize(
    "events",
    [
        [],
        _asked("ask_pain"),
        [*_asked(), ActionExecuted("action_listen")],
        [UserUttered("how much?", {"name": "ask_cost"}), ActionExecuted("action_answer")],
        [*_asked(), ActionExecuted("action_other"), ActionExecuted("action_answer")],
        [ActionExecuted("action_answer"), UserUttered("how much?", {"name": "ask_cost"})],
        [*_asked(), Restarted()],
        [*_asked(), ActiveLoop("booking")],
    ],
)
def test_what_is_not_plain_is_left_to_rasa(rules: PlainRules, events: list[Any]) -> None:
    """No message, no rule, no listening before it, or an event that changes more."""
    assert rules.find(_tracker(*events)) is None
