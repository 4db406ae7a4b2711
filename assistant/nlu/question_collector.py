"""Chooses among the ways in which a message may be read, and writes down the questions it asks."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict, List, Optional, Sequence, Tuple

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import (
    ENTITIES,
    INTENT,
    INTENT_NAME_KEY,
    PREDICTED_CONFIDENCE_KEY,
    TEXT,
)
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from assistant.language.follow_up import Manner
from assistant.language.going_on import Choice, load_going_on, signals
from assistant.language.logistic import Logistic
from assistant.language.question_judge import TOPIC, Asked, Judge, load_judge
from assistant.nlu.decision import (
    BY_CONTEXT,
    BY_QUESTION,
    DECISION,
    INTENT_OF_LEVEL,
    NOT_UNDERSTOOD,
    decision,
    put_first,
)
from assistant.nlu.question_splitter import ANSWERED, BARE, MANNER, PART, REST, ROLE, SPAN, TOGETHER
from assistant.nlu.reading import REJECTED, Intents, intent_of, score_of

QUESTIONS = "questions"
"""Key of the questions of a message that asks more than one thing.

Each has intent, start and end (characters of the message), score and entities; the intent
out_of_scope stands for a question that is not covered.
"""
JUDGE = "judge"
SEVERAL = "several"
COVERED = "covered"
GOING_ON = "going_on"
CONTEXT = "context"
STORY = "story"
NO_TOPIC = "no_topic"
LIMITS = "limits"
KEPT = "kept"
SAFETY = frozenset(INTENT_OF_LEVEL.values())


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class QuestionCollector(GraphComponent, IntentClassifier):
    """Keeps each message with what its other readings, made by QuestionSplitter, say of it.

    Two parts about two topics are two questions. A short message that goes on with the one before
    it is read together with that. Of a story that is not understood, the one question counts.
    """

    @staticmethod
    def get_default_config() -> Dict[str, Any]:
        """The component's options."""
        return {
            # file of the weights that say whether two parts are two questions, from the project's folder
            JUDGE: "data/lookups/question_judge.yml",
            # probability from which two parts are two questions
            SEVERAL: 0.2,
            # probability of its topic below which a question is named as not covered
            COVERED: 0.4,
            # file of the weights that say whether a message goes on with the one before it
            GOING_ON: "data/lookups/going_on.yml",
            # probability from which it does
            CONTEXT: 0.4,
            # score from which the one question of a story is answered
            STORY: 0.6,
            # intents with the prefix of topics that are none
            NO_TOPIC: [],
            # of these, the intents that a question may have beside a topic, and that are told first
            LIMITS: [],
            # intents that no message before overrules
            KEPT: [],
        }

    def __init__(self, config: Dict[str, Any], judge: Judge, going_on: Logistic) -> None:
        """Takes the options and the fitted models."""
        self._config = config
        self._judge = judge
        self._going_on = going_on
        self._intents = Intents(frozenset(config[NO_TOPIC]), frozenset(config[LIMITS]))

    @classmethod
    def create(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> QuestionCollector:
        """Reads the weights; raises ContentError when their file is broken."""
        return cls(config, load_judge(Path(config[JUDGE])), load_going_on(Path(config[GOING_ON])))

    def process(self, messages: List[Message]) -> List[Message]:
        """Returns the messages without their other readings."""
        kept: List[Message] = []
        readings: List[List[Message]] = []
        for message in messages:
            if message.get(ROLE) is None:
                kept.append(message)
                readings.append([])
            else:
                readings[-1].append(message)
        for message, others in zip(kept, readings, strict=True):
            self._decide(message, others)
        return kept

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Leaves the training data as it is."""
        return training_data

    def _decide(self, message: Message, others: Sequence[Message]) -> None:
        intent = intent_of(message)
        if intent in SAFETY:
            return
        parts = [one for one in others if one.get(ROLE) == PART]
        if (self._intents.is_open(intent) or intent in self._config[LIMITS]) and self._take_questions(
            message, parts
        ):
            return
        if self._take_context(message, others) or intent not in REJECTED:
            return
        for one in others:
            if (
                one.get(ROLE) in (PART, BARE)
                and self._intents.is_topic(intent_of(one))
                and self._is_sure(one)
            ):
                _take(message, one, BY_QUESTION)
                return

    def _take_questions(self, message: Message, parts: Sequence[Message]) -> bool:
        """Writes down the questions if there are two or more; the first topic becomes the intent.

        A limit stays what it is, also where only the whole message shows it.
        """
        asked = self.asked(parts)
        found = self._judge.questions(message.get(TEXT) or "", asked, self._config[SEVERAL])
        topics = [one for one in found if one.kind == TOPIC]
        if len(found) < 2 or not topics:
            return False
        of_part = {one.get(SPAN)[0]: one for one in parts}
        questions = [_question(one, of_part[one.part.start]) for one in found]
        if intent_of(message) in self._config[LIMITS] and intent_of(message) not in {
            one.intent for one in found
        }:
            questions.insert(0, _limit(message))
        message.set(QUESTIONS, questions, add_to_output=True)
        if intent_of(message) != topics[0].intent:
            _choose(message, topics[0].intent, topics[0].share, BY_QUESTION)
        return True

    def asked(self, parts: Sequence[Message]) -> List[Asked]:
        """Returns what each part asks for, without those that are small talk."""
        found = (self._intents.asked(part, self._config[COVERED]) for part in parts)
        return [one for one in found if one is not None]

    def _take_context(self, message: Message, others: Sequence[Message]) -> bool:
        """Takes the topic that the message has together with the one before it."""
        manner, alone = message.get(MANNER), _reading(others, REST) or message
        if manner is None or intent_of(alone) in SAFETY or not self._may_go_on(message, manner):
            return False
        found = self.in_context(message, others)
        if found is None or self._going_on.probability(signals(found[1])) < self._config[CONTEXT]:
            return self._take_rest(message, alone)
        _choose(message, found[0], found[1].both, BY_CONTEXT)
        return True

    def in_context(self, message: Message, others: Sequence[Message]) -> Optional[Tuple[str, Choice]]:
        """Returns the best topic of a message with the one before it, None where there is no choice."""
        together, alone = _reading(others, TOGETHER), _reading(others, REST) or message
        if together is None or intent_of(together) in SAFETY:
            return None
        text, answered = message.get(TEXT) or "", message.get(ANSWERED) or ""
        return self._intents.in_context(text, message.get(MANNER), alone, together, answered)

    def _take_rest(self, message: Message, alone: Message) -> bool:
        if alone is message or intent_of(alone) in REJECTED:
            return False
        _take(message, alone, BY_CONTEXT)
        return True

    def _may_go_on(self, message: Message, manner: Manner) -> bool:
        """Returns whether the choice for the message alone may be overruled."""
        intent = intent_of(message)
        if intent == NOT_UNDERSTOOD:
            return False
        if self._intents.is_open(intent):
            return True
        return manner.small_talk and intent not in self._config[KEPT]

    def _is_sure(self, message: Message) -> bool:
        is_topic = self._intents.is_topic(intent_of(message))
        return is_topic and bool(score_of(message) >= self._config[STORY])


def _reading(others: Sequence[Message], role: str) -> Optional[Message]:
    return next((one for one in others if one.get(ROLE) == role), None)


def _question(asked: Asked, part: Message) -> Dict[str, Any]:
    start = asked.part.start
    entities = [
        {**entity, "start": entity["start"] + start, "end": entity["end"] + start}
        for entity in part.get(ENTITIES) or []
    ]
    return {
        INTENT: asked.intent,
        "start": start,
        "end": asked.part.end,
        "score": asked.score,
        ENTITIES: entities,
    }


def _limit(message: Message) -> Dict[str, Any]:
    """Returns the limit that the whole message shows, as a question."""
    whole = {"start": 0, "end": len(message.get(TEXT)), "score": score_of(message)}
    return {INTENT: intent_of(message), **whole, ENTITIES: []}


def _take(message: Message, reading: Message, by: str) -> None:
    """Gives the message the intent of another reading."""
    intent = reading.get(INTENT)
    _choose(message, intent[INTENT_NAME_KEY], intent[PREDICTED_CONFIDENCE_KEY], by)


def _choose(message: Message, name: str, probability: float, by: str) -> None:
    put_first(message, name, probability)
    message.set(DECISION, decision(by, score_of(message)), add_to_output=True)
