"""What stands around every action, whatever the message is about."""

from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions import names
from actions.after_danger import answer_to_danger
from assistant.knowledge import current, reply
from assistant.knowledge.personal_data import holds_personal_data

Events = list[dict[str, Any]]
Run = Callable[[Any, CollectingDispatcher, Tracker, DomainDict], Awaitable[Events]]


def with_care(run: Run) -> Run:
    """Lets what is said to a reply about danger come before what the action does, and a notice after it."""

    @wraps(run)
    async def run_with_care(
        self: Action, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> Events:
        events = answer_to_danger(dispatcher, tracker)
        if events is None:
            events = await run(self, dispatcher, tracker, domain)
        return [*events, *_notice(dispatcher, tracker)]

    return run_with_care


def _notice(dispatcher: CollectingDispatcher, tracker: Tracker) -> Events:
    """Utters once in a conversation not to write personal data; never beside a reply to danger."""
    kinds = {(told.get("custom") or {}).get("kind") for told in dispatcher.messages}
    text = str(tracker.latest_message.get("text") or "")
    knowledge = current()
    if (
        tracker.slots.get(names.SLOT_DATA_NOTICE)
        or kinds & names.DANGERS
        or not holds_personal_data(knowledge.safety, text)
    ):
        return []
    dispatcher.utter_message(json_message=reply.personal_data(knowledge))
    return [SlotSet(names.SLOT_DATA_NOTICE, True)]
