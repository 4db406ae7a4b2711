"""Puts a red flag before any topic."""

from __future__ import annotations

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
MINIMUM = "minimum"

LEVEL_OF_INTENT = {
    REPORT_EMERGENCY: "now",
    REPORT_SELF_HARM: "crisis",
    REPORT_SAFEGUARDING: "safeguarding",
    REPORT_URGENT: "today",
}
SEVERITY = {"now": 3, "crisis": 3, "safeguarding": 2, "today": 2, "days": 1}


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class SafetyClassifier(GraphComponent, IntentClassifier):
    """Sets a safety intent when a red-flag rule fires or the classifier is sure enough.

    Either one is enough, and the more severe of the two counts; the words of another language count
    before both. Stands last in the pipeline so that no topic and no rejection can overrule it. A
    message in another language without a danger gets the intent `other_language`.
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
            # probability from which the classifier alone raises each safety intent
            MINIMUM: {
                REPORT_EMERGENCY: 0.25,
                REPORT_SELF_HARM: 0.2,
                REPORT_SAFEGUARDING: 0.25,
                REPORT_URGENT: 0.25,
            },
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
        by_rule = self._detector.detect(doc) if doc is not None else None
        by_model = self._intent_by_model(message.get(INTENT_RANKING_KEY, []))
        language, level = message.get(LANGUAGE, ENGLISH), message.get(LANGUAGE_LEVEL)
        if level:
            self._raise(message, RedFlag(f"language_{language}", level, ""))
        elif by_rule is not None and not self._outranks(by_model, by_rule):
            self._raise(message, by_rule)
            # English rules have read it: a misspelt message only looks like another language.
            message.set(LANGUAGE, ENGLISH, add_to_output=True)
        elif by_model is not None:
            self._raise(message, RedFlag("", LEVEL_OF_INTENT[by_model], ""))
        elif language != ENGLISH:
            self._choose(message, OTHER_LANGUAGE, decision("language", 1.0))

    @staticmethod
    def _outranks(by_model: Optional[str], by_rule: RedFlag) -> bool:
        """Whether the classifier's intent is more severe; within one intent the rule knows more."""
        if by_model is None or by_model == INTENT_OF_LEVEL[by_rule.level]:
            return False
        return SEVERITY[LEVEL_OF_INTENT[by_model]] > SEVERITY[by_rule.level]

    def _intent_by_model(self, ranking: List[Dict[str, Any]]) -> Optional[str]:
        """Returns a safety intent that is probable enough."""
        for entry in ranking:
            name = entry[INTENT_NAME_KEY]
            minimum = self._config[MINIMUM].get(name)
            if minimum is not None and entry[PREDICTED_CONFIDENCE_KEY] >= minimum:
                return name
        return None

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
