"""Chooses among the ways in which a message may be read, and writes down the questions it asks."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict, List, Optional, Sequence

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import (
    ENTITIES,
    INTENT,
    INTENT_NAME_KEY,
    INTENT_RANKING_KEY,
    PREDICTED_CONFIDENCE_KEY,
    TEXT,
)
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from assistant.language.follow_up import Manner, read_together
from assistant.language.question_judge import LIMIT, NOT_COVERED, TOPIC, Asked, Judge, load_judge
from assistant.language.questions import Part
from assistant.nlu.decision import (
    BY_CONTEXT,
    BY_QUESTION,
    DECISION,
    INTENT_OF_LEVEL,
    NEIGHBOUR,
    NOT_UNDERSTOOD,
    OUT_OF_SCOPE,
    TOPIC_INTENT,
    decision,
    put_first,
)
from assistant.nlu.question_splitter import (
    ALONE,
    ANSWERED,
    ASKS,
    BARE,
    MANNER,
    PART,
    REST,
    ROLE,
    SPAN,
    TOGETHER,
)

QUESTIONS = "questions"
"""Key of the questions of a message that asks more than one thing.

Each has intent, start and end (characters of the message), score and entities; the intent
out_of_scope stands for a question that is not covered.
"""
JUDGE = "judge"
SEVERAL = "several"
COVERED = "covered"
CONTEXT = "context"
STORY = "story"
NO_TOPIC = "no_topic"
LIMITS = "limits"
KEPT = "kept"
REJECTED = frozenset({OUT_OF_SCOPE, NOT_UNDERSTOOD})
SAFETY = frozenset(INTENT_OF_LEVEL.values())
# Probability of all small talk from which a part is no question.
SMALL_TALK = 0.5

Ranking = Dict[str, float]


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
            # probability from which a message is taken as going on with the one before it
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

    def __init__(self, config: Dict[str, Any], judge: Judge) -> None:
        """Takes the options and the fitted judge."""
        self._config = config
        self._judge = judge

    @classmethod
    def create(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> QuestionCollector:
        """Reads the weights; raises ContentError when their file is broken."""
        return cls(config, load_judge(Path(config[JUDGE])))

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
        intent = _intent(message)
        if intent in SAFETY:
            return
        parts = [one for one in others if one.get(ROLE) == PART]
        if (self._is_open(intent) or intent in self._config[LIMITS]) and self._take_questions(message, parts):
            return
        if self._take_context(message, others) or intent not in REJECTED:
            return
        for one in others:
            if one.get(ROLE) in (PART, BARE) and self._is_topic(_intent(one)) and self._is_sure(one):
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
        if _intent(message) in self._config[LIMITS] and _intent(message) not in {one.intent for one in found}:
            questions.insert(0, _limit(message))
        message.set(QUESTIONS, questions, add_to_output=True)
        if _intent(message) != topics[0].intent:
            _choose(message, topics[0].intent, topics[0].share, BY_QUESTION)
        return True

    def asked(self, parts: Sequence[Message]) -> List[Asked]:
        """Returns what each part asks for, without those that are small talk."""
        found = (self._asked(part) for part in parts)
        return [one for one in found if one is not None]

    def _asked(self, message: Message) -> Optional[Asked]:
        ranking = _ranking(message)
        start, end = message.get(SPAN)
        part = Part(start, end, message.get(ASKS), message.get(ALONE))
        score = (message.get(DECISION) or {}).get("score", 0.0)
        chosen = _intent(message)
        if chosen in self._config[LIMITS]:
            return Asked(part, chosen, LIMIT, ranking.get(chosen, 0.0), score)
        shares = {name: share for name, share in ranking.items() if self._is_topic(name)}
        shares[OUT_OF_SCOPE] = sum(share for name, share in ranking.items() if name.startswith(NEIGHBOUR))
        if 1 - sum(shares.values()) > SMALL_TALK and chosen not in REJECTED:
            return None
        best = max(shares, key=lambda name: shares[name])
        if best == OUT_OF_SCOPE or shares[best] < self._config[COVERED]:
            return Asked(part, OUT_OF_SCOPE, NOT_COVERED, shares[OUT_OF_SCOPE], score)
        return Asked(part, best, TOPIC, shares[best], score)

    def _take_context(self, message: Message, others: Sequence[Message]) -> bool:
        """Takes the topic that the message has together with the one before it."""
        by_role = {one.get(ROLE): one for one in others}
        together, manner = by_role.get(TOGETHER), message.get(MANNER)
        alone = by_role.get(REST, message)
        if manner is None or _intent(alone) in SAFETY or not self._may_go_on(message, manner):
            return False
        if together is None or _intent(together) in SAFETY:
            return self._take_rest(message, alone)
        first, both, answered = self._topics(alone), self._topics(together), message.get(ANSWERED) or ""
        shares = read_together(manner, first, both, answered)
        if not shares:
            return self._take_rest(message, alone)
        best = max(shares, key=lambda name: shares[name])
        # of weak chances one is always the greatest: one reading must speak for it, or "why" for the answer
        likely = max(first.get(best, 0.0), both.get(best, 0.0)) >= self._config[CONTEXT]
        is_kept = best == answered and manner.topic > 0
        if best == _intent(alone) or shares[best] < self._config[CONTEXT] or not (likely or is_kept):
            return self._take_rest(message, alone)
        _choose(message, best, shares[best], BY_CONTEXT)
        return True

    def _take_rest(self, message: Message, alone: Message) -> bool:
        if alone is message or _intent(alone) in REJECTED:
            return False
        _take(message, alone, BY_CONTEXT)
        return True

    def _may_go_on(self, message: Message, manner: Manner) -> bool:
        """Returns whether the choice for the message alone may be overruled."""
        intent = _intent(message)
        if intent == NOT_UNDERSTOOD:
            return False
        if self._is_open(intent):
            return True
        return manner.small_talk and intent not in self._config[KEPT]

    def _topics(self, message: Message) -> Ranking:
        return {name: share for name, share in _ranking(message).items() if self._is_topic(name)}

    def _is_topic(self, intent: str) -> bool:
        return intent.startswith(TOPIC_INTENT) and intent not in self._config[NO_TOPIC]

    def _is_open(self, intent: str) -> bool:
        """Returns whether an intent is a topic, or says that there is none."""
        return intent in REJECTED or intent.startswith(NEIGHBOUR) or self._is_topic(intent)

    def _is_sure(self, message: Message) -> bool:
        return bool(message.get(DECISION, {}).get("score", 0.0) >= self._config[STORY])


def _intent(message: Message) -> str:
    return str((message.get(INTENT) or {}).get(INTENT_NAME_KEY) or "")


def _ranking(message: Message) -> Ranking:
    ranked = message.get(INTENT_RANKING_KEY) or []
    return {one[INTENT_NAME_KEY]: one[PREDICTED_CONFIDENCE_KEY] for one in ranked}


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
    score = (message.get(DECISION) or {}).get("score", 0.0)
    return {INTENT: _intent(message), "start": 0, "end": len(message.get(TEXT)), "score": score, ENTITIES: []}


def _take(message: Message, reading: Message, by: str) -> None:
    """Gives the message the intent of another reading."""
    intent = reading.get(INTENT)
    _choose(message, intent[INTENT_NAME_KEY], intent[PREDICTED_CONFIDENCE_KEY], by)


def _choose(message: Message, name: str, probability: float, by: str) -> None:
    earlier: Dict[str, Any] = message.get(DECISION) or {}
    put_first(message, name, probability)
    message.set(DECISION, decision(by, earlier.get("score", 0.0)), add_to_output=True)
