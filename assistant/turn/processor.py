"""Rasa's message processor, loading a model and running its actions in our ways."""

import copy
import tarfile
import time
from pathlib import Path
from typing import Any

import structlog
from rasa.core.actions.action import (
    Action,
    ActionExecutionRejection,
    ActionListen,
    action_for_name_or_text,
)
from rasa.core.channels.channel import OutputChannel
from rasa.core.nlg import NaturalLanguageGenerator
from rasa.core.policies.policy import PolicyPrediction
from rasa.core.processor import MessageProcessor
from rasa.engine import loader
from rasa.engine.runner.interface import GraphRunner
from rasa.engine.storage.storage import ModelMetadata
from rasa.exceptions import ActionLimitReached, ModelNotFound
from rasa.shared.core.constants import (
    ACTION_VALIDATE_SLOT_MAPPINGS,
    DEFAULT_SLOT_NAMES,
    MAPPING_TYPE,
    SlotMappingType,
)
from rasa.shared.core.events import ActionExecutionRejected, Event, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.constants import ENTITIES, ENTITY_ATTRIBUTE_TYPE, INTENT, INTENT_NAME_KEY
from rasa.utils.common import TempDirectoryPath, get_temp_dir_name

from assistant.turn.graph_runner import SequentialGraphRunner
from assistant.turn.model_storage import ServingModelStorage
from assistant.turn.plain_rules import KNOWN_EVENTS
from assistant.turn.remote_action import QuickRemoteAction, quick

log = structlog.get_logger()


