"""The way to a person."""

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions import clock, names
from actions.around import with_care
from assistant.knowledge import current, reply


class ActionOfferPerson(Action):
    """Shows how and when to reach the clinic."""

    def name(self) -> str:
        """See parent class."""
        return names.OFFER_PERSON

    @with_care
    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[dict[str, Any]]:
        """Utters the phone, the hours and the booking link."""
        dispatcher.utter_message(json_message=reply.handoff(current(), clock.now()))
        return []
