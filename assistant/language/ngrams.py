"""Words, pairs of words and groups of letters of a text, weighted by how much they tell (TF-IDF).

The sentence encoder sees meaning and passes over names; n-grams see names, and letters within
words bear misspellings. Together they choose better than either (docs/decisions/0005).
"""

import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate
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
class Part:
    """One way of cutting a text.

    Weighs as scikit-learn's TfidfVectorizer does, which takes ten times as long for a single text:
    (1 + ln count) * idf, then length 1.

    Attributes:
        cut: text to its n-grams.
        places: n-gram to its column, 0 to size - 1.
        weights: (size,) inverse document frequency of each column.
    """

    cut: Callable[[str], list[str]]
    places: dict[str, int]
    weights: np.ndarray

    def row(self, text: str) -> tuple[np.ndarray, np.ndarray]:
        """Returns columns, ascending, and values of the n-grams that are known."""
        places = self.places
        counts = Counter(places[ngram] for ngram in self.cut(text) if ngram in places)
        columns = np.array(sorted(counts), dtype=np.int32)
        values = np.array([counts[column] for column in columns.tolist()], dtype=np.float32)
        values = (1 + np.log(values)) * self.weights[columns]
        return columns, values / (np.linalg.norm(values) or 1)


@dataclass(frozen=True)
class Ngrams:
    """The n-grams of the training examples.

    Attributes:
        parts: the ways of cutting, in the order of their columns.
    """

    parts: tuple[Part, ...]

    @property
    def size(self) -> int:
        """How many n-grams there are."""
        return sum(len(part.places) for part in self.parts)

    def features(self, texts: Sequence[str]) -> sparse.csr_matrix:
        """Returns (n, size) weights; the words of a text have length 1, and so have its letters.

        A text without a known n-gram gives an empty row.
        """
        offsets = [0, *accumulate(len(part.places) for part in self.parts)]
        columns, values, ends = [], [], [0]
        for text in texts:
            rows = [part.row(text) for part in self.parts]
            columns += [found + offset for (found, _), offset in zip(rows, offsets, strict=False)]
            values += [found for _, found in rows]
            ends.append(ends[-1] + sum(len(found) for found, _ in rows))
        table = (np.concatenate(values), np.concatenate(columns), np.array(ends, dtype=np.int32))
        return sparse.csr_matrix(table, shape=(len(texts), self.size), dtype=np.float32)

    def save(self, file: Path) -> None:
        """Writes n-grams and weights as JSON, without pickled objects."""
        content = [{"ngrams": list(part.places), "weights": part.weights.tolist()} for part in self.parts]
        file.write_text(json.dumps(content), encoding="utf-8")

    @classmethod
    def load(cls, file: Path) -> "Ngrams":
        """Reads what `save` wrote."""
        content = json.loads(file.read_text(encoding="utf-8"))
        return cls(
            tuple(
                _part(_vectorizer(name), part["ngrams"], np.array(part["weights"], dtype=np.float32))
                for name, part in zip(_PARTS, content, strict=True)
            )
        )


def fit_ngrams(texts: Sequence[str]) -> Ngrams:
    """Returns the n-grams of the texts; ValueError if none stands in enough of them."""
    fitted = [_vectorizer(name).fit(texts) for name in _PARTS]
    return Ngrams(tuple(_part(one, one.get_feature_names_out(), one.idf_) for one in fitted))


def _vectorizer(name: str) -> TfidfVectorizer:
    return TfidfVectorizer(sublinear_tf=True, dtype=np.float32, **_PARTS[name])


def _part(vectorizer: TfidfVectorizer, ngrams: Sequence[str], weights: np.ndarray) -> Part:
    return Part(vectorizer.build_analyzer(), {str(one): place for place, one in enumerate(ngrams)}, weights)
