"""The features of messages and training data, as our classifiers read them."""

from typing import Iterable, List, Optional, Tuple

import numpy as np
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from scipy import sparse

from assistant.errors import ModelError
from assistant.language.topic_model import Examples

CORRECTED_TEXT = "corrected_text"
"""Key of the text with misspelt subject words corrected; not stored with the message."""


def features_of(message: Message) -> Optional[Examples]:
    """Returns the features of one message, or None for one without text."""
    _, dense = message.get_dense_features(TEXT)
    _, ngrams = message.get_sparse_features(TEXT)
    if dense is None or ngrams is None:
        return None
    return Examples(dense.features, ngrams.features)


def labelled_features(messages: Iterable[Message], label: str) -> Tuple[Examples, List[str]]:
    """Returns the features of those messages that have some, and what each has under the key `label`.

    A message without that key is labelled "". Raises ModelError when no message has features.
    """
    rows, labels = [], []
    for message in messages:
        features = features_of(message)
        if features is not None:
            rows.append(features)
            labels.append(message.get(label) or "")
    if not rows:
        raise ModelError(
            "Training found no example with features. Check that data/nlu has examples and that "
            "SentenceEncoderFeaturizer and NgramFeaturizer stand before the classifiers in config.yml."
        )
    embeddings = np.concatenate([row.embeddings for row in rows])
    return Examples(embeddings, sparse.vstack([row.ngrams for row in rows], format="csr")), labels
