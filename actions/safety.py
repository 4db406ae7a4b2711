"""Replies to danger. They answer always and ask nothing first."""

from typing import Any

import structlog
from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions import message, names, other_language
from actions.after_danger import was_told
from actions.around import with_care
from assistant.knowledge import after_danger, current, reply

log = structlog.get_logger()


class ActionReportEmergency(Action):
    """Sends the patient to the emergency number."""

    def name(self) -> str:
        """See parent class."""
        return names.REPORT_EMERGENCY

    @with_care
    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[dict[str, Any]]:
        """Utters the emergency reply for the group of the red flag, if one is known."""
        return _answer(dispatcher, tracker, "now")


class ActionReportUrgent(Action):
    """Sends the patient to care today or within days."""

    def name(self) -> str:
        """See parent class."""
        return names.REPORT_URGENT

    @with_care
    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[dict[str, Any]]:
        """Utters the urgent reply; where no rule says how soon, today is the safe answer."""
        return _answer(
            dispatcher, tracker, "days" if message.decision(tracker).get("level") == "days" else "today"
        )


class ActionReportSafeguarding(Action):
    """Shows ways out of pressure, abuse and danger from others."""

    def name(self) -> str:
        """See parent class."""
        return names.REPORT_SAFEGUARDING

    @with_care
    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[dict[str, Any]]:
        """Utters the safeguarding reply."""
        return _answer(dispatcher, tracker, "safeguarding")


class ActionReportSelfHarm(Action):
    """Shows the way to a crisis line."""

    def name(self) -> str:
        """See parent class."""
        return names.REPORT_SELF_HARM

    @with_care
    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[dict[str, Any]]:
        """Utters the crisis reply."""
        return _answer(dispatcher, tracker, "crisis")


def _answer(dispatcher: CollectingDispatcher, tracker: Tracker, level: str) -> list[dict[str, Any]]:
    """Utters the reply to a red flag, the short form of it where the same was told; returns no events."""
    knowledge, decided = current(), message.decision(tracker)
    group = decided.get("group") or ""
    again = was_told(tracker, level, group)
    no_call = after_danger.cannot_call(knowledge.safety, str(tracker.latest_message.get("text") or ""))
    # For staff, of conversations that are not kept too: what was raised, and nothing of the message.
    log.warning("safety.flag", danger=level, group=group, rule=decided.get("rule") or "", again=again)
    told = reply.red_flag(knowledge, level, group, again=again, cannot_call=no_call)
    dispatcher.utter_message(json_message=other_language.before(tracker, told))
    return []
