"""Greetings, thanks, the course of the conversation and questions about the assistant itself."""

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import AllSlotsReset
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions import message, names
from actions.around import with_care
from actions.fallback import utter_failure
from assistant.knowledge import current, reply


class ActionMakeSmalltalk(Action):
    """Tells the small talk that has the name of the intent."""

    def name(self) -> str:
        """See parent class."""
        return names.MAKE_SMALLTALK

    @with_care
    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[dict[str, Any]]:
        """Utters the small talk; an intent without one gets the fallback."""
        knowledge = current()
        intent = message.intent(tracker)
        if intent not in knowledge.smalltalk.replies:
            return utter_failure(dispatcher, tracker, reply.fallback)
        # "Yes" and "no" go on with what was talked about.
        topic = str(tracker.slots.get(names.SLOT_TOPIC) or "") if intent in names.GO_ON else ""
        dispatcher.utter_message(json_message=reply.smalltalk(knowledge, intent, topic))
        return []


class ActionTellAboutUs(Action):
    """Says whose chat this is."""

    def name(self) -> str:
        """See parent class."""
        return names.TELL_ABOUT_US

    @with_care
    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[dict[str, Any]]:
        """Utters the clinic's name and where the answers come from."""
        dispatcher.utter_message(json_message=reply.about_us(current()))
        return []


class ActionRepeatAnswer(Action):
    """Says the latest reply once more."""

    def name(self) -> str:
        """See parent class."""
        return names.REPEAT_ANSWER

    @with_care
    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[dict[str, Any]]:
        """Utters the latest reply as it was, or that there is none yet."""
        latest = next(message.replies_before(tracker), None)
        told = dict(latest) if latest else reply.smalltalk(current(), "nothing_to_repeat")
        dispatcher.utter_message(json_message=told)
        return []


class ActionStartOver(Action):
    """Forgets what was talked about."""

    def name(self) -> str:
        """See parent class."""
        return names.START_OVER

    @with_care
    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[dict[str, Any]]:
        """Utters the beginning and empties the slots."""
        dispatcher.utter_message(json_message=reply.smalltalk(current(), "start_over"))
        return [AllSlotsReset()]
