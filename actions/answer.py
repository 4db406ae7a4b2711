"""Answers on a topic."""

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions import clock, message, names
from actions.fallback import utter_failure
from assistant.knowledge import current, reply


class ActionAnswerTopic(Action):
    """Tells the entry of an `ask_<topic>` intent, in the variant for what is talked about."""

    def name(self) -> str:
        """See parent class."""
        return names.ANSWER_TOPIC

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[dict[str, Any]]:
        """Utters the answer and remembers its topic and subjects; an unknown topic is declined."""
        knowledge = current()
        topic = message.topic(tracker)
        if topic not in knowledge.entries:
            return utter_failure(dispatcher, tracker, reply.out_of_scope)
        subjects, personal = message.subjects(tracker), message.is_personal(tracker)
        answer = reply.answer(knowledge, topic, subjects, now=clock.now(), personal=personal)
        dispatcher.utter_message(json_message=answer)
        told = message.told_subjects(tracker)
        kept = {
            name: [one for one in told.get(name, ()) if one not in names.TRAITS] for name in names.SUBJECTS
        }
        return [
            SlotSet(names.SLOT_TOPIC, topic),
            *(SlotSet(name, values[0]) for name, values in kept.items() if values),
        ]
