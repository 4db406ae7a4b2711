"""A short tracker acts as the long one would."""

import json
import shutil
import tempfile
from collections.abc import Sequence
from itertools import count
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    ActionExecutionRejected,
    ActiveLoop,
    AllSlotsReset,
    BotUttered,
    ConversationPaused,
    ConversationResumed,
    Event,
    FollowupAction,
    LoopInterrupted,
    Restarted,
    SessionStarted,
    SlotSet,
    UserUttered,
)
from rasa.shared.core.trackers import DialogueStateTracker

from assistant.storage import conversation_log
from assistant.storage.passing import forget_passing
from assistant.storage.tracker_store import ConversationTrackerStore
from assistant.storage.turn_record import RUNNING, TurnRecord
from assistant.storage.window import MOST_EVENTS, cut_of
from tests.storage.conftest import KEPT

DOMAIN = Domain.from_yaml(
    """
version: "3.1"
intents: [ask, greet, press]
slots:
  topic: {type: text, mappings: [{type: custom}]}
  level: {type: categorical, values: [low, high], initial_value: low, mappings: [{type: custom}]}
  known: {type: bool, influence_conversation: true, mappings: [{type: custom}]}
  notes: {type: any, mappings: [{type: custom}]}
actions: [utter_answer, utter_hello]
forms: {feedback: {required_slots: []}}
"""
)
TURNS_COMPARED = 3
WORDS = st.text(alphabet="aé\u2028💉\x00'\"{}\\ \n", max_size=12)

slot_sets = st.one_of(
    st.builds(SlotSet, st.just("topic"), st.none() | WORDS),
    st.builds(SlotSet, st.just("level"), st.sampled_from(["low", "high"])),
    st.builds(SlotSet, st.just("known"), st.none() | st.booleans()),
    st.builds(SlotSet, st.just("notes"), st.none() | st.lists(WORDS, max_size=2)),
)
answers = st.builds(
    lambda text, buttons: [
        ActionExecuted("utter_answer"),
        BotUttered(text, {"buttons": buttons, "custom": {"text": text}}),
    ],
    WORDS,
    st.lists(st.fixed_dictionaries({"title": WORDS, "payload": WORDS}), max_size=2),
)
rare = st.sampled_from(
    [
        [
            Restarted(),
            ActionExecuted("action_session_start"),
            SessionStarted(),
            ActionExecuted("action_listen"),
        ],
        [ActionExecuted("action_session_start"), SessionStarted(), SlotSet("topic", "carried")],
        [FollowupAction("utter_hello"), ActionExecuted("utter_hello"), BotUttered("hello")],
        [AllSlotsReset()],
        [ConversationPaused()],
        [ConversationResumed()],
        [ActiveLoop("feedback"), ActionExecuted("feedback")],
        [ActionExecutionRejected("feedback")],
        [LoopInterrupted(True)],
        [ActiveLoop(None)],
        [FollowupAction("utter_hello")],
    ]
)
parts = st.one_of(answers, answers, slot_sets.map(lambda one: [one]), st.just([]), rare)


@st.composite
def turns(draw: Any) -> list[Event]:
    """Events of one turn."""
    intent = draw(st.sampled_from(["ask", "greet", "press"]))
    message = UserUttered(draw(WORDS), {"name": intent, "confidence": 1.0}, [], input_channel="web")
    events: list[Event] = [message]
    for part in draw(st.lists(parts, min_size=0, max_size=4)):
        events += part
    if draw(st.integers(0, 9)):
        events.append(ActionExecuted("action_listen"))
    # an event object belongs to one place of one conversation
    return [Event.from_parameters(one.as_dict()) for one in events]


def _seen(tracker: DialogueStateTracker) -> dict[str, Any]:
    """Returns what Rasa decides by."""
    loop = tracker.active_loop
    state = {
        "slots": tracker.current_slot_values(),
        "message": tracker.latest_message.as_dict() if tracker.latest_message else None,
        "action": tracker.latest_action_name,
        "said": tracker.latest_bot_utterance.as_dict() if tracker.latest_bot_utterance else None,
        "loop": (loop.name, loop.rejected, loop.is_interrupted) if loop else None,
        "paused": tracker.is_paused(),
        "followup": tracker.followup_action,
        "channel": tracker.get_latest_input_channel(),
    }
    for part in ("message", "said"):
        state[part] and state[part].pop("timestamp")
    return json.loads(json.dumps(state))


