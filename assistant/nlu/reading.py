"""What one reading of a message says: a part, the whole, or the whole with the message before it."""

from typing import Dict, FrozenSet, NamedTuple, Optional

from rasa.shared.nlu.constants import (
    INTENT,
    INTENT_NAME_KEY,
    INTENT_RANKING_KEY,
    PREDICTED_CONFIDENCE_KEY,
)
from rasa.shared.nlu.training_data.message import Message

from assistant.language import going_on
from assistant.language.follow_up import Manner, read_together
from assistant.language.going_on import Choice
from assistant.language.question_judge import LIMIT, NOT_COVERED, TOPIC, Asked
from assistant.language.questions import Part
from assistant.nlu.decision import DECISION, NEIGHBOUR, NOT_UNDERSTOOD, OUT_OF_SCOPE, TOPIC_INTENT
from assistant.nlu.question_splitter import ALONE, ASKS, SPAN

REJECTED = frozenset({OUT_OF_SCOPE, NOT_UNDERSTOOD})
# Probability of all small talk from which a part is no question.
SMALL_TALK = 0.5

Ranking = Dict[str, float]


def intent_of(message: Message) -> str:
    """Returns the name of the intent, "" if there is none."""
    return str((message.get(INTENT) or {}).get(INTENT_NAME_KEY) or "")


def score_of(message: Message) -> float:
    """Returns the chance, 0 to 1, that the classifier's choice is right; 0 where nothing says so."""
    return float((message.get(DECISION) or {}).get("score", 0.0))


class Intents(NamedTuple):
    """Which intents are what.

    Attributes:
        no_topic: those with the prefix of topics that are none.
        limits: of these, what is never done: advice, a recipe.
    """

    no_topic: FrozenSet[str]
    limits: FrozenSet[str]

    def is_topic(self, intent: str) -> bool:
        """Returns whether an intent stands for a topic."""
        return intent.startswith(TOPIC_INTENT) and intent not in self.no_topic

    def is_open(self, intent: str) -> bool:
        """Returns whether an intent is a topic, or says that there is none."""
        return intent in REJECTED or intent.startswith(NEIGHBOUR) or self.is_topic(intent)

    def topics(self, message: Message) -> Ranking:
        """Returns the topics of the ranking with their probabilities."""
        return {name: share for name, share in _ranking(message).items() if self.is_topic(name)}

    def asked(self, message: Message, covered: float) -> Optional[Asked]:
        """Returns what a part asks for, None where it is small talk.

        Args:
            message: the reading of the part.
            covered: probability of its topic below which it is not covered.
        """
        start, end = message.get(SPAN)
        part = Part(start, end, message.get(ASKS), message.get(ALONE))
        chosen, score, ranking = intent_of(message), score_of(message), _ranking(message)
        if chosen in self.limits:
            return Asked(part, chosen, LIMIT, ranking.get(chosen, 0.0), score)
        shares = {**self.topics(message), OUT_OF_SCOPE: _uncovered(ranking)}
        if 1 - sum(shares.values()) > SMALL_TALK and chosen not in REJECTED:
            return None
        best = max(shares, key=lambda name: shares[name])
        if best == OUT_OF_SCOPE or shares[best] < covered:
            return Asked(part, OUT_OF_SCOPE, NOT_COVERED, shares[OUT_OF_SCOPE], score)
        return Asked(part, best, TOPIC, shares[best], score)

    def in_context(
        self, text: str, manner: Manner, alone: Message, together: Message, answered: str
    ) -> Optional[tuple[str, Choice]]:
        """Returns the best topic of a message with the one before it, and the choice that this leaves.

        None where no topic is in question, or the message alone is about the same.
        """
        first, both = self.topics(alone), self.topics(together)
        shares = read_together(manner, first, both, answered)
        best = max(shares, key=lambda name: shares[name], default="")
        if not best or best == intent_of(alone):
            return None
        ranking = _ranking(alone)
        return best, Choice(
            text=text,
            manner=manner.name,
            kind=self._kind(intent_of(alone)),
            score=score_of(alone),
            likeliest=max(ranking.values(), default=0.0),
            uncovered=_uncovered(ranking),
            alone=first.get(best, 0.0),
            together=both.get(best, 0.0),
            both=shares[best],
            answered=best == answered,
        )

    def _kind(self, intent: str) -> str:
        if self.is_topic(intent):
            return going_on.TOPIC
        return going_on.NOT_COVERED if self.is_open(intent) else going_on.SMALL_TALK


def _ranking(message: Message) -> Ranking:
    """Returns the classifier's probabilities, without what the rejection put before them."""
    ranked = message.get(INTENT_RANKING_KEY) or []
    shares = {one[INTENT_NAME_KEY]: one[PREDICTED_CONFIDENCE_KEY] for one in ranked}
    return {name: share for name, share in shares.items() if name not in REJECTED}


def _uncovered(ranking: Ranking) -> float:
    return sum(share for name, share in ranking.items() if name.startswith(NEIGHBOUR))
