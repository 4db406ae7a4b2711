"""The agent's processor answers as Rasa's does on the built model."""

import io
import json
import tarfile
import warnings
from pathlib import Path
from typing import Any

import pytest
from rasa.core.agent import Agent
from rasa.core.channels.channel import CollectingOutputChannel, UserMessage
from rasa.core.processor import MessageProcessor
from rasa.core.tracker_store import InMemoryTrackerStore
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.shared.core.events import ActiveLoop, SlotSet
from rasa.shared.core.trackers import EventVerbosity

from assistant.server.action_endpoint import InProcessActions
from assistant.turn.graph_runner import SequentialGraphRunner
from assistant.turn.model_storage import REPLACED, ServingModelStorage
from assistant.turn.processor import TurnProcessor, copy_of
from assistant.turn.rule_policy import RulePolicy
from tests.conftest import ROOT

MODEL = ROOT / "models" / "mesoguide.tar.gz"
CONVERSATIONS = {
    "questions": ["what is mesotherapy", "does it hurt?", "and how much is it", "I have knee arthritis"],
    "Unicode": ["Does it hurt? 😀", "wie viel kostet es für mich", "naïve café ½", "\u202eolleh"],
    "start over": ["how much does it cost", "start over please", "does it hurt"],
    "red flag": ["hello", "I cannot breathe and my lips are blue", "thanks"],
    "nonsense": ["asdf qwer", "?", "which phone should I buy"],
    "restart": ["hello", "/restart", "does it hurt"],
}


@pytest.fixture(scope="module")
def agents() -> tuple[Agent, Agent]:
    """Rasa's agent with its own processor and one with ours, both on the built model."""
    made = []
    for kind in (MessageProcessor, TurnProcessor):
        agent = Agent(tracker_store=InMemoryTrackerStore(None), action_endpoint=InProcessActions("actions"))
        agent.processor = kind(MODEL, agent.tracker_store, agent.lock_store, agent.nlg, agent.action_endpoint)
        agent.domain = agent.tracker_store.domain = agent.processor.domain
        made.append(agent)
    return tuple(made)


def _press(intent: str) -> dict[str, Any]:
    """Returns what a pressed button hands to the processor in place of its parsing."""
    named = {"name": intent, "confidence": 1.0}
    return {"text": "A button", "intent": named, "intent_ranking": [named], "entities": []}


async def _events(agent: Agent, name: str, messages: list[Any]) -> list[dict[str, Any]]:
    sender = f"e-{name}"
    for message in messages:
        pressed = message if isinstance(message, dict) else None
        text = pressed["text"] if pressed else message
        await agent.handle_message(
            UserMessage(text, CollectingOutputChannel(), sender, parse_data=pressed, message_id="m")
        )
    tracker = await agent.tracker_store.retrieve(sender)
    return [_without_what_differs(event.as_dict()) for event in tracker.events]


def _without_what_differs(event: dict[str, Any]) -> dict[str, Any]:
    return json.loads(json.dumps({**event, "timestamp": 0}, sort_keys=True))


@pytest.mark.parametrize("name", CONVERSATIONS)
async def test_conversation_has_the_same_events(agents: tuple[Agent, Agent], name: str) -> None:
    """Every event of a conversation is what Rasa's processor makes of it, policy and confidence too."""
    rasa, ours = [await _events(agent, name, CONVERSATIONS[name]) for agent in agents]

    assert ours == rasa and len(ours) > 4


async def test_pressed_buttons_have_the_same_events(agents: tuple[Agent, Agent]) -> None:
    """Buttons come with their intent."""
    presses = [_press("ask_cost"), _press("ask_pain"), "what is mesotherapy"]

    rasa, ours = [await _events(agent, "buttons", presses) for agent in agents]

    assert ours == rasa


async def test_new_session_after_an_hour_has_the_same_events(agents: tuple[Agent, Agent]) -> None:
    """Slots are carried over and the session starts anew."""
    found = []
    for agent in agents:
        await _events(agent, "session", ["how much does it cost"])
        tracker = await agent.tracker_store.retrieve("e-session")
        for event in tracker.events:
            event.timestamp -= 7200
        await agent.tracker_store.save(tracker)
        found.append(await _events(agent, "session", ["does it hurt"]))

    assert found[0] == found[1]
    # a store gives the latest session
    assert [event["event"] for event in found[1]][:3] == ["action", "session_started", "slot"]


