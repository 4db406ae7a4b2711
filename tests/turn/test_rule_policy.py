"""Our RulePolicy predicts what Rasa's does, on conversations of all kinds."""

import json
import random
from collections.abc import Iterator
from typing import Any

import pytest
from rasa.core.policies import rule_policy
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.resource import Resource
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    ActionExecutionRejected,
    ActiveLoop,
    BotUttered,
    Event,
    LoopInterrupted,
    Restarted,
    SessionStarted,
    SlotSet,
    UserUttered,
)  # fmt: skip
from rasa.shared.core.trackers import DialogueStateTracker

from assistant.turn.rule_policy import RulePolicy
from tests.conftest import ROOT

DOMAIN = """
version: "3.1"
intents: [ask_cost, ask_pain, greet, inform]
entities: [area]
slots:
  topic: {type: text, influence_conversation: true, mappings: [{type: custom}]}
  known: {type: bool, influence_conversation: true, mappings: [{type: custom}]}
forms:
  booking: {required_slots: [topic]}
actions: [action_answer_topic, action_welcome, action_explain, action_ask_rephrase]
responses: {utter_ask_topic: [{text: which}]}
session_config: {session_expiration_time: 60, carry_over_slots_to_new_session: true}
"""
LISTEN = {"action_name": "action_listen"}
START = [{}]
COST = [{"prev_action": LISTEN, "user": {"intent": "ask_cost"}}]
KNOWN = [{"prev_action": LISTEN, "user": {"intent": "ask_cost"}, "slots": {"known": [1.0]}}]
UNKNOWN = [{"prev_action": LISTEN, "user": {"intent": "ask_pain"}, "slots": {"known": "should_not_be_set"}}]
AFTER = [*COST, {"prev_action": {"action_name": "action_answer_topic"}, "user": {"intent": "ask_cost"}}]
ANY_INTENT = [{"prev_action": {"action_name": "action_explain"}}]
IN_LOOP = [{"prev_action": LISTEN, "user": {"intent": "greet"}, "active_loop": {"name": "booking"}}]
LISTENING_IN_LOOP = [
    *IN_LOOP,
    {"prev_action": {"action_name": "action_welcome"}, "user": {"intent": "greet"},
     "active_loop": {"name": "booking"}},
]  # fmt: skip
TEXT = [{"prev_action": LISTEN, "user": {"text": "Grüß Gott 😀"}}]


def _lookup(rules: list[tuple[list, str]], unhappy: list[tuple[list, str]] = ()) -> dict[str, Any]:
    def keyed(pairs: list[tuple[list, str]]) -> dict[str, str]:
        return {json.dumps(states, sort_keys=True): result for states, result in pairs}

    return {
        "rules": keyed(rules),
        "rules_for_loop_unhappy_path": keyed(unhappy),
        "rules_not_in_stories": list(keyed(rules)),
        "rule_only_slots": [],
        "rule_only_loops": [],
    }


INTENTS_ONLY = [
    (COST, "action_answer_topic"), (KNOWN, "action_explain"), (UNKNOWN, "action_welcome"),
    (AFTER, "action_listen"),
]  # fmt: skip
LOOKUPS = {
    "intents only": _lookup(INTENTS_ONLY),
    "without user": _lookup([*INTENTS_ONLY, (ANY_INTENT, "action_listen")]),
    "start": _lookup([*INTENTS_ONLY, (START, "action_welcome")]),
    "text": _lookup([*INTENTS_ONLY, (TEXT, "action_welcome")]),
    "loop": _lookup(
        [*INTENTS_ONLY, (IN_LOOP, "action_welcome"), (LISTENING_IN_LOOP, "action_listen")],
        [(IN_LOOP, "loop_was_interrupted"), (LISTENING_IN_LOOP, "do_not_predict_loop_action")],
    ),
    "nothing": _lookup([]),
}


def _conversation(domain: Domain, seed: int) -> Iterator[DialogueStateTracker]:
    """Yields a conversation after each of its events."""
    chance = random.Random(seed)
    tracker = DialogueStateTracker("someone", domain.slots)
    for _ in range(chance.randint(1, 30)):
        for event in _happening(chance, domain):
            tracker.update(event, domain)
            yield tracker


