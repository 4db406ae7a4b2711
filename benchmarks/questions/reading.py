"""What the trained pipeline says of the parts of messages, before QuestionCollector chooses."""

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import yaml
from rasa.core.channels.channel import UserMessage
from rasa.engine.constants import PLACEHOLDER_MESSAGE, PLACEHOLDER_TRACKER
from rasa.engine.graph import ExecutionContext
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.training_data.message import Message

from assistant.nlu.question_collector import QuestionCollector
from assistant.server.steps import model_file
from assistant.turn.graph_runner import SequentialGraphRunner
from assistant.turn.model_storage import ServingModelStorage

Readings = list[Message]


def read_all(root: Path, texts: Sequence[str]) -> Iterator[Readings]:
    """Yields for each text the message and its other readings, as QuestionCollector gets them."""
    with tempfile.TemporaryDirectory() as folder:
        storage, metadata = ServingModelStorage.from_model_archive(Path(folder), model_file(root))
        whole = metadata.predict_schema
        collector = next(node for node in whole.nodes.values() if node.uses is QuestionCollector)
        before = collector.needs["messages"]
        # without the collector, which does not load where its weights fit no more
        schema = whole.minimal_graph_schema([before])
        context = ExecutionContext(schema, metadata.model_id)
        runner = SequentialGraphRunner.create(schema, storage, context)
        for text in texts:
            inputs = {
                PLACEHOLDER_MESSAGE: [UserMessage(text)],
                PLACEHOLDER_TRACKER: DialogueStateTracker.from_events("one", []),
            }
            yield runner.run(inputs=inputs, targets=[before])[before]


def collector_options(root: Path) -> dict[str, Any]:
    """Returns QuestionCollector's options as config.yml sets them."""
    config = yaml.safe_load((root / "config.yml").read_text(encoding="utf-8"))
    name = f"{QuestionCollector.__module__}.{QuestionCollector.__name__}"
    entry = next(one for one in config["pipeline"] if one["name"] == name)
    return {**QuestionCollector.get_default_config(), **{k: v for k, v in entry.items() if k != "name"}}
