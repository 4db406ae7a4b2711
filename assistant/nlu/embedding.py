"""The sentence embedding of messages and training data, as our components read it."""

from typing import List, Optional, Tuple

import numpy as np
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from assistant.errors import ModelError


def embedding_of(message: Message) -> Optional[np.ndarray]:
    """Returns the (dimensions,) embedding, or None for a message without one."""
    _, sentence = message.get_dense_features(TEXT)
    return None if sentence is None else sentence.features[0]


def labelled_embeddings(training_data: TrainingData) -> Tuple[np.ndarray, List[str]]:
    """Returns (n, dimensions) embeddings and n intent names of the examples.

    Raises ModelError when there is no example with an embedding.
    """
    rows, labels = [], []
    for message in training_data.intent_examples:
        embedding = embedding_of(message)
        if embedding is not None:
            rows.append(embedding)
            labels.append(message.get(INTENT))
    if not rows:
        raise ModelError(
            "Training found no intent example with an embedding. Check that data/nlu has examples and "
            "that SentenceEncoderFeaturizer stands before the classifiers in config.yml."
        )
    return np.array(rows), labels
