"""Reads entities with canonical ids off the spaCy document."""

from __future__ import annotations

from typing import Any, Dict, List, Type

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.constants import SPACY_DOCS
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.nlu.utils.spacy_utils import SpacyNLP
from rasa.shared.nlu.constants import (
    ENTITIES,
    ENTITY_ATTRIBUTE_END,
    ENTITY_ATTRIBUTE_START,
    ENTITY_ATTRIBUTE_TYPE,
    ENTITY_ATTRIBUTE_VALUE,
    TEXT,
)
from rasa.shared.nlu.training_data.message import Message
from spacy.tokens import Doc


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class CanonicalEntityExtractor(GraphComponent, EntityExtractorMixin):
    """Sets each entity's value to its canonical id, its text to what was typed.

    Rasa's SpacyEntityExtractor drops spaCy's `ent_id_` and runs the pipeline a
    second time; this one reads the document that SpacyDocument made.
    """

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
        """Has no options."""
        return {}

    @classmethod
    def create(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> CanonicalEntityExtractor:
        """See parent class."""
        return cls()

    def process(self, messages: List[Message]) -> List[Message]:
        """Adds entities to each message that has a spaCy document."""
        for message in messages:
            doc = message.get(SPACY_DOCS[TEXT])
            found = self.add_extractor_name(_entities(doc)) if doc is not None else []
            message.set(ENTITIES, message.get(ENTITIES, []) + found, add_to_output=True)
        return messages


def _entities(doc: Doc) -> List[Dict[str, Any]]:
    return [
        {
            ENTITY_ATTRIBUTE_TYPE: span.label_,
            ENTITY_ATTRIBUTE_VALUE: span.ent_id_,
            ENTITY_ATTRIBUTE_START: span.start_char,
            ENTITY_ATTRIBUTE_END: span.end_char,
            TEXT: span.text,
        }
        for span in doc.ents
        if span.ent_id_
    ]
