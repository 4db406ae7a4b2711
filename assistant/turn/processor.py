"""Rasa's message processor with our storage of models."""

import tarfile
from pathlib import Path

from rasa.core.processor import MessageProcessor
from rasa.engine import loader
from rasa.engine.runner.interface import GraphRunner
from rasa.engine.storage.storage import ModelMetadata
from rasa.exceptions import ModelNotFound
from rasa.utils.common import TempDirectoryPath, get_temp_dir_name

from assistant.turn.graph_runner import SequentialGraphRunner
from assistant.turn.model_storage import ServingModelStorage
from assistant.turn.remote_action import quick


class TurnProcessor(MessageProcessor):
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

    def predict_next_with_tracker_if_should(self, tracker):
        action, prediction = super().predict_next_with_tracker_if_should(tracker)
        return quick(action), prediction
