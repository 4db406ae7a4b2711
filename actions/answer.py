"""Answers on a topic, or on several that one message asks about."""

from collections.abc import Iterator
from functools import partial
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions import clock, message, names
from actions.around import with_care
from actions.fallback import utter_failure
from assistant.knowledge import Knowledge, current, reply

LIMITS = {names.ADVICE: reply.personal_advice, names.RECIPE: reply.refusal}


class ActionAnswerTopic(Action):
    """Tells the entries of `ask_<topic>` intents, in the variants for what is talked about."""

    def name(self) -> str:
        """See parent class."""
        return names.ANSWER_TOPIC

    @with_care
    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[dict[str, Any]]:
        """Utters the answers in the order of the questions, and remembers topic and subjects.

        A wish for advice or a recipe is declined before them. A question that is not covered is named
        as such; of more than three the others are offered.
        An unknown topic is declined.
        """
        knowledge = current()
        asked = message.questions(tracker)
        topics = [one.topic for one in asked if one.topic in knowledge.entries]
        if not topics:
            return utter_failure(dispatcher, tracker, reply.out_of_scope)
        for told in _replies(tracker, knowledge, asked, topics):
            dispatcher.utter_message(json_message=told)
        return [SlotSet(names.SLOT_TOPIC, topics[: names.MOST_ANSWERS][-1]), *_remembered(tracker)]


def _replies(
    tracker: Tracker, knowledge: Knowledge, asked: list[message.Question], topics: list[str]
) -> Iterator[reply.Reply]:
    """Yields what is declined, then the answers on the first topics, the rest offered under the last."""
    for topic in dict.fromkeys(question.topic for question in asked):
        if topic in LIMITS:
            yield LIMITS[topic](knowledge)
    told, offered = topics[: names.MOST_ANSWERS], topics[names.MOST_ANSWERS :]
    premise = next(iter(message.premises(tracker)), "")
    for question in asked:
        if question.topic in told:
            others = offered if question.topic == told[-1] else []
            yield _answer(tracker, knowledge, question, len(told), others, premise)
            premise = ""
        elif not question.topic:
            yield reply.part_not_covered(knowledge)


def _answer(
    tracker: Tracker,
    knowledge: Knowledge,
    question: message.Question,
    count: int,
    offered: list[str],
    premise: str,
) -> reply.Reply:
    told = partial(
        reply.answer,
        knowledge,
        question.topic,
        message.subjects(tracker, question.subjects),
        now=clock.now(),
        personal=message.is_personal(question.text),
        words=names.MOST_WORDS // count if count > 1 else None,
        offered=offered,
        premise=premise,
    )
    answer = told()
    # "why?" after an answer wants what the answer left out, not the same words again
    return told(rest=True) if message.goes_on(tracker) and message.was_told(tracker, answer) else answer


def _remembered(tracker: Tracker) -> list[dict[str, Any]]:
    told = message.told_subjects(tracker)
    kept = {name: [one for one in told.get(name, ()) if one not in names.TRAITS] for name in names.SUBJECTS}
    return [SlotSet(name, values[0]) for name, values in kept.items() if values]
