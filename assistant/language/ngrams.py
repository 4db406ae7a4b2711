"""Words, pairs of words and groups of letters of a text, weighted by how much they tell (TF-IDF).

The sentence encoder sees meaning and passes over names; n-grams see names, and letters within
words bear misspellings. Together they choose better than either (docs/decisions/0005).
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse
from sklearn.feature_extraction.text import TfidfVectorizer

# How each part cuts a text, and in how many examples an n-gram must stand to count.
_PARTS: dict[str, dict[str, Any]] = {
    "words": {"ngram_range": (1, 2), "token_pattern": r"\b\w+\b", "min_df": 2},
    "letters": {"analyzer": "char_wb", "ngram_range": (3, 5), "min_df": 3},
}


@dataclass(frozen=True)
class Ngrams:
    """The n-grams of the training examples.

    Attributes:
        parts: a fitted vectorizer for each of the parts.
    """

    parts: tuple[TfidfVectorizer, ...]

    @property
    def size(self) -> int:
        """How many n-grams there are."""
        return sum(len(part.vocabulary_) for part in self.parts)

    def features(self, texts: Sequence[str]) -> sparse.csr_matrix:
        """Returns (n, size) weights; the words of a text have length 1, and so have its letters.

        A text without a known n-gram gives an empty row.
        """
        return sparse.hstack([part.transform(texts) for part in self.parts], format="csr", dtype=np.float32)

    def save(self, file: Path) -> None:
        """Writes n-grams and weights as JSON, without pickled objects."""
        content = [
            {"ngrams": list(part.get_feature_names_out()), "weights": part.idf_.tolist()}
            for part in self.parts
        ]
        file.write_text(json.dumps(content), encoding="utf-8")

    @classmethod
    def load(cls, file: Path) -> "Ngrams":
        """Reads what `save` wrote."""
        content = json.loads(file.read_text(encoding="utf-8"))
        return cls(tuple(_restored(name, part) for name, part in zip(_PARTS, content, strict=True)))


def fit_ngrams(texts: Sequence[str]) -> Ngrams:
    """Returns the n-grams of the texts; ValueError if none stands in enough of them."""
    return Ngrams(tuple(_vectorizer(name).fit(texts) for name in _PARTS))


def _vectorizer(name: str, **changed: Any) -> TfidfVectorizer:
    return TfidfVectorizer(sublinear_tf=True, dtype=np.float32, **{**_PARTS[name], **changed})


def _restored(name: str, part: dict[str, Any]) -> TfidfVectorizer:
    vectorizer = _vectorizer(name, vocabulary=part["ngrams"])
    vectorizer.idf_ = np.array(part["weights"], dtype=np.float32)
    return vectorizer
