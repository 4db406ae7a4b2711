"""Answers what a message takes for true where its question is not understood."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict, List, Mapping

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import INTENT, INTENT_NAME_KEY
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from assistant.language.premise_file import read_premises
from assistant.nlu.decision import BY_PREMISE, DECISION, TOPIC_INTENT, decision, put_first
from assistant.nlu.premise_extractor import PREMISES

WORDINGS = "wordings"
INSTEAD_OF = "instead_of"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class PremiseTopic(GraphComponent, IntentClassifier):
    """Takes the topic that a premise rests on, where the message would be declined.

    "I read it comes from ancient China. Which dynasty?" asks what no entry tells; the correction
    and the history are the best answer to it.
    """

    @staticmethod
    def get_default_config() -> Dict[str, Any]:
        """The component's options."""
        return {
            # file of the premises, from the project's folder
            WORDINGS: "data/knowledge/premises.yml",
            # intents that give way to the topic of a premise
            INSTEAD_OF: [],
        }

    def __init__(self, config: Dict[str, Any], topics: Mapping[str, str]) -> None:
        """Takes the topic of each premise."""
        self._config = config
        self._topics = topics

    @classmethod
    def create(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> PremiseTopic:
        """Loads the topics; raises ContentError when the file is broken."""
        return cls(config, read_premises(Path(config[WORDINGS])).topics)

    def process(self, messages: List[Message]) -> List[Message]:
        """Gives a declined message the topic of its first premise."""
        for message in messages:
            intent = (message.get(INTENT) or {}).get(INTENT_NAME_KEY)
            stated = message.get(PREMISES) or []
            if stated and intent in self._config[INSTEAD_OF]:
                score = (message.get(DECISION) or {}).get("score", 0.0)
                put_first(message, TOPIC_INTENT + self._topics[stated[0]["id"]], score)
                message.set(DECISION, decision(BY_PREMISE, score), add_to_output=True)
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Leaves the training data as it is."""
        return training_data
