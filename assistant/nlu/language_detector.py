"""Says which language a message is in, and what its words for danger tell."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict, List

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from assistant.language.other_language import OtherLanguages
from assistant.language.shared import shared_languages
from assistant.nlu.decision import LANGUAGE, LANGUAGE_LEVEL
from assistant.nlu.question_splitter import ROLE

LANGUAGES = "languages"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class LanguageDetector(GraphComponent):
    """Sets `language` ("en" where nothing else is sure) and, beside it, the danger told in that language.

    The intent is set by SafetyClassifier at the end, so that no classifier of English overrules it.
    """

    @staticmethod
    def required_packages() -> List[str]:
        """Python packages that must be installed."""
        return ["lingua"]

    @staticmethod
    def get_default_config() -> Dict[str, Any]:
        """The component's options."""
        return {
            # file of the languages, from the project's folder
            LANGUAGES: "data/languages.yml",
        }

    def __init__(self, languages: OtherLanguages) -> None:
        """Takes the loaded languages."""
        self._languages = languages

    @classmethod
    def create(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> LanguageDetector:
        """Loads the languages; raises ContentError when their file is broken."""
        return cls(shared_languages(Path(config[LANGUAGES])))

    def process(self, messages: List[Message]) -> List[Message]:
        """Adds the language to each message that has text, not to its other readings."""
        for message in messages:
            text = message.get(TEXT)
            if text and message.get(ROLE) is None:
                found = self._languages.find(text)
                message.set(LANGUAGE, found.language, add_to_output=True)
                message.set(LANGUAGE_LEVEL, found.level)
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Leaves the training examples as they are: all are English."""
        return training_data