class TurnProcessor(MessageProcessor):
    """Answers as Rasa's own processor does (rasa/core/processor.py, 3.6.21), in less time.

    Replaced are `_load_model` (line 124, which names its storage and runner), the making of actions
    (`_get_action`, line 695, and `predict_next_with_tracker_if_should`, line 509), and, where they
    would do nothing, `_check_for_unseen_features` (line 661), `run_action_extract_slots` (180) and
    `_update_tracker_session` (285).

    `_run_action` (967) hands our actions another kind of copy of the tracker, and `_log_action_on_tracker`
    (1021) and `_log_slots` (651) leave out entries of the log's lowest level, which are never
    written here but whose making copies all that an action said.
    """

    _no_slots: bool | None = None

    def __init__(self, *arguments: Any, **named: Any) -> None:
        """See parent class."""
        super().__init__(*arguments, **named)
        self._made: dict[str, Action] = {}

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
        # the parent makes one object of each of Rasa's own actions to find the one that is wanted
        action_limit = self.should_predict_another_action(tracker.latest_action_name)
        if self.is_action_limit_reached(tracker, action_limit):
            raise ActionLimitReached("The limit of actions to predict has been reached.")
        prediction = self._predict_next_with_tracker(tracker)
        name = self.domain.action_names_or_texts[prediction.max_confidence_index]
        action = self._made.get(name)
        if action is None:
            made = action_for_name_or_text(name, self.domain, self.action_endpoint)
            action = quick(made)
            if isinstance(action, QuickRemoteAction | ActionListen):
                # these keep nothing from one turn to the next
                self._made[name] = action
        return action, prediction

    async def _update_tracker_session(
        self,
        tracker: DialogueStateTracker,
        output_channel: OutputChannel,
        metadata: dict[str, Any] | None = None,
    ) -> None:
        if not self._is_in_session(tracker):
            await super()._update_tracker_session(tracker, output_channel, metadata)

    def _is_in_session(self, tracker: DialogueStateTracker) -> bool:
        """Returns whether the latest message is plainly of now; False where Rasa has to look."""
        session = self.domain.session_config
        for event in reversed(tracker.events):
            if type(event) not in KNOWN_EVENTS:
                return False
            if isinstance(event, UserUttered):
                age = time.time() - event.timestamp
                return not session.are_sessions_enabled() or age <= session.session_expiration_time * 60
        return False

    async def run_action_extract_slots(
        self, output_channel: OutputChannel, tracker: DialogueStateTracker
    ) -> DialogueStateTracker:
        """See parent class."""
        if self._extracts_no_slot():
            return tracker
        return await super().run_action_extract_slots(output_channel, tracker)

    async def _run_action(
        self,
        action: Action,
        tracker: DialogueStateTracker,
        output_channel: OutputChannel,
        nlg: NaturalLanguageGenerator,
        prediction: PolicyPrediction,
    ) -> bool:
        if not isinstance(action, QuickRemoteAction | ActionListen):
            return await super()._run_action(action, tracker, output_channel, nlg, prediction)
        name = action.name()
        try:
            events: list[Event] = []
            if not isinstance(action, ActionListen):
                seen = copy_of(tracker)
                seen.update_with_events(prediction.events, self.domain)
                events = await action.run(output_channel, nlg, seen, self.domain)
        except ActionExecutionRejection:
            rejected = ActionExecutionRejected(name, prediction.policy_name, prediction.max_confidence)
            tracker.update(rejected)
            return bool(self.should_predict_another_action(name))
        except Exception:  # as Rasa does: the turn goes on without the action's events
            log.exception("turn.action.failed", action=name)
            events = []
        self._log_action_on_tracker(tracker, action, events, prediction)
        if any(isinstance(event, UserUttered) for event in events):
            tracker = await self.run_action_extract_slots(output_channel, tracker)
        await self.execute_side_effects(events, tracker, output_channel)
        return bool(self.should_predict_another_action(name))

    def _log_action_on_tracker(
        self,
        tracker: DialogueStateTracker,
        action: Action,
        events: list[Event] | None,
        prediction: PolicyPrediction,
    ) -> None:
        events = events or []
        if not any(isinstance(event, ActionExecutionRejected) for event in events):
            tracker.update_with_events(prediction.events, self.domain)
            tracker.update(action.event_for_successful_execution(prediction))
        tracker.update_with_events(events, self.domain)

    @staticmethod
    def _log_slots(tracker: DialogueStateTracker) -> None:
        """Writes nothing."""

    def _get_action(self, action_name: str) -> Action | None:
        return quick(super()._get_action(action_name))

    def _check_for_unseen_features(self, parse_data: dict[str, Any]) -> None:
        # Rasa first writes the whole domain out, to see whether it is empty: a millisecond
        intent = parse_data[INTENT][INTENT_NAME_KEY]
        entities = {entity[ENTITY_ATTRIBUTE_TYPE] for entity in parse_data[ENTITIES] or []}
        if (intent and intent not in self.domain.intents) or not entities.issubset(self.domain.entities):
            super()._check_for_unseen_features(parse_data)

    def _extracts_no_slot(self) -> bool:
        """Returns whether every slot is set by actions alone, so that no message sets one."""
        if self._no_slots is None:
            mappings = [
                mapping
                for slot in self.domain.slots
                if slot.name not in DEFAULT_SLOT_NAMES
                for mapping in slot.mappings
            ]
            self._no_slots = ACTION_VALIDATE_SLOT_MAPPINGS not in self.domain.user_actions and all(
                mapping == {MAPPING_TYPE: str(SlotMappingType.CUSTOM)} for mapping in mappings
            )
        return self._no_slots


def copy_of(tracker: DialogueStateTracker) -> DialogueStateTracker:
    """Returns a tracker that can be changed and leaves the other as it is; no event is replayed.

    Stands in for `copy` (rasa/shared/core/trackers.py, line 620 of 3.6.21). Events are shared, as
    they are there, and the ids of model and assistant are left out.
    """
    copied = _alike(tracker)
    copied.events = copy.copy(tracker.events)
    copied.slots = copy.copy(tracker.slots)
    copied.slots.update({name: _alike(slot) for name, slot in tracker.slots.items()})
    copied.active_loop = copy.copy(tracker.active_loop)
    copied.model_id = copied.assistant_id = None
    return copied


def _alike(one: Any) -> Any:
    """Returns what `copy.copy` does for an object with nothing but attributes, in a fifth of the time."""
    made = object.__new__(type(one))
    vars(made).update(vars(one))
    return made
