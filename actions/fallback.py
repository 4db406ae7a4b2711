"""Replies to what is not covered or was not understood."""

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions import message, names
from assistant.knowledge import current, reply


class ActionDeclineTopic(Action):
    """Says that a question is not covered."""

    def name(self) -> str:
        """See parent class."""
        return names.DECLINE_TOPIC

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[dict[str, Any]]:
        """Utters the limit and the nearest topics."""
        knowledge = current()
        nearest = message.nearest_topics(tracker, knowledge)
        dispatcher.utter_message(json_message=reply.out_of_scope(knowledge, nearest))
        return []


class ActionAskRephrase(Action):
    """Asks for other words."""

    def name(self) -> str:
        """See parent class."""
        return names.ASK_REPHRASE

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[dict[str, Any]]:
        """Utters that nothing was understood, and the nearest topics."""
        knowledge = current()
        nearest = message.nearest_topics(tracker, knowledge)
        dispatcher.utter_message(json_message=reply.fallback(knowledge, nearest))
        return []
