"""Adds the n-grams of each message."""

from __future__ import annotations

from typing import Any, Dict, List, Optional, Type

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.constants import FEATURIZER_CLASS_ALIAS
from rasa.nlu.featurizers.sparse_featurizer.sparse_featurizer import SparseFeaturizer
from rasa.nlu.tokenizers.tokenizer import Tokenizer
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from assistant.language.ngrams import Ngrams, fit_ngrams
from assistant.nlu.features import CORRECTED_TEXT

FILE = "ngrams.json"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=True)
class NgramFeaturizer(SparseFeaturizer, GraphComponent):
    """Sparse sentence feature (1, size) of words, pairs of words and letters, by TF-IDF.

    Differs from Rasa's CountVectorsFeaturizer in the weighting, in reading the text as
    SentenceEncoderFeaturizer corrected it, and in adding no token features: nothing here reads them.
    """

    @classmethod
    def required_components(cls) -> List[Type]:
        """Components that must stand before this one."""
        return [Tokenizer]

    @staticmethod
    def required_packages() -> List[str]:
        """Python packages that must be installed."""
        return ["sklearn"]

    @staticmethod
    def get_default_config() -> Dict[str, Any]:
        """The component's options: none of its own."""
        return dict(SparseFeaturizer.get_default_config())

    def __init__(
        self,
        config: Dict[str, Any],
        name: str,
        model_storage: ModelStorage,
        resource: Resource,
        ngrams: Optional[Ngrams] = None,
    ) -> None:
        """Takes the fitted n-grams, or none before training."""
        super().__init__(name, config)
        self._model_storage = model_storage
        self._resource = resource
        self._ngrams = ngrams

    @classmethod
    def create(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> NgramFeaturizer:
        """See parent class."""
        return cls(config, execution_context.node_name, model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        """Fits the n-grams on the intent examples and stores them."""
        self._ngrams = fit_ngrams([_text(message) for message in training_data.intent_examples])
        with self._model_storage.write_to(self._resource) as folder:
            self._ngrams.save(folder / FILE)
        return self._resource

    @classmethod
    def load(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> NgramFeaturizer:
        """Loads what `train` stored."""
        with model_storage.read_from(resource) as folder:
            ngrams = Ngrams.load(folder / FILE)
        return cls(config, execution_context.node_name, model_storage, resource, ngrams)

    def process(self, messages: List[Message]) -> List[Message]:
        """Adds a sentence feature to each message that has text."""
        with_text = [message for message in messages if message.get(TEXT)]
        if self._ngrams is None or not with_text:
            return messages
        table = self._ngrams.features([_text(message) for message in with_text])
        alias = self._config[FEATURIZER_CLASS_ALIAS]
        for number, message in enumerate(with_text):
            message.add_features(Features(table[number], FEATURE_TYPE_SENTENCE, TEXT, alias))
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Adds features to the training examples in place."""
        self.process(training_data.training_examples)
        return training_data

    @classmethod
    def validate_config(cls, config: Dict[str, Any]) -> None:
        """Has no options to refuse."""


def _text(message: Message) -> str:
    return str(message.get(CORRECTED_TEXT) or message.get(TEXT))