async def test_unknown_intents_and_entities_are_still_warned_of(agents: tuple[Agent, Agent]) -> None:
    """What the domain does not name gives Rasa's warning, and what it names none."""
    processor = agents[1].processor
    parsed = [
        {"intent": {"name": "unheard_of"}, "entities": []},
        {"intent": {"name": "ask_cost"}, "entities": [{"entity": "unheard_of"}]},
        {"intent": {"name": "ask_cost"}, "entities": [{"entity": "area"}]},
        {"intent": {"name": None}, "entities": None},
    ]

    told = []
    for data in parsed:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            processor._check_for_unseen_features(data)
        told.append(len(caught))

    assert told == [1, 1, 0, 0]


async def test_copy_of_a_tracker_is_what_rasa_copies(agents: tuple[Agent, Agent]) -> None:
    """State and events are equal, and a change to the copy does not reach the tracker."""
    await _events(agents[1], "copy", ["how much does it cost", "I have knee arthritis"])
    tracker = await agents[1].tracker_store.retrieve("e-copy")
    before = tracker.current_state(EventVerbosity.ALL)

    copied, rasas = copy_of(tracker), tracker.copy()

    assert copied.current_state(EventVerbosity.ALL) == rasas.current_state(EventVerbosity.ALL)
    assert (copied.model_id, copied.assistant_id) == (rasas.model_id, rasas.assistant_id) == (None, None)
    copied.update(SlotSet("topic", "changed"))
    copied.update(ActiveLoop("booking"))
    assert tracker.current_state(EventVerbosity.ALL) == before


async def test_rules_of_the_built_model_are_found_without_a_replay(agents: tuple[Agent, Agent]) -> None:
    """Each rule of the model is plain, so a turn makes no states of the whole conversation."""
    policy = next(
        node._component
        for node in agents[1].processor.graph_runner._instantiated_nodes.values()
        if isinstance(node._component, RulePolicy)
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(RulePolicy, "_prediction_states", None)
        events = await _events(agents[1], "plain", ["what is mesotherapy", "does it hurt?"])

    assert policy._plain is not None
    assert [event["name"] for event in events if event["event"] == "action"].count("action_answer_topic") == 2


def test_our_parts_are_in_use(agents: tuple[Agent, Agent]) -> None:
    """The runner is ours, and so is the policy, in a model that names Rasa's."""
    runner = agents[1].processor.graph_runner
    used = {f"{node.uses.__module__}.{node.uses.__name__}" for node in runner._graph_schema.nodes.values()}

    assert type(runner) is SequentialGraphRunner
    assert set(REPLACED.values()) <= used and not set(REPLACED) & used


def test_serving_and_rasas_storage_read_the_same_model(tmp_path: Path) -> None:
    """Metadata and files are equal but for the training graph and the replaced classes."""
    (tmp_path / "rasa").mkdir()
    (tmp_path / "ours").mkdir()

    _, theirs = LocalModelStorage.from_model_archive(tmp_path / "rasa", MODEL)
    _, ours = ServingModelStorage.from_model_archive(tmp_path / "ours", MODEL)

    assert (ours.model_id, ours.core_target, ours.nlu_target) == (
        theirs.model_id, theirs.core_target, theirs.nlu_target,
    )  # fmt: skip
    assert ours.domain.as_dict() == theirs.domain.as_dict()
    assert list(ours.predict_schema.nodes) == list(theirs.predict_schema.nodes)
    assert ours.train_schema.nodes == {}
    assert _contents(tmp_path / "ours") == _contents(tmp_path / "rasa")


def test_an_archive_that_writes_outside_its_folder_is_refused(tmp_path: Path) -> None:
    """A file name that leads out is an error, as it is to Rasa."""
    archive = tmp_path / "model.tar.gz"
    with tarfile.open(archive, "w:gz") as tar:
        tar.addfile(tarfile.TarInfo("../outside"), io.BytesIO())
    (tmp_path / "storage").mkdir()

    with pytest.raises(tarfile.TarError):
        ServingModelStorage.from_model_archive(tmp_path / "storage", archive)


def _contents(folder: Path) -> dict[str, int]:
    return {
        str(file.relative_to(folder)): file.stat().st_size for file in folder.rglob("*") if file.is_file()
    }
