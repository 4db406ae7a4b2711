"""Which intent a text belongs to, with calibrated probabilities."""

import os
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from joblib import Parallel, delayed
from scipy import sparse
from scipy.optimize import minimize_scalar
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import StratifiedKFold
from sklearn.svm import LinearSVC

SEED = 20
# A class that a model has never seen must not be chosen.
_RULED_OUT = -1e3
# Passes over the examples. In a trial on dev.jsonl, which no command repeats, six gave the same
# shares as a full convergence in two thirds of the time.
PASSES = 6
# Below this many examples other processes take longer to start than the fits take.
_ALONE = 2000


@dataclass(frozen=True)
class Examples:
    """Texts as the model sees them.

    Attributes:
        embeddings: (n, dimensions) sentence embeddings, L2-normalised.
        ngrams: (n, size) weighted n-grams.
    """

    embeddings: np.ndarray
    ngrams: sparse.csr_matrix

    def __len__(self) -> int:
        """How many texts."""
        return len(self.embeddings)

    def __getitem__(self, rows: np.ndarray) -> "Examples":
        """The texts of these rows."""
        return Examples(self.embeddings[rows], self.ngrams[rows])


@dataclass(frozen=True)
class Fitting:
    """How the model is fitted.

    Attributes:
        strength: inverse regularisation C.
        ngram_weight: length of the two n-gram parts beside the embedding's 1.
        balance: 0 to 1; power of the inverse class size by which errors count.
            At 1 every intent counts alike, at 0 every example.
    """

    strength: float
    ngram_weight: float
    balance: float


@dataclass(frozen=True)
class TopicModel:
    """Linear support vector machine over embedding and n-grams, one intent against the rest.

    Attributes:
        labels: intent names, in the order of the rows of `weights`.
        weights: (labels, dimensions) float32.
        ngram_weights: (size, labels) float32.
        bias: (labels,) float32.
        temperature: divides the margins, so that a probability of 0.8 is right
            about 8 times in 10 on unseen text (Guo et al. 2017,
            arXiv:1706.04599).
    """

    labels: tuple[str, ...]
    weights: np.ndarray
    ngram_weights: np.ndarray
    bias: np.ndarray
    temperature: float

    def probabilities(self, examples: Examples) -> np.ndarray:
        """Returns (n, labels) probabilities."""
        margins = examples.embeddings @ self.weights.T + examples.ngrams @ self.ngram_weights + self.bias
        return softmax(np.asarray(margins) / self.temperature)

    def save(self, file: Path) -> None:
        """Writes the model as a NumPy archive without pickled objects."""
        np.savez(file, **{name: np.array(value) for name, value in vars(self).items()})

    @classmethod
    def load(cls, file: Path) -> "TopicModel":
        """Reads what `save` wrote."""
        with np.load(file, allow_pickle=False) as data:
            return cls(
                tuple(str(label) for label in data["labels"]),
                data["weights"],
                data["ngram_weights"],
                data["bias"],
                float(data["temperature"]),
            )


def fit_topic_model(examples: Examples, labels: list[str], fitting: Fitting) -> TopicModel:
    """Fits the model and its temperature.

    The temperature is fitted on examples that a second model has not seen: on
    its own ones a model is too sure of itself.

    Args:
        examples: n texts.
        labels: n intent names; each at least twice.
        fitting: how.
    """
    names = sorted(set(labels))
    targets = np.array([names.index(label) for label in labels])
    everything = np.arange(len(targets))
    (apart, unseen), _ = folds(targets, 2)
    (weights, ngram_weights, bias), second = _linear_models(
        examples, targets, [everything, apart], len(names), fitting
    )
    temperature = fit_temperature(_margins(examples[unseen], second), targets[unseen])
    return TopicModel(tuple(names), weights, ngram_weights, bias, temperature)


def folds(targets: np.ndarray, count: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """Returns `count` (train, test) index pairs, stratified and always the same."""
    splitter = StratifiedKFold(count, shuffle=True, random_state=SEED)
    return list(splitter.split(np.zeros(len(targets)), targets))


def margins_of(
    examples: Examples,
    targets: np.ndarray,
    splits: list[tuple[np.ndarray, np.ndarray]],
    classes: int,
    fitting: Fitting,
) -> list[np.ndarray]:
    """Returns the (len(test), classes) margins of a model fitted on `train` alone, for each (train, test)."""
    models = _linear_models(examples, targets, [train for train, _ in splits], classes, fitting)
    return [_margins(examples[test], model) for (_, test), model in zip(splits, models, strict=True)]


_Linear = tuple[np.ndarray, np.ndarray, np.ndarray]


def _linear_models(
    examples: Examples, targets: np.ndarray, subsets: Iterable[np.ndarray], classes: int, fitting: Fitting
) -> list[_Linear]:
    jobs = 1 if len(examples) < _ALONE else os.cpu_count() or 1
    parallel = Parallel(n_jobs=jobs)
    return parallel(
        delayed(_linear_model)(examples[rows], targets[rows], classes, fitting) for rows in subsets
    )


def _linear_model(examples: Examples, targets: np.ndarray, classes: int, fitting: Fitting) -> _Linear:
    present, counts = np.unique(targets, return_counts=True)
    mean = len(targets) / len(present)
    errors = {
        int(one): float((mean / count) ** fitting.balance) for one, count in zip(present, counts, strict=True)
    }
    table = sparse.hstack(
        [sparse.csr_matrix(examples.embeddings), examples.ngrams * fitting.ngram_weight], format="csr"
    )
    machine = LinearSVC(C=fitting.strength, class_weight=errors, max_iter=PASSES, random_state=SEED)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        machine.fit(table, targets)
    # of two classes scikit-learn keeps one row
    rows, offsets = machine.coef_, machine.intercept_
    if len(present) == 2:
        rows, offsets = np.vstack([-rows, rows]), np.concatenate([-offsets, offsets])
    weights = np.zeros((classes, table.shape[1]), dtype=np.float32)
    bias = np.full(classes, _RULED_OUT, dtype=np.float32)
    weights[present], bias[present] = rows, offsets
    dimensions = examples.embeddings.shape[1]
    of_ngrams = np.ascontiguousarray(weights[:, dimensions:].T) * np.float32(fitting.ngram_weight)
    return np.ascontiguousarray(weights[:, :dimensions]), of_ngrams, bias


def _margins(examples: Examples, model: _Linear) -> np.ndarray:
    weights, ngram_weights, bias = model
    return np.asarray(examples.embeddings @ weights.T + examples.ngrams @ ngram_weights + bias)


def softmax(logits: np.ndarray) -> np.ndarray:
    """Returns row-wise probabilities."""
    shifted = np.exp(logits - logits.max(axis=1, keepdims=True))
    return shifted / shifted.sum(axis=1, keepdims=True)


def fit_temperature(logits: np.ndarray, targets: np.ndarray) -> float:
    """Returns the temperature that makes logits of unseen examples most likely."""
    rows = np.arange(len(targets))

    def loss(log_temperature: float) -> float:
        chosen = softmax(logits / np.exp(log_temperature))[rows, targets]
        return float(-np.log(np.maximum(chosen, 1e-12)).mean())

    return float(np.exp(minimize_scalar(loss, bounds=(-5.0, 3.0), method="bounded").x))
