"""Whether a message really is about the intent that the topic model names.

The topic model must choose one of its labels, also for text that none of them
covers. The rejection model looks at how it chose and answers how likely the
choice is right.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression

from assistant.language.nearest_examples import NearestExamples, group_examples
from assistant.language.topic_model import Examples, Fitting, fit_temperature, folds, margins_of, softmax

NEIGHBOURS = 5
FOLDS = 2
LABEL_GROUPS = 4
# Leaving out half of the groups in turn is enough: each fit takes as long as the topic model itself.
GROUPS_LEFT_OUT = 2
# Decisions looked at of each fit; four signals need no more.
ASKED = 4000


@dataclass(frozen=True)
class RejectionModel:
    """A small logistic model over four signals of one decision.

    Signals: probability of the best label, its margin to the second, mean
    cosine to the nearest training examples, and the share of these that carry
    the best label. Why several: docs/decisions/0004.

    Attributes:
        names: label names, sorted.
        known: the training examples.
        weights: (signals,) and bias of the logistic model on scaled signals.
        mean, scale: (signals,) to scale the signals by.
        threshold: score below which a choice is rejected.
    """

    names: tuple[str, ...]
    known: NearestExamples
    weights: np.ndarray
    bias: float
    mean: np.ndarray
    scale: np.ndarray
    threshold: float

    def score(self, embedding: np.ndarray, label: str, first: float, second: float) -> float:
        """Returns the chance, 0 to 1, that `label` is right.

        Args:
            embedding: (dimensions,), L2-normalised.
            label: the topic model's best label.
            first, second: the two highest probabilities.
        """
        cosines, labels = self.known.find(embedding, NEIGHBOURS)
        agreement = (labels == self.names.index(label)).mean()
        signals = np.array([first, first - second, cosines.mean(), agreement])
        return float(_logistic(((signals - self.mean) / self.scale) @ self.weights + self.bias))

    def save(self, file: Path) -> None:
        """Writes the model as a NumPy archive without pickled objects."""
        own = {name: np.array(value) for name, value in vars(self).items() if name != "known"}
        np.savez(file, **own, **vars(self.known))

    @classmethod
    def load(cls, file: Path) -> "RejectionModel":
        """Reads what `save` wrote."""
        with np.load(file, allow_pickle=False) as data:
            return cls(
                tuple(str(label) for label in data["names"]),
                NearestExamples(data["centres"], data["starts"], data["examples"], data["labels"]),
                data["weights"],
                float(data["bias"]),
                data["mean"],
                data["scale"],
                float(data["threshold"]),
            )


def fit_rejection_model(
    examples: Examples, labels: list[str], fitting: Fitting, keep: float
) -> RejectionModel:
    """Fits on decisions about text that the topic model has not seen.

    Right decisions come from out-of-fold predictions. Wrong ones are the
    out-of-fold mistakes, and the examples of whole groups of labels that were
    left out: to a model without its label an example is out of scope. No
    out-of-scope text is needed.

    Args:
        examples: n texts.
        labels: n label names; each at least `FOLDS` times.
        fitting: how the topic model is fitted.
        keep: share of right decisions that must stay, 0 to 1.
    """
    names = sorted(set(labels))
    targets = np.array([names.index(label) for label in labels])
    inside = folds(targets, FOLDS)
    outside = [
        (np.flatnonzero(targets % LABEL_GROUPS != group), np.flatnonzero(targets % LABEL_GROUPS == group))
        for group in range(GROUPS_LEFT_OUT)
    ]
    margins = margins_of(examples, targets, [*inside, *outside], len(names), fitting)
    seen = np.concatenate([test for _, test in inside])
    temperature = fit_temperature(np.concatenate(margins[:FOLDS]), targets[seen])
    signals, right = [], []
    for (train, test), found in zip([*inside, *outside], margins, strict=True):
        some = np.arange(0, len(test), max(1, len(test) // ASKED))
        probabilities = softmax(found[some] / temperature)
        known, asked = examples.embeddings[train], examples.embeddings[test[some]]
        signals.append(_signals(asked, *_top_two(probabilities), known, targets[train]))
        right.append(probabilities.argmax(axis=1) == targets[test[some]])
    table, outcome = np.concatenate(signals), np.concatenate(right)
    mean, scale = table.mean(axis=0), table.std(axis=0) + 1e-9
    logistic = LogisticRegression(class_weight="balanced").fit((table - mean) / scale, outcome)
    scores = logistic.predict_proba((table - mean) / scale)[:, 1]
    return RejectionModel(
        tuple(names),
        group_examples(examples.embeddings, targets),
        logistic.coef_[0],
        float(logistic.intercept_[0]),
        mean,
        scale,
        float(np.quantile(scores[outcome], 1 - keep)),
    )


def _signals(
    embeddings: np.ndarray,
    best: np.ndarray,
    first: np.ndarray,
    second: np.ndarray,
    examples: np.ndarray,
    example_labels: np.ndarray,
) -> np.ndarray:
    cosines = embeddings @ examples.T
    nearest = np.argpartition(-cosines, NEIGHBOURS - 1, axis=1)[:, :NEIGHBOURS]
    closeness = np.take_along_axis(cosines, nearest, axis=1).mean(axis=1)
    agreement = (example_labels[nearest] == best[:, None]).mean(axis=1)
    return np.column_stack([first, first - second, closeness, agreement])


def _top_two(probabilities: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    two = np.sort(probabilities, axis=1)[:, -2:]
    return probabilities.argmax(axis=1), two[:, 1], two[:, 0]


def _logistic(value: np.ndarray) -> np.ndarray:
    return 1.0 / (1.0 + np.exp(-value))
