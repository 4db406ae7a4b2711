"""A trained model as a process that serves needs it."""

import tarfile
from pathlib import Path

from rasa.engine.storage.local_model_storage import MODEL_ARCHIVE_METADATA_FILE, LocalModelStorage
from rasa.engine.storage.storage import ModelMetadata
from rasa.shared.utils.io import read_json_file

REPLACED = {"rasa.core.policies.rule_policy.RulePolicy": "assistant.turn.rule_policy.RulePolicy"}
"""Classes of the prediction graph that ours take the place of; training keeps Rasa's."""


class ServingModelStorage(LocalModelStorage):
    """Unpacks a model once, leaves out the training graph, and puts our policy into the other graph.

    Replaces two methods of rasa/engine/storage/local_model_storage.py (3.6.21):

    - `_load_metadata` (line 149) imports every class of the training graph, and its validator
      imports DIETClassifier and so TensorFlow: 3 s and 350 MB;
    - `_extract_archive_to_directory` (line 114) unpacks the archive once to look for unsafe names
      and once more to keep it: 0.3 s. Python's own filter refuses such names.
    """

    @staticmethod
    def _load_metadata(directory: Path) -> ModelMetadata:
        metadata = read_json_file(directory / MODEL_ARCHIVE_METADATA_FILE)
        for node in metadata["predict_schema"]["nodes"].values():
            node["uses"] = REPLACED.get(node["uses"], node["uses"])
        return ModelMetadata.from_dict({**metadata, "train_schema": {"nodes": {}}})

    @staticmethod
    def _extract_archive_to_directory(model_archive_path: str | Path, temporary_directory: Path) -> None:
        with tarfile.open(model_archive_path, mode="r:gz") as archive:
            archive.extractall(temporary_directory, filter="data")
        LocalModelStorage._assert_not_rasa2_archive(temporary_directory)
