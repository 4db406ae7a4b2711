"""Puts a red flag before any topic."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, Dict, List, Optional, Type

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.nlu.constants import SPACY_DOCS
from rasa.nlu.utils.spacy_utils import SpacyNLP
from rasa.shared.nlu.constants import (
    INTENT_NAME_KEY,
    INTENT_RANKING_KEY,
    PREDICTED_CONFIDENCE_KEY,
    TEXT,
)
from rasa.shared.nlu.training_data.message import Message

from assistant.language.red_flags import RedFlag, RedFlagDetector
from assistant.language.shared import shared_detector
from assistant.nlu.decision import (
    DECISION,
    ENGLISH,
    INTENT_OF_LEVEL,
    LANGUAGE,
    LANGUAGE_LEVEL,
    OTHER_LANGUAGE,
    REPORT_EMERGENCY,
    REPORT_SAFEGUARDING,
    REPORT_SELF_HARM,
    REPORT_URGENT,
    decision,
    put_first,
)

RULES = "rules"
DANGER = "danger"
FOREIGN_DANGER = "foreign_danger"
SERIOUS = "serious"
DOUBTED = "doubted"
MEANT = "meant"

LEVEL_OF_INTENT = {
    REPORT_EMERGENCY: "now",
    REPORT_SELF_HARM: "crisis",
    REPORT_SAFEGUARDING: "safeguarding",
    REPORT_URGENT: "today",
}
# The group of a call for help without a sign, which may stand in a message of any language.
UNNAMED = "unnamed"
SEVERITY = {"now": 3, "crisis": 3, "safeguarding": 2, "today": 2, "days": 1}


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class SafetyClassifier(GraphComponent, IntentClassifier):
    """Sets a safety intent when a red-flag rule fires or the classifier is sure enough.

    Either one is enough, and the more severe of the two counts; the words of another language count
    before both, unless a rule has read a sign in English. Only a sign in a message that also speaks of
    long ago, of what somebody wrote, or supposes needs a trace of danger in the classifier's eyes.
    Stands last in the pipeline so that no topic and no rejection can overrule it. A message in another
    language without a danger gets the intent `other_language`.
    """

    @classmethod
    def required_components(cls) -> List[Type]:
        """Components that must stand before this one."""
        return [SpacyNLP, IntentClassifier]

    @staticmethod
    def required_packages() -> List[str]:
        """Python packages that must be installed."""
        return ["spacy"]

    @staticmethod
    def get_default_config() -> Dict[str, Any]:
        """The component's options."""
        return {
            # file of the red-flag rules, from the project's folder
            RULES: "data/lookups/red_flags.yml",
            # probability of all safety intents together from which the classifier alone raises one
            DANGER: 0.25,
            # the same for a message in another language, of which the classifier understands little
            FOREIGN_DANGER: 0.5,
            # share of that from which it is an emergency, whatever else is more probable
            SERIOUS: 0.4,
            # probability of all safety intents together that a doubtful sign needs to count
            DOUBTED: 0.03,
            # probability from which a danger to life is one by the patient's own hand
            MEANT: 0.3,
        }

    def __init__(self, config: Dict[str, Any], detector: RedFlagDetector) -> None:
        """Takes the loaded rules."""
        self._config = config
        self._detector = detector

    @classmethod
    def create(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> SafetyClassifier:
        """Loads the rules; raises ContentError when they are broken."""
        return cls(config, shared_detector(Path(config[RULES])))

    def process(self, messages: List[Message]) -> List[Message]:
        """Overrules the intent of each message that holds a red flag."""
        for message in messages:
            self._guard(message)
        return messages

    def _guard(self, message: Message) -> None:
        doc = message.get(SPACY_DOCS[TEXT])
        shares = self._shares(message)
        flags = self._believed(self._detector.detect(doc) if doc is not None else [], shares)
        language, level = message.get(LANGUAGE, ENGLISH), message.get(LANGUAGE_LEVEL)
        by_model = self._intent_by_model(shares, DANGER if language == ENGLISH else FOREIGN_DANGER)
        if level and not any(flag.group != UNNAMED for flag in flags):
            self._raise(message, RedFlag(f"language_{language}", level, ""))
        elif flags and not self._outranks(by_model, flags[0]):
            self._raise(message, self._with_crisis(flags, shares))
            # English rules have read it: a misspelt message only looks like another language.
            message.set(LANGUAGE, ENGLISH, add_to_output=True)
        elif by_model is not None:
            self._raise(message, RedFlag("", LEVEL_OF_INTENT[by_model], ""))
        elif language != ENGLISH:
            self._choose(message, OTHER_LANGUAGE, decision("language", 1.0))

    @staticmethod
    def _shares(message: Message) -> Dict[str, float]:
        """Returns the probability of each safety intent, as far as it is ranked."""
        ranking: List[Dict[str, Any]] = message.get(INTENT_RANKING_KEY) or []
        ranked = {entry[INTENT_NAME_KEY]: float(entry[PREDICTED_CONFIDENCE_KEY]) for entry in ranking}
        return {intent: ranked.get(intent, 0.0) for intent in LEVEL_OF_INTENT}

    def _believed(self, flags: List[RedFlag], shares: Dict[str, float]) -> List[RedFlag]:
        """Returns the flags, without the doubtful ones where the classifier finds no danger at all."""
        if sum(shares.values()) >= self._config[DOUBTED]:
            return flags
        return [flag for flag in flags if not flag.doubtful]

    @staticmethod
    def _outranks(by_model: Optional[str], by_rule: RedFlag) -> bool:
        """Whether the classifier's intent is more severe; within one intent the rule knows more."""
        if by_model is None or by_model == INTENT_OF_LEVEL[by_rule.level]:
            return False
        return SEVERITY[LEVEL_OF_INTENT[by_model]] > SEVERITY[by_rule.level]

    def _with_crisis(self, flags: List[RedFlag], shares: Dict[str, float]) -> RedFlag:
        """Returns the most severe flag; who is in danger by their own hand gets the crisis reply.

        That reply begins with the emergency's lines where there is a danger to life as well.
        """
        first = flags[0]
        if first.level != "now":
            return first
        crises = [flag for flag in flags if flag.level == "crisis"]
        meant = shares[REPORT_SELF_HARM] >= max(self._config[MEANT], shares[REPORT_EMERGENCY])
        return replace(first, level="crisis") if crises or meant else first

    def _intent_by_model(self, shares: Dict[str, float], least: str) -> Optional[str]:
        """Returns a safety intent if together they are probable enough."""
        danger = sum(shares.values())
        if danger < self._config[least]:
            return None
        emergency = shares[REPORT_EMERGENCY]
        if emergency >= max(self._config[SERIOUS] * danger, shares[REPORT_SELF_HARM]):
            return REPORT_EMERGENCY
        return max(shares, key=lambda intent: shares[intent])

    def _raise(self, message: Message, flag: RedFlag) -> None:
        earlier = message.get(DECISION) or {}
        why = decision(
            "rule" if flag.rule else "classifier",
            earlier.get("score", 0.0),
            flag.rule or None,
            flag.level,
            flag.group or None,
        )
        self._choose(message, INTENT_OF_LEVEL[flag.level], why)

    @staticmethod
    def _choose(message: Message, name: str, why: Dict[str, Any]) -> None:
        put_first(message, name, 1.0)
        message.set(DECISION, why, add_to_output=True)
