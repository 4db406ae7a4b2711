"""Writes down what a message takes for true that is not."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict, List, Type

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.constants import SPACY_DOCS
from rasa.nlu.utils.spacy_utils import SpacyNLP
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from assistant.language.premise_examples import read_premise_examples
from assistant.language.premises import PremiseDetector
from assistant.language.shared import shared_premises
from assistant.nlu.question_splitter import ROLE

PREMISES = "premises"
WORDINGS = "wordings"
EXAMPLES = "examples"
EXAMPLE_OF = "example_of"
"""Key of the premise that an example of training takes for true, NONE for none."""


# Rasa lets only tokenizers and featurizers add to the training data
@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class PremiseExtractor(GraphComponent):
    """Sets `premises`: the id of each untrue premise with the characters that state it."""

    @classmethod
    def required_components(cls) -> List[Type]:
        """Components that must stand before this one."""
        return [SpacyNLP]

    @staticmethod
    def required_packages() -> List[str]:
        """Python packages that must be installed."""
        return ["spacy"]

    @staticmethod
    def get_default_config() -> Dict[str, Any]:
        """The component's options."""
        return {
            # file of the wordings, from the project's folder
            WORDINGS: "data/knowledge/premises.yml",
            # file of the examples that PremiseClassifier learns from
            EXAMPLES: "data/lookups/premise_examples.yml",
        }

    def __init__(self, config: Dict[str, Any], detector: PremiseDetector) -> None:
        """Takes the loaded wordings."""
        self._config = config
        self._detector = detector

    @classmethod
    def create(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> PremiseExtractor:
        """Loads the wordings; raises ContentError when they are broken."""
        return cls(config, shared_premises(Path(config[WORDINGS])))

    def process(self, messages: List[Message]) -> List[Message]:
        """Adds the premises to each message that has a spaCy document, not to its other readings."""
        for message in messages:
            doc = message.get(SPACY_DOCS[TEXT]) if message.get(ROLE) is None else None
            found = self._detector.detect(doc) if doc is not None else []
            stated = [{"id": one.id, "start": one.start, "end": one.end} for one in found]
            message.set(PREMISES, stated, add_to_output=True)
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Adds the examples of premises, which have no intent, so that the featurizers read them too.

        Raises ContentError when the file of the examples is broken.
        """
        examples = read_premise_examples(Path(self._config[EXAMPLES]))
        added = [Message({TEXT: text, EXAMPLE_OF: premise}) for text, premise in examples]
        training_data.training_examples.extend(added)
        return training_data
