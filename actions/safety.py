"""Replies to danger. They answer always and ask nothing first."""

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions import message, names
from assistant.knowledge import current, reply


class ActionReportEmergency(Action):
    """Sends the patient to the emergency number."""

    def name(self) -> str:
        """See parent class."""
        return names.REPORT_EMERGENCY

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[dict[str, Any]]:
        """Utters the emergency reply for the group of the red flag, if one is known."""
        group = message.decision(tracker).get("group")
        dispatcher.utter_message(json_message=reply.emergency(current(), group))
        return []


class ActionReportUrgent(Action):
    """Sends the patient to care today or within days."""

    def name(self) -> str:
        """See parent class."""
        return names.REPORT_URGENT

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[dict[str, Any]]:
        """Utters the urgent reply; where no rule says how soon, today is the safe answer."""
        decision = message.decision(tracker)
        level = "days" if decision.get("level") == "days" else "today"
        dispatcher.utter_message(json_message=reply.urgent(current(), level, decision.get("group")))
        return []


class ActionReportSafeguarding(Action):
    """Shows ways out of pressure, abuse and danger from others."""

    def name(self) -> str:
        """See parent class."""
        return names.REPORT_SAFEGUARDING

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[dict[str, Any]]:
        """Utters the safeguarding reply."""
        dispatcher.utter_message(json_message=reply.safeguarding(current()))
        return []


class ActionReportSelfHarm(Action):
    """Shows the way to a crisis line."""

    def name(self) -> str:
        """See parent class."""
        return names.REPORT_SELF_HARM

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[dict[str, Any]]:
        """Utters the crisis reply."""
        dispatcher.utter_message(json_message=reply.crisis(current()))
        return []
