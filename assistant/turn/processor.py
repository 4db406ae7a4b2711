"""Rasa's message processor, loading a model and running its actions in our ways."""

import tarfile
from pathlib import Path
from typing import Any

from rasa.core.actions.action import Action
from rasa.core.policies.policy import PolicyPrediction
from rasa.core.processor import MessageProcessor
from rasa.engine import loader
from rasa.engine.runner.interface import GraphRunner
from rasa.engine.storage.storage import ModelMetadata
from rasa.exceptions import ModelNotFound
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.constants import ENTITIES, ENTITY_ATTRIBUTE_TYPE, INTENT, INTENT_NAME_KEY
from rasa.utils.common import TempDirectoryPath, get_temp_dir_name

from assistant.turn.graph_runner import SequentialGraphRunner
from assistant.turn.model_storage import ServingModelStorage
from assistant.turn.remote_action import quick


class TurnProcessor(MessageProcessor):
    """Answers as Rasa's own processor does (rasa/core/processor.py, 3.6.21), in less time.

    Replaced are `_load_model` (line 124, which names its storage and runner), the making of actions
    (`_get_action`, line 695, and `predict_next_with_tracker_if_should`, line 509), and, where there
    is nothing to warn of, `_check_for_unseen_features` (line 661).
    """

    @staticmethod
    def _load_model(model_path: str | Path) -> tuple[str, ModelMetadata, GraphRunner]:
        file = Path(model_path)
        with TempDirectoryPath(get_temp_dir_name()) as folder:
            try:
                metadata, runner = loader.load_predict_graph_runner(
                    Path(folder), file, ServingModelStorage, SequentialGraphRunner
                )
            except tarfile.ReadError as error:
                raise ModelNotFound(f"Model {model_path} can not be loaded.") from error
        return file.name, metadata, runner

    def predict_next_with_tracker_if_should(
        self, tracker: DialogueStateTracker
    ) -> tuple[Action, PolicyPrediction]:
        """See parent class."""
        action, prediction = super().predict_next_with_tracker_if_should(tracker)
        return quick(action), prediction

    def _get_action(self, action_name: str) -> Action | None:
        return quick(super()._get_action(action_name))

    def _check_for_unseen_features(self, parse_data: dict[str, Any]) -> None:
        # Rasa first writes the whole domain out, to see whether it is empty: a millisecond
        intent = parse_data[INTENT][INTENT_NAME_KEY]
        entities = {entity[ENTITY_ATTRIBUTE_TYPE] for entity in parse_data[ENTITIES] or []}
        if (intent and intent not in self.domain.intents) or not entities.issubset(self.domain.entities):
            super()._check_for_unseen_features(parse_data)
