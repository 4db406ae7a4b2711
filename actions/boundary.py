"""Replies to what the assistant never does: decide for a patient, or tell a recipe."""

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions import names
from actions.around import with_care
from assistant.knowledge import current, reply


class ActionDeclineAdvice(Action):
    """Declines a diagnosis, a decision or a change of medicine."""

    def name(self) -> str:
        """See parent class."""
        return names.DECLINE_ADVICE

    @with_care
    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[dict[str, Any]]:
        """Utters who can decide with the patient."""
        dispatcher.utter_message(json_message=reply.personal_advice(current()))
        return []


class ActionDeclineRecipe(Action):
    """Refuses doses, mixes, needle depth, self-injection and where to buy."""

    def name(self) -> str:
        """See parent class."""
        return names.DECLINE_RECIPE

    @with_care
    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[dict[str, Any]]:
        """Utters the refusal and its reason."""
        dispatcher.utter_message(json_message=reply.refusal(current()))
        return []