def _recent_states(tracker: DialogueStateTracker) -> list[Any]:
    """Returns the states of the newest turns, from which a policy predicts."""
    events = list(tracker.applied_events())
    asked = [place for place, event in enumerate(events) if isinstance(event, UserUttered)]
    last = events[asked[-min(TURNS_COMPARED, len(asked))] :] if asked else []
    states = tracker.past_states(DOMAIN)
    # each action ends a state; the one before the turns' first message is theirs
    number = sum(isinstance(event, ActionExecuted) for event in last)
    return states[-number:] if number else []


async def _turn(
    store: ConversationTrackerStore, number: int, events: Sequence[Event]
) -> DialogueStateTracker:
    await store.log.receive(KEPT, f"m{number}", {})
    record = TurnRecord(KEPT, f"m{number}", 1.0, {"text": "x", "id": f"m{number}"}, [{"text": "y"}])
    token = RUNNING.set(record)
    tracker = await store.get_or_create_tracker(KEPT, append_action_listen=False)
    tracker.update_with_events([Event.from_parameters(one.as_dict()) for one in events], DOMAIN)
    await store.save(tracker)
    RUNNING.reset(token)
    found = await store.retrieve(KEPT)
    assert found is not None
    return found


async def _check(conversation: list[list[Event]], reload_each: int) -> None:
    folder = Path(tempfile.mkdtemp(prefix="window-"))
    store = ConversationTrackerStore(DOMAIN, database=str(folder / "c.db"))
    reader = ConversationTrackerStore(DOMAIN, database=str(folder / "c.db"))
    whole = DialogueStateTracker(KEPT, DOMAIN.slots)
    try:
        for number, events in enumerate(conversation):
            whole.update_with_events([Event.from_parameters(one.as_dict()) for one in events], DOMAIN)
            live = await _turn(store, number, events)
            assert _seen(live) == _seen(whole)
            assert _recent_states(live) == _recent_states(whole)
            if number % reload_each == 0:
                reader.forget(KEPT)
                reloaded = await reader.retrieve(KEPT)
                assert reloaded is not None and _seen(reloaded) == _seen(whole)
                assert _recent_states(reloaded) == _recent_states(whole)
    finally:
        store.log.close()
        reader.log.close()
        forget_passing(folder)
        shutil.rmtree(folder)


@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(st.lists(turns(), min_size=20, max_size=60))
async def test_short_tracker_decides_as_the_long_one(conversation) -> None:
    """After each turn live, reloaded and whole tracker agree in all that Rasa decides by."""
    await _check(conversation, reload_each=1)


@settings(max_examples=1, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(st.lists(turns(), min_size=200, max_size=200))
async def test_it_holds_over_200_turns(conversation) -> None:
    """The same for a long conversation."""
    await _check(conversation, reload_each=20)


async def test_load_reads_no_more_after_a_thousand_turns(database, state, monkeypatch) -> None:
    """The most events that a load reads do not grow with the conversation."""
    store = ConversationTrackerStore(DOMAIN, database=str(database))
    read: list[int] = []
    find = conversation_log.find_tracker

    def counted(*arguments: Any) -> Any:
        stored = find(*arguments)
        read.append(len(stored.events) + len(stored.snapshot))
        return stored

    monkeypatch.setattr(conversation_log, "find_tracker", counted)
    events = [
        UserUttered("x", {"name": "ask"}),
        SlotSet("topic", "y"),
        ActionExecuted("utter_answer"),
        BotUttered("z"),
        ActionExecuted("action_listen"),
    ]
    most = {}
    for number in count(1):
        await _turn(store, number, events)
        if number % 50 < 20:
            store.forget(KEPT)
            await store.retrieve(KEPT)
        if number in (69, 1019):
            most[number] = max(read)
            read.clear()
        if number == 1019:
            break
    store.log.close()

    assert most[1019] <= most[69] <= MOST_EVENTS + 20


def test_nothing_is_cut_from_a_short_tracker() -> None:
    """A conversation within the limit is Rasa's own."""
    assert cut_of([UserUttered("x")] * MOST_EVENTS) == 0
    assert cut_of([UserUttered("x"), *[BotUttered("y")] * 100]) == 0
    assert cut_of([UserUttered("x")] * (MOST_EVENTS + 1)) == MOST_EVENTS + 1 - 4
