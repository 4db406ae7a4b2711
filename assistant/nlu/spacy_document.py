"""Adds the spaCy document of our own pipeline to each message."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict, List

from rasa.engine.graph import ExecutionContext
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.constants import DENSE_FEATURIZABLE_ATTRIBUTES, SPACY_DOCS
from rasa.nlu.utils.spacy_utils import SpacyNLP
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from spacy.language import Language

from assistant.language.shared import shared_pipeline

MODEL = "model"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class SpacyDocument(SpacyNLP):
    """A spaCy document for every text, made as it is typed.

    Differs from SpacyNLP, which Rasa puts into the graph twice and so loads twice, in that all
    of a process shares one pipeline. It is a SpacyNLP because SpacyTokenizer asks for one.
    """

    @staticmethod
    def get_default_config() -> Dict[str, Any]:
        """The component's options."""
        return {
            # folder of the built pipeline, from the project's folder
            MODEL: "models/spacy",
        }

    def __init__(self, language: Language) -> None:
        """Takes the loaded pipeline."""
        self._language = language

    @classmethod
    def create(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> SpacyDocument:
        """Loads the pipeline; raises ModelError when it was not built."""
        return cls(shared_pipeline(Path(config[MODEL])))

    def process(self, messages: List[Message]) -> List[Message]:
        """Adds a document to each message that has text."""
        for message in messages:
            for attribute in DENSE_FEATURIZABLE_ATTRIBUTES:
                text = message.get(attribute)
                if text:
                    message.set(SPACY_DOCS[attribute], self._language(text))
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Adds documents to the training examples in place."""
        self.process(training_data.training_examples)
        return training_data
