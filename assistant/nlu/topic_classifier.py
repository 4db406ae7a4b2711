"""Ranks intents by calibrated probability."""

from __future__ import annotations

from typing import Any, Dict, List, Optional, Type

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.nlu.featurizers.featurizer import Featurizer
from rasa.shared.nlu.constants import INTENT, INTENT_NAME_KEY, INTENT_RANKING_KEY, PREDICTED_CONFIDENCE_KEY
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from assistant.language.topic_model import Examples, Fitting, TopicModel, fit_topic_model
from assistant.nlu.features import features_of, labelled_features

STRENGTH = "strength"
NGRAM_WEIGHT = "ngram_weight"
BALANCE = "balance"
RANKING_LENGTH = "ranking_length"
FILE = "topic_model.npz"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class TopicClassifier(GraphComponent, IntentClassifier):
    """Linear support vector machine over sentence embedding and n-grams, with temperature scaling.

    Differs from Rasa's LogisticRegressionClassifier and SklearnIntentClassifier in that the
    regularisation can be set, probabilities are calibrated, and nothing is pickled.
    """

    @classmethod
    def required_components(cls) -> List[Type]:
        """Components that must stand before this one."""
        return [Featurizer]

    @staticmethod
    def required_packages() -> List[str]:
        """Python packages that must be installed."""
        return ["sklearn"]

    @staticmethod
    def get_default_config() -> Dict[str, Any]:
        """The component's options."""
        return {
            # inverse regularisation C
            STRENGTH: 0.3,
            # length of the n-grams beside the embedding's 1
            NGRAM_WEIGHT: 1.5,
            # 1: every intent counts alike, 0: every example
            BALANCE: 0.75,
            # how many intents the ranking names
            RANKING_LENGTH: 10,
        }

    def __init__(
        self,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        model: Optional[TopicModel] = None,
    ) -> None:
        """Takes the fitted model, or none before training."""
        self._config = config
        self._model_storage = model_storage
        self._resource = resource
        self._model = model

    @classmethod
    def create(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> TopicClassifier:
        """See parent class."""
        return cls(config, model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        """Fits the model on the intent examples and stores it."""
        examples, labels = labelled_features(training_data.intent_examples, INTENT)
        fitting = Fitting(self._config[STRENGTH], self._config[NGRAM_WEIGHT], self._config[BALANCE])
        self._model = fit_topic_model(examples, labels, fitting)
        with self._model_storage.write_to(self._resource) as folder:
            self._model.save(folder / FILE)
        return self._resource

    @classmethod
    def load(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> TopicClassifier:
        """Loads what `train` stored."""
        with model_storage.read_from(resource) as folder:
            return cls(config, model_storage, resource, TopicModel.load(folder / FILE))

    def process(self, messages: List[Message]) -> List[Message]:
        """Sets intent and intent ranking of each message."""
        for message in messages:
            self._classify(message)
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Leaves the training data as it is; later components train on the labels."""
        return training_data

    def _classify(self, message: Message) -> None:
        ranking = self._ranking(features_of(message))
        best = ranking[0] if ranking else {INTENT_NAME_KEY: None, PREDICTED_CONFIDENCE_KEY: 0.0}
        message.set(INTENT, best, add_to_output=True)
        message.set(INTENT_RANKING_KEY, ranking, add_to_output=True)

    def _ranking(self, features: Optional[Examples]) -> List[Dict[str, Any]]:
        if self._model is None or features is None:
            return []
        probabilities = self._model.probabilities(features)[0]
        best_first = np.argsort(-probabilities, kind="stable")[: self._config[RANKING_LENGTH]]
        return [
            {INTENT_NAME_KEY: self._model.labels[i], PREDICTED_CONFIDENCE_KEY: float(probabilities[i])}
            for i in best_first
        ]