def _happening(chance: random.Random, domain: Domain) -> list[Event]:
    kind = chance.choices(range(7), [10, 6, 4, 1, 1, 3, 1])[0]
    if kind == 0:
        intent = chance.choice([*domain.intents, "greet", "ask_cost", "restart", "unheard_of"])
        text = chance.choice(["how much?", "Grüß Gott 😀", "", "/restart", "Press: cost"])
        entities = chance.choice([[], [{"entity": "area", "value": "knee", "start": 0, "end": 4}]])
        return [ActionExecuted("action_listen"), UserUttered(text, {"name": intent}, entities)]
    if kind == 1:
        return [ActionExecuted(chance.choice(domain.action_names_or_texts), "RulePolicy"), BotUttered("Ja")]
    if kind == 2:
        slot = chance.choice([one for one in domain.slots if one.name in ("topic", "known", "area")])
        return [SlotSet(slot.name, chance.choice([None, True, "knee", "Knie"]))]
    if kind == 3:
        return [Restarted(), ActionExecuted("action_listen")]
    if kind == 4:
        return [ActionExecuted("action_session_start"), SessionStarted(), ActionExecuted("action_listen")]
    if kind == 5 and domain.form_names:
        return [ActiveLoop(chance.choice([None, *domain.form_names])), LoopInterrupted(chance.random() < 0.5)]
    if domain.form_names:
        return [ActionExecutionRejected(domain.form_names[0])]
    return []


def _policy(kind: type, lookup: dict[str, Any]) -> Any:
    context = ExecutionContext(GraphSchema({}))
    config = {**kind.get_default_config(), "core_fallback_action_name": "action_ask_rephrase"}
    return kind(config, None, Resource("policy"), context, lookup=lookup)


def _prediction(policy: Any, tracker: DialogueStateTracker, domain: Domain) -> dict[str, Any]:
    prediction = policy.predict_action_probabilities(tracker, domain)
    return {**vars(prediction), "events": [event.as_dict() for event in prediction.events or []]}


def _same(lookup: dict[str, Any], domain: Domain, conversations: int) -> None:
    ours, rasa = _policy(RulePolicy, lookup), _policy(rule_policy.RulePolicy, lookup)
    for seed in range(conversations):
        for tracker in _conversation(domain, seed):
            assert _without_time(_prediction(ours, tracker, domain)) == _without_time(
                _prediction(rasa, tracker, domain)
            )


def _without_time(prediction: dict[str, Any]) -> dict[str, Any]:
    events = [{**event, "timestamp": None} for event in prediction["events"]]
    return {**prediction, "events": events}


@pytest.mark.parametrize("name", LOOKUPS)
def test_predicts_what_rasa_predicts(name: str) -> None:
    """Rules with slots, starts, text, loops and none at all; after each event of 60 conversations."""
    _same(LOOKUPS[name], Domain.from_yaml(DOMAIN), 60)


def test_predicts_what_rasa_predicts_for_our_domain() -> None:
    """The same for rules as training writes them, one for each intent."""
    domain = Domain.load(str(ROOT / "domain.yml"))
    rules = []
    for intent in domain.intents:
        asked = {"prev_action": LISTEN, "user": {"intent": intent}}
        answered = {"prev_action": {"action_name": "action_answer_topic"}, "user": {"intent": intent}}
        rules += [([asked], "action_answer_topic"), ([asked, answered], "action_listen")]

    _same(_lookup(rules), domain, 40)


def test_rules_are_looked_for_among_few() -> None:
    """Of many rules only those of the last turn are tried, which is what the class is for."""
    rules = [([{"prev_action": LISTEN, "user": {"intent": f"i{n}"}}], "action_listen") for n in range(500)]
    policy = _policy(RulePolicy, _lookup(rules))
    tried: list[str] = []
    policy._is_rule_applicable = lambda key, turn, state: tried.append(key)

    policy._get_possible_keys(policy.lookup["rules"], [{"prev_action": LISTEN, "user": {"intent": "i7"}}])

    assert len(tried) == 1


def test_has_the_name_that_is_stored_with_events() -> None:
    """Stored conversations read the same whichever class predicted."""
    assert RulePolicy.__name__ == rule_policy.RulePolicy.__name__
