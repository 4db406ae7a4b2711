"""Which intent a sentence embedding belongs to, with calibrated probabilities."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.optimize import minimize_scalar
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold

FOLDS = 5
SEED = 20


@dataclass(frozen=True)
class TopicModel:
    """Multinomial logistic regression over sentence embeddings.

    Attributes:
        labels: intent names, in the order of the rows of `weights`.
        weights: (labels, dimensions) float32.
        bias: (labels,) float32.
        temperature: divides the logits, so that a probability of 0.8 is right
            about 8 times in 10 on unseen text (Guo et al. 2017,
            arXiv:1706.04599).
    """

    labels: tuple[str, ...]
    weights: np.ndarray
    bias: np.ndarray
    temperature: float

    def probabilities(self, embeddings: np.ndarray) -> np.ndarray:
        """Returns (n, labels) probabilities for (n, dimensions) embeddings."""
        return softmax((embeddings @ self.weights.T + self.bias) / self.temperature)

    def save(self, file: Path) -> None:
        """Writes the model as a NumPy archive without pickled objects."""
        np.savez(
            file,
            labels=np.array(self.labels),
            weights=self.weights,
            bias=self.bias,
            temperature=np.array(self.temperature),
        )

    @classmethod
    def load(cls, file: Path) -> "TopicModel":
        """Reads what `save` wrote."""
        with np.load(file, allow_pickle=False) as data:
            return cls(
                tuple(str(label) for label in data["labels"]),
                data["weights"],
                data["bias"],
                float(data["temperature"]),
            )


def fit_topic_model(embeddings: np.ndarray, labels: list[str], strength: float) -> TopicModel:
    """Fits the model and its temperature.

    The temperature is fitted on out-of-fold logits: in-sample ones are too
    sure of themselves.

    Args:
        embeddings: (n, dimensions), L2-normalised.
        labels: n intent names; each at least `FOLDS` times.
        strength: inverse regularisation C of the logistic regression.
    """
    names = sorted(set(labels))
    targets = np.array([names.index(label) for label in labels])
    logits = np.zeros((len(labels), len(names)))
    for train, test in folds(targets):
        logits[test] = logits_of(embeddings, targets, train, test, len(names), strength)
    weights, bias = _fit_logits(embeddings, targets, len(names), strength)
    return TopicModel(tuple(names), weights, bias, fit_temperature(logits, targets))


def folds(targets: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    """Returns (train, test) index pairs, stratified and always the same."""
    splitter = StratifiedKFold(FOLDS, shuffle=True, random_state=SEED)
    return list(splitter.split(np.zeros(len(targets)), targets))


def logits_of(
    embeddings: np.ndarray,
    targets: np.ndarray,
    train: np.ndarray,
    test: np.ndarray,
    classes: int,
    strength: float,
) -> np.ndarray:
    """Returns (len(test), classes) logits of a model fitted on `train` alone."""
    weights, bias = _fit_logits(embeddings[train], targets[train], classes, strength)
    return embeddings[test] @ weights.T + bias


def _fit_logits(
    embeddings: np.ndarray, targets: np.ndarray, classes: int, strength: float
) -> tuple[np.ndarray, np.ndarray]:
    # a class that is missing from `targets` gets a bias that rules it out
    model = LogisticRegression(C=strength, class_weight="balanced", max_iter=200, tol=0.1)
    model.fit(embeddings, targets)
    weights = np.zeros((classes, embeddings.shape[1]), dtype=np.float32)
    bias = np.full(classes, -1e3, dtype=np.float32)
    weights[model.classes_] = model.coef_
    bias[model.classes_] = model.intercept_
    return weights, bias


def softmax(logits: np.ndarray) -> np.ndarray:
    """Returns row-wise probabilities."""
    shifted = np.exp(logits - logits.max(axis=1, keepdims=True))
    return shifted / shifted.sum(axis=1, keepdims=True)


def fit_temperature(logits: np.ndarray, targets: np.ndarray) -> float:
    """Returns the temperature that makes out-of-fold logits most likely."""
    rows = np.arange(len(targets))

    def loss(log_temperature: float) -> float:
        chosen = softmax(logits / np.exp(log_temperature))[rows, targets]
        return float(-np.log(np.maximum(chosen, 1e-12)).mean())

    return float(np.exp(minimize_scalar(loss, bounds=(-3.0, 3.0), method="bounded").x))
