"""Finds, by what messages mean, what they take for true that is not."""

from __future__ import annotations

from typing import Any, Dict, List, Optional, Tuple, Type

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.nlu.featurizers.featurizer import Featurizer
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from assistant.errors import ModelError
from assistant.language.polar_question import only_asks
from assistant.language.premise_examples import NONE
from assistant.language.topic_model import Examples, Fitting, TopicModel, fit_topic_model
from assistant.nlu.features import features_of, labelled_features
from assistant.nlu.premise_extractor import EXAMPLE_OF, PREMISES
from assistant.nlu.question_splitter import PART, ROLE, SPAN

STRENGTH = "strength"
NGRAM_WEIGHT = "ngram_weight"
BALANCE = "balance"
MINIMUM = "minimum"
EVERY = "every"
FILE = "premise_model.npz"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class PremiseClassifier(GraphComponent, IntentClassifier):
    """Adds to `premises` what PremiseExtractor's wordings missed.

    Wordings name a premise for sure but never all the ways to state it. The model is that of the
    topics, fitted on the examples that PremiseExtractor brings, against the intent examples. To the
    model "is it natural?" is near "as it is natural"; what only asks is therefore passed over.
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
            # how the model is fitted; as in TopicClassifier
            STRENGTH: 0.3,
            NGRAM_WEIGHT: 1.5,
            BALANCE: 0.5,
            # probability from which a premise is taken as stated
            MINIMUM: 0.4,
            # of the intent examples, which take nothing for true, every so many-th is used
            EVERY: 3,
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
    ) -> PremiseClassifier:
        """See parent class."""
        return cls(config, model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        """Fits the model and stores it."""
        examples, labels = self._examples(training_data)
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
    ) -> PremiseClassifier:
        """Loads what `train` stored."""
        with model_storage.read_from(resource) as folder:
            return cls(config, model_storage, resource, TopicModel.load(folder / FILE))

    def process(self, messages: List[Message]) -> List[Message]:
        """Looks at each message, and at its parts where there are some."""
        whole: Optional[Message] = None
        for message in messages:
            if message.get(ROLE) is None:
                whole = message
            if whole is not None and message.get(ROLE) in (None, PART):
                self._add(whole, message)
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Leaves the training data as it is."""
        return training_data

    def _add(self, whole: Message, reading: Message) -> None:
        premise = self._premise(reading)
        known = whole.get(PREMISES) or []
        if premise and not any(one["id"] == premise for one in known):
            start, end = reading.get(SPAN) or (0, len(whole.get(TEXT) or ""))
            found = {"id": premise, "start": start, "end": end}
            whole.set(PREMISES, [*known, found], add_to_output=True)

    def _premise(self, message: Message) -> str:
        features = features_of(message) if self._model is not None else None
        if self._model is None or features is None or only_asks(message.get(TEXT) or ""):
            return NONE
        probabilities = self._model.probabilities(features)[0]
        best = int(np.argmax(probabilities))
        return self._model.labels[best] if probabilities[best] >= self._config[MINIMUM] else NONE

    def _examples(self, training_data: TrainingData) -> Tuple[Examples, List[str]]:
        stated = [one for one in training_data.training_examples if one.get(EXAMPLE_OF) is not None]
        if not stated:
            raise ModelError(
                "Training found no example of a premise. PremiseExtractor brings them: put it before the "
                "featurizers in config.yml, and check its option examples."
            )
        others = training_data.intent_examples[:: self._config[EVERY]]
        return labelled_features([*stated, *others], EXAMPLE_OF)
