"""Adds one sentence embedding to each message."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Dict, List, Type

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.constants import FEATURIZER_CLASS_ALIAS
from rasa.nlu.featurizers.dense_featurizer.dense_featurizer import DenseFeaturizer
from rasa.nlu.tokenizers.tokenizer import Tokenizer
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from assistant.language.domain_spelling import DomainSpeller
from assistant.language.sentence_encoder import SentenceEncoder
from assistant.nlu.features import CORRECTED_TEXT

MODEL = "model"
SPELLING = "spelling"
KNOWN_WORDS = "known_words"
THREADS = "threads"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class SentenceEncoderFeaturizer(DenseFeaturizer, GraphComponent):
    """Dense sentence feature (1, 384) of the ONNX sentence encoder.

    Misspelt words of the subject are corrected for the featurizers alone; the
    message keeps its text.

    Unlike Rasa's LanguageModelFeaturizer it needs neither TensorFlow nor
    PyTorch, and adds no token features: nothing here reads them.
    """

    @classmethod
    def required_components(cls) -> List[Type]:
        """Components that must stand before this one."""
        return [Tokenizer]

    @staticmethod
    def required_packages() -> List[str]:
        """Python packages that must be installed."""
        return ["onnxruntime", "tokenizers"]

    @staticmethod
    def get_default_config() -> Dict[str, Any]:
        """The component's options."""
        return {
            **DenseFeaturizer.get_default_config(),
            # folder of the built encoder, from the project's folder
            MODEL: "models/encoder",
            # file of subject words that misspelt words are corrected to, from the project's folder
            SPELLING: "data/lookups/domain_spelling.yml",
            # built list of English words that are never corrected
            KNOWN_WORDS: "models/known_words.txt",
            # threads for one message; 1 is fastest per core under load
            THREADS: 1,
        }

    def __init__(
        self, config: Dict[str, Any], name: str, encoder: SentenceEncoder, speller: DomainSpeller
    ) -> None:
        """Takes the loaded encoder and speller."""
        super().__init__(name, config)
        self._encoder = encoder
        self._speller = speller

    @classmethod
    def create(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> SentenceEncoderFeaturizer:
        """Loads encoder and speller; raises ModelError when they were not built."""
        encoder = SentenceEncoder(Path(config[MODEL]), config[THREADS])
        speller = DomainSpeller.load(Path(config[SPELLING]), Path(config[KNOWN_WORDS]))
        return cls(config, execution_context.node_name, encoder, speller)

    def process(self, messages: List[Message]) -> List[Message]:
        """Adds a sentence feature to each message that has text."""
        with_text = [message for message in messages if message.get(TEXT)]
        texts = [self._speller.correct(message.get(TEXT)) for message in with_text]
        embeddings = self._encoder.encode(texts)
        for message, text, embedding in zip(with_text, texts, embeddings, strict=True):
            message.set(CORRECTED_TEXT, text)
            self._add_embedding(message, embedding)
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Adds features to the training examples in place."""
        alone, self._encoder = self._encoder, self._training_encoder()
        self.process(training_data.training_examples)
        self._encoder = alone
        return training_data

    def _training_encoder(self) -> SentenceEncoder:
        """Returns the same encoder on all cores; what it gives does not depend on their number."""
        return SentenceEncoder(Path(self._config[MODEL]), os.cpu_count() or 1)

    @classmethod
    def validate_config(cls, config: Dict[str, Any]) -> None:
        """Refuses a thread count that cannot be used."""
        if not (isinstance(config[THREADS], int) and config[THREADS] >= 1):
            raise ValueError(f"SentenceEncoderFeaturizer: threads is {config[THREADS]!r}; set 1 or more.")

    def _add_embedding(self, message: Message, embedding: np.ndarray) -> None:
        alias = self._config[FEATURIZER_CLASS_ALIAS]
        message.add_features(Features(embedding[None, :], FEATURE_TYPE_SENTENCE, TEXT, alias))
