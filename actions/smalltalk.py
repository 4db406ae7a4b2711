"""Greetings, thanks and questions about the assistant itself."""

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions import message, names
from assistant.knowledge import current, reply


class ActionMakeSmalltalk(Action):
    """Tells the small talk that has the name of the intent."""

    def name(self) -> str:
        """See parent class."""
        return names.MAKE_SMALLTALK

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[dict[str, Any]]:
        """Utters the small talk; an intent without one gets the fallback."""
        knowledge = current()
        intent = message.intent(tracker)
        if intent in knowledge.smalltalk.replies:
            dispatcher.utter_message(json_message=reply.smalltalk(knowledge, intent))
        else:
            nearest = message.nearest_topics(tracker, knowledge)
            dispatcher.utter_message(json_message=reply.fallback(knowledge, nearest))
        return []
