"""Puts beside a message the other ways in which it may be read."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict, List

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.core.events import BotUttered, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from assistant.language.follow_up import FollowUps, load_follow_ups
from assistant.language.questions import Part, bare_question, parts_of
from assistant.nlu.decision import BY_CONTEXT, DECISION, TOPIC_INTENT

FOLLOW_UPS = "follow_ups"
ROLE = "role"
"""Key of a reading of the message before it: part, bare, rest or together."""
PART, BARE, REST, TOGETHER = "part", "bare", "rest", "together"
SPAN = "span"
"""Key of the start and end, in the message, of a part."""
ASKS = "asks"
"""Key of whether a part has the form of a question."""
ALONE = "alone"
"""Key of whether a part is a sentence of its own."""
MANNER = "manner"
"""Key of how a message goes on with the one before it."""
ANSWERED = "answered"
"""Key of the intent of the latest answer."""
KIND = "kind"
TOPIC = "topic"
# As many messages are read together with this one.
MOST_TOLD = 2
# Longer texts are stories, which stand alone.
LONGEST_BEFORE = 300


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class QuestionSplitter(GraphComponent):
    """Adds a message for each part that may be a question of its own, and for what went before.

    The components that follow read them all at once; QuestionCollector, which must stand after the
    classifiers, chooses and keeps the first. In training nothing is added.
    """

    @staticmethod
    def get_default_config() -> Dict[str, Any]:
        """The component's options."""
        return {
            # file of the ways in which a message goes on, from the project's folder
            FOLLOW_UPS: "data/lookups/follow_ups.yml",
        }

    def __init__(self, follow_ups: FollowUps) -> None:
        """Takes the ways of going on."""
        self._follow_ups = follow_ups

    @classmethod
    def create(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> QuestionSplitter:
        """Reads the file; raises ContentError when it is broken."""
        return cls(load_follow_ups(Path(config[FOLLOW_UPS])))

    def process(self, messages: List[Message], tracker: DialogueStateTracker) -> List[Message]:
        """Returns each message with its other readings after it."""
        return [one for message in messages for one in self._readings(message, tracker)]

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Leaves the training data as it is."""
        return training_data

    def _readings(self, message: Message, tracker: DialogueStateTracker) -> List[Message]:
        text = message.get(TEXT) or ""
        parts = parts_of(text)
        asked = [_part(text, part) for part in parts] if len(parts) > 1 else []
        others = self._going_on(message, text, tracker)
        bare = "" if asked else bare_question(text)
        return [message, *asked, *others, *([_reading(BARE, bare)] if bare else [])]

    def _going_on(self, message: Message, text: str, tracker: DialogueStateTracker) -> List[Message]:
        before, answered = _text_before(tracker), _answered(tracker)
        manner = self._follow_ups.manner(text) if before else None
        if manner is None:
            return []
        message.set(MANNER, manner)
        message.set(ANSWERED, answered)
        rest = manner.rest(text)
        together = f"{before} {rest or text}" if manner.context else ""
        readings = [(REST, rest), (TOGETHER, together)]
        return [_reading(role, reading) for role, reading in readings if reading]


def _part(text: str, part: Part) -> Message:
    found = {SPAN: [part.start, part.end], ASKS: part.asks, ALONE: part.alone}
    return _reading(PART, text[part.start : part.end], **found)


def _reading(role: str, text: str, **more: Any) -> Message:
    return Message({TEXT: text, ROLE: role, **more})


def _text_before(tracker: DialogueStateTracker) -> str:
    """Returns what the patient wrote before this message, "" if it was nothing, a button or a story.

    What was itself understood only with the message before it is told with that one.
    """
    told: List[str] = []
    for event in reversed(tracker.events):
        if not isinstance(event, UserUttered):
            continue
        text = event.text or ""
        if text.startswith("/") or len(text) > LONGEST_BEFORE:
            break
        told.insert(0, text)
        if (event.parse_data.get(DECISION) or {}).get("by") != BY_CONTEXT or len(told) == MOST_TOLD:
            break
    return " ".join(told)


def _answered(tracker: DialogueStateTracker) -> str:
    """Returns the intent of the topic that the latest reply answered, "" if it answered none."""
    latest = next((event for event in reversed(tracker.events) if isinstance(event, BotUttered)), None)
    told = (latest.data.get("custom") or {}) if latest else {}
    return TOPIC_INTENT + told[TOPIC] if told.get(KIND) == "answer" and told.get(TOPIC) else ""
