"""What the trained pipeline says of messages and their other readings, before QuestionCollector chooses."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml
from rasa.core.channels.channel import UserMessage
from rasa.engine.constants import PLACEHOLDER_MESSAGE, PLACEHOLDER_TRACKER
from rasa.engine.graph import ExecutionContext
from rasa.engine.runner.interface import GraphRunner
from rasa.shared.core.events import Event
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.training_data.message import Message

from assistant.language.logistic import Logistic
from assistant.language.question_judge import Judge
from assistant.nlu.decision import TOPIC_INTENT
from assistant.nlu.question_collector import QuestionCollector
from assistant.server.steps import model_file
from assistant.turn.graph_runner import SequentialGraphRunner
from assistant.turn.model_storage import ServingModelStorage

NEVER = Logistic(-100.0, {})


class Reader:
    """Reads messages as the server does."""

    def __init__(self, root: Path, runner: GraphRunner, last: str) -> None:
        """Takes the project's folder, the graph, and the last of its nodes that is run."""
        self._runner = runner
        self._last = last
        config = yaml.safe_load((root / "config.yml").read_text(encoding="utf-8"))
        name = f"{QuestionCollector.__module__}.{QuestionCollector.__name__}"
        entry = next(one for one in config["pipeline"] if one["name"] == name)
        self._options = {**QuestionCollector.get_default_config(), **entry}
        self._no_topic = frozenset(entry["no_topic"])

    def read(self, text: str, before: list[Event] | None = None) -> list[Message]:
        """Returns the message and its other readings, as QuestionCollector gets them."""
        inputs = {
            PLACEHOLDER_MESSAGE: [UserMessage(text)],
            PLACEHOLDER_TRACKER: DialogueStateTracker.from_events("one", before or []),
        }
        readings: list[Message] = self._runner.run(inputs=inputs, targets=[self._last])[self._last]
        return readings

    def topic(self, intent: str) -> str:
        """Returns the topic that an intent asks for, "" if it asks for none."""
        is_topic = intent.startswith(TOPIC_INTENT) and intent not in self._no_topic
        return intent.removeprefix(TOPIC_INTENT) if is_topic else ""

    def collector(
        self, parts: Logistic = NEVER, going_on: Logistic = NEVER, **options: Any
    ) -> QuestionCollector:
        """Returns a collector with these models, and `config.yml`'s options where none are given."""
        return QuestionCollector({**self._options, **options}, Judge(parts), going_on)


@contextmanager
def reader(root: Path) -> Iterator[Reader]:
    """Loads the trained model without the collector, which does not load where its weights fit no more."""
    with TemporaryDirectory() as folder:
        storage, metadata = ServingModelStorage.from_model_archive(Path(folder), model_file(root))
        nodes = metadata.predict_schema.nodes.values()
        last = next(node for node in nodes if node.uses is QuestionCollector).needs["messages"]
        schema = metadata.predict_schema.minimal_graph_schema([last])
        context = ExecutionContext(schema, metadata.model_id)
        yield Reader(root, SequentialGraphRunner.create(schema, storage, context), last)


def collected(collector: QuestionCollector, readings: list[Message]) -> Message:
    """Returns the message that the collector makes of copies of the readings."""
    (message,) = collector.process([Message(dict(one.data)) for one in readings])
    return message
