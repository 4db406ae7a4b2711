"""A trained model as a serving process needs it."""

from pathlib import Path

from rasa.engine.storage.local_model_storage import MODEL_ARCHIVE_METADATA_FILE, LocalModelStorage
from rasa.engine.storage.storage import ModelMetadata
from rasa.shared.utils.io import read_json_file


class ServingModelStorage(LocalModelStorage):
    """Leaves out the graph that the model was trained with.

    Rasa imports every class of that graph, and its validator imports
    DIETClassifier and so TensorFlow. Replaces
    rasa/engine/storage/local_model_storage.py, `_load_metadata` (line 149 of 3.6.21).
    """

    @staticmethod
    def _load_metadata(directory: Path) -> ModelMetadata:
        metadata = read_json_file(directory / MODEL_ARCHIVE_METADATA_FILE)
        return ModelMetadata.from_dict({**metadata, "train_schema": {"nodes": {}}})
