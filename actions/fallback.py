"""Replies to what is not covered or was not understood."""

from collections.abc import Callable
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions import clock, message, names
from actions.around import with_care
from assistant.knowledge import Knowledge, current, reply

Failure = Callable[[Knowledge, list[str]], reply.Reply]


class ActionDeclineTopic(Action):
    """Says that a question is not covered."""

    def name(self) -> str:
        """See parent class."""
        return names.DECLINE_TOPIC

    @with_care
    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[dict[str, Any]]:
        """Utters the limit and the nearest topics."""
        return utter_failure(dispatcher, tracker, reply.out_of_scope)


class ActionAskRephrase(Action):
    """Asks for other words."""

    def name(self) -> str:
        """See parent class."""
        return names.ASK_REPHRASE

    @with_care
    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[dict[str, Any]]:
        """Utters that nothing was understood, and the nearest topics."""
        return utter_failure(dispatcher, tracker, reply.fallback)


def utter_failure(
    dispatcher: CollectingDispatcher, tracker: Tracker, failure: Failure
) -> list[dict[str, Any]]:
    """Utters the failure, or after one already the way to a person; returns no events.

    Where one of two topics is meant, it asks which.
    """
    knowledge = current()
    nearest = message.nearest_topics(tracker, knowledge)
    if meant := message.meant(tracker, knowledge):
        told = reply.clarify(knowledge, meant)
    elif message.failed_before(tracker):
        told = reply.handoff_after_failures(knowledge, clock.now(), nearest)
    else:
        told = failure(knowledge, nearest)
    dispatcher.utter_message(json_message=told)
    return []
