"""Answers on a topic."""

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions import clock, message, names
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
            nearest = message.nearest_topics(tracker, knowledge)
            dispatcher.utter_message(json_message=reply.out_of_scope(knowledge, nearest))
            return []
        answer = reply.answer(knowledge, topic, message.subjects(tracker), today=clock.today(knowledge))
        dispatcher.utter_message(json_message=answer)
        told = message.told_subjects(tracker)
        return [SlotSet(names.SLOT_TOPIC, topic), *(SlotSet(name, value) for name, value in told.items())]
