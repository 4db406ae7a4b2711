"""Sets the intent to out_of_scope when the classifier's choice is not to be trusted."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Dict, FrozenSet, List, Optional, Type

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.nlu.constants import TOKENS_NAMES
from rasa.nlu.featurizers.featurizer import Featurizer
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

from assistant.language.cues import Cues, load_cues
from assistant.language.other_treatment import Mention, is_about_another_treatment
from assistant.language.rejection_model import RejectionModel, fit_rejection_model
from assistant.language.topic_model import Fitting
from assistant.nlu.decision import DECISION, NEIGHBOUR, NOT_UNDERSTOOD, OUT_OF_SCOPE, decision, put_first
from assistant.nlu.features import features_of, labelled_features

STRENGTH = "strength"
NGRAM_WEIGHT = "ngram_weight"
BALANCE = "balance"
KEEP = "keep"
MESOTHERAPY_ONLY = "mesotherapy_only"
NEIGHBOUR_SHARE = "neighbour_share"
PREFERRED = "preferred"
CUES = "cues"
CUED = "cued"
MODEL_FILE = "rejection_model.npz"
WORDS_FILE = "known_words.json"

TREATMENT = "treatment"
"""Entity of the treatments that a message names."""


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class RejectionClassifier(GraphComponent, IntentClassifier):
    """Rejects by several signals fitted on held-out data.

    Differs from Rasa's FallbackClassifier, whose fixed thresholds on one
    probability cannot be compared between questions. A rejected message
    becomes `out_of_scope`, or `nlu_fallback` when no word of it is known.
    """

    @classmethod
    def required_components(cls) -> List[Type]:
        """Components that must stand before this one.

        TopicClassifier must too, but in Rasa's training graph no classifier
        stands before another, and it would refuse the pipeline.
        """
        return [Featurizer]

    @staticmethod
    def required_packages() -> List[str]:
        """Python packages that must be installed."""
        return ["sklearn"]

    @staticmethod
    def get_default_config() -> Dict[str, Any]:
        """The component's options."""
        return {
            # how the topic model is fitted; as in TopicClassifier
            STRENGTH: 0.3,
            NGRAM_WEIGHT: 1.5,
            BALANCE: 0.75,
            # share of right choices on held-out text that must not be rejected
            KEEP: 0.9,
            # probability from which an intent is taken, although another is likelier or the score is low:
            # for replies that do no harm where the choice is wrong, and help where it is right
            PREFERRED: {},
            # the same beside a wording of the file of cues
            CUED: {},
            CUES: "data/lookups/cues.yml",
            # probability of all neighbour intents together from which a topic is not answered
            NEIGHBOUR_SHARE: 1.0,
            # intents that do not answer a question about another treatment alone
            MESOTHERAPY_ONLY: [],
        }

    def __init__(
        self,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        model: Optional[RejectionModel] = None,
        known_words: FrozenSet[str] = frozenset(),
    ) -> None:
        """Takes the fitted model and the words of the training examples; reads the cues."""
        self._config = config
        self._model_storage = model_storage
        self._resource = resource
        self._model = model
        self._known_words = known_words
        self._cues: Cues = load_cues(Path(config[CUES]))

    @classmethod
    def create(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> RejectionClassifier:
        """See parent class."""
        return cls(config, model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        """Fits the model on the intent examples and stores it."""
        examples, labels = labelled_features(training_data.intent_examples, INTENT)
        fitting = Fitting(self._config[STRENGTH], self._config[NGRAM_WEIGHT], self._config[BALANCE])
        self._model = fit_rejection_model(examples, labels, fitting, self._config[KEEP])
        words = {word for message in training_data.intent_examples for word in _words(message)}
        self._known_words = frozenset(words)
        with self._model_storage.write_to(self._resource) as folder:
            self._model.save(folder / MODEL_FILE)
            (folder / WORDS_FILE).write_text(json.dumps(sorted(words)), encoding="utf-8")
        return self._resource

    @classmethod
    def load(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> RejectionClassifier:
        """Loads what `train` stored."""
        with model_storage.read_from(resource) as folder:
            words = json.loads((folder / WORDS_FILE).read_text(encoding="utf-8"))
            model = RejectionModel.load(folder / MODEL_FILE)
        return cls(config, model_storage, resource, model, frozenset(words))

    def process(self, messages: List[Message]) -> List[Message]:
        """Rejects where the score is below the fitted threshold."""
        for message in messages:
            self._judge(message)
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Leaves the training data as it is."""
        return training_data

    def _judge(self, message: Message) -> None:
        ranking = message.get(INTENT_RANKING_KEY, [])
        score = self._score(message, ranking)
        known = any(word in self._known_words for word in _words(message))
        preferred = self._preferred(message, ranking) if known else None
        rejected = preferred is None and (
            self._is_rejected(ranking, score)
            or (not known and self._names_neighbour(ranking))
            or self._is_near_a_neighbour(ranking)
            or self._is_about_another(message, ranking)
        )
        message.set(DECISION, decision("rejection" if rejected else "classifier", score), add_to_output=True)
        if rejected:
            name = OUT_OF_SCOPE if known else NOT_UNDERSTOOD
            put_first(message, name, 1 - score)
        elif preferred is not None:
            put_first(message, preferred[INTENT_NAME_KEY], preferred[PREDICTED_CONFIDENCE_KEY])

    def _preferred(self, message: Message, ranking: List[Dict[str, Any]]) -> Optional[Dict[str, Any]]:
        """Returns an intent that is taken whatever else speaks against it."""
        for entry in ranking:
            name, probability = entry[INTENT_NAME_KEY], entry[PREDICTED_CONFIDENCE_KEY]
            if probability >= self._config[PREFERRED].get(name, 2) or (
                probability >= self._config[CUED].get(name, 2)
                and self._cues.speaks_for(name, message.get(TEXT))
            ):
                return entry
        return None

    def _is_rejected(self, ranking: List[Dict[str, Any]], score: float) -> bool:
        return self._model is None or not ranking or score < self._model.threshold

    @staticmethod
    def _names_neighbour(ranking: List[Dict[str, Any]]) -> bool:
        """Returns whether the choice is a neighbour; of signs and rubbish none can be meant."""
        return bool(ranking) and ranking[0][INTENT_NAME_KEY].startswith(NEIGHBOUR)

    def _is_near_a_neighbour(self, ranking: List[Dict[str, Any]]) -> bool:
        """Returns whether the topic is too little surer than what is not covered."""
        if not ranking[0][INTENT_NAME_KEY].startswith("ask_"):
            return False
        shares = [
            one[PREDICTED_CONFIDENCE_KEY] for one in ranking if one[INTENT_NAME_KEY].startswith(NEIGHBOUR)
        ]
        return sum(shares) >= self._config[NEIGHBOUR_SHARE]

    def _is_about_another(self, message: Message, ranking: List[Dict[str, Any]]) -> bool:
        if not ranking or ranking[0][INTENT_NAME_KEY] not in self._config[MESOTHERAPY_ONLY]:
            return False
        mentions = [
            Mention(entity["value"], entity["start"], entity["end"])
            for entity in message.get(ENTITIES, [])
            if entity["entity"] == TREATMENT
        ]
        return is_about_another_treatment(message.get(TEXT), mentions)

    def _score(self, message: Message, ranking: List[Dict[str, Any]]) -> float:
        features = features_of(message)
        if self._model is None or features is None or len(ranking) < 2:
            return 0.0
        first, second = (entry[PREDICTED_CONFIDENCE_KEY] for entry in ranking[:2])
        return self._model.score(features.embeddings[0], ranking[0][INTENT_NAME_KEY], first, second)


def _words(message: Message) -> List[str]:
    words = (token.text.lower() for token in message.get(TOKENS_NAMES[TEXT], []))
    return [word for word in words if len(word) > 2 and word.isalpha()]
