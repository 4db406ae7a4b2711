"""The topic model and the rejection model on data made by hand."""

from pathlib import Path

import numpy as np
import pytest
from scipy import sparse

from assistant.language import topic_model
from assistant.language.ngrams import fit_ngrams
from assistant.language.rejection_model import RejectionModel, fit_rejection_model
from assistant.language.topic_model import (
    Examples,
    Fitting,
    TopicModel,
    fit_temperature,
    fit_topic_model,
    margins_of,
    softmax,
)

DIMENSIONS = 24
FITTING = Fitting(strength=1.0, ngram_weight=1.0, balance=1.0)


def _clusters(spread: float, seed: int = 3) -> tuple[Examples, list[str]]:
    """Returns 6 labels of 20 unit vectors around axes, without n-grams."""
    random = np.random.default_rng(seed)
    rows, labels = [], []
    for number in range(6):
        for _ in range(20):
            row = random.normal(0, spread, DIMENSIONS)
            row[number] += 1
            rows.append(row / np.linalg.norm(row))
            labels.append(f"label_{number}")
    return _examples(np.array(rows)), labels


def _examples(rows: np.ndarray) -> Examples:
    return Examples(rows.astype(np.float32), sparse.csr_matrix((len(rows), 0), dtype=np.float32))


def test_probabilities_sum_to_one_and_find_the_label() -> None:
    """Well separated clusters are told apart with certainty near 1."""
    examples, labels = _clusters(0.1)
    model = fit_topic_model(examples, labels, FITTING)

    probabilities = model.probabilities(examples)

    assert probabilities.sum(axis=1) == pytest.approx(1.0)
    assert [model.labels[i] for i in probabilities.argmax(axis=1)] == labels


def test_temperature_makes_noisy_data_less_sure() -> None:
    """Logits that are ten times too large are divided by about ten."""
    random = np.random.default_rng(1)
    true = random.normal(0, 1.5, (4000, 4))
    targets = np.array([random.choice(4, p=row) for row in softmax(true)])

    assert fit_temperature(true * 10, targets) == pytest.approx(10, rel=0.1)


def test_probabilities_are_calibrated_on_unseen_data() -> None:
    """On text not trained on, the mean top probability is near the share that is right."""
    examples, labels = _clusters(0.35)
    fresh, fresh_labels = _clusters(0.35, seed=4)
    model = fit_topic_model(examples, labels, FITTING)

    probabilities = model.probabilities(fresh)
    right = np.mean([model.labels[i] for i in probabilities.argmax(axis=1)] == np.array(fresh_labels))

    assert probabilities.max(axis=1).mean() == pytest.approx(right, abs=0.1)


def test_saved_topic_model_is_the_same(tmp_path: Path) -> None:
    """Save and load change no probability."""
    examples, labels = _clusters(0.2)
    model = fit_topic_model(examples, labels, FITTING)
    model.save(tmp_path / "m.npz")

    again = TopicModel.load(tmp_path / "m.npz")

    assert again.labels == model.labels
    assert (again.probabilities(examples) == model.probabilities(examples)).all()


def _score(topic: TopicModel, rejection: RejectionModel, row: np.ndarray) -> float:
    probabilities = topic.probabilities(_examples(row[None, :]))[0]
    second, first = np.sort(probabilities)[-2:]
    return rejection.score(row, topic.labels[int(probabilities.argmax())], first, second)


def test_known_text_is_kept_and_foreign_text_rejected(tmp_path: Path) -> None:
    """Fresh in-scope vectors pass the threshold; vectors far from all labels do not."""
    examples, labels = _clusters(0.12)
    topic, rejection = (
        fit_topic_model(examples, labels, FITTING),
        fit_rejection_model(examples, labels, FITTING, 0.95),
    )
    fresh, _ = _clusters(0.12, seed=9)
    foreign = np.random.default_rng(2).normal(0, 1, (60, DIMENSIONS)).astype(np.float32)
    foreign[:, :6] = 0
    foreign /= np.linalg.norm(foreign, axis=1, keepdims=True)

    kept = np.mean([_score(topic, rejection, row) >= rejection.threshold for row in fresh.embeddings])
    found = np.mean([_score(topic, rejection, row) < rejection.threshold for row in foreign])

    assert kept >= 0.85 and found >= 0.9


def test_saved_rejection_model_is_the_same(tmp_path: Path) -> None:
    """Save and load change no score and no threshold."""
    examples, labels = _clusters(0.2)
    model = fit_rejection_model(examples, labels, FITTING, 0.95)
    model.save(tmp_path / "r.npz")

    again = RejectionModel.load(tmp_path / "r.npz")
    row = examples.embeddings[0]

    assert again.threshold == model.threshold and again.names == model.names
    assert again.score(row, "label_0", 0.9, 0.05) == model.score(row, "label_0", 0.9, 0.05)


def test_ngrams_tell_apart_what_embeddings_cannot() -> None:
    """Two intents with the same embeddings are told apart by their words."""
    texts = [f"{word} number {number}" for word in ("price", "pain") for number in range(20)]
    labels = ["cost"] * 20 + ["pain"] * 20
    same = np.ones((40, DIMENSIONS), dtype=np.float32) / np.sqrt(DIMENSIONS)
    ngrams = fit_ngrams(texts)
    model = fit_topic_model(Examples(same, ngrams.features(texts)), labels, FITTING)

    asked = Examples(same[:2], ngrams.features(["the price", "painful"]))

    assert [model.labels[i] for i in model.probabilities(asked).argmax(axis=1)] == ["cost", "pain"]


def test_class_that_was_left_out_is_never_chosen() -> None:
    """A model fitted without a label cannot name it."""
    examples, labels = _clusters(0.1)
    targets = np.array([int(label[-1]) for label in labels])
    split = (np.flatnonzero(targets != 3), np.flatnonzero(targets == 3))

    (margins,) = margins_of(examples, targets, [split], 6, FITTING)

    assert margins.shape == (20, 6) and (margins.argmax(axis=1) != 3).all()


def test_fitting_in_several_processes_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """How many examples there are decides whether other processes help, and they change nothing."""
    examples, labels = _clusters(0.3)
    targets = np.array([int(label[-1]) for label in labels])
    splits = [(np.arange(120), np.arange(10)), (np.arange(0, 120, 2), np.arange(10))]
    alone = margins_of(examples, targets, splits, 6, FITTING)
    monkeypatch.setattr(topic_model, "_ALONE", 1)

    apart = margins_of(examples, targets, splits, 6, FITTING)

    assert all((one == other).all() for one, other in zip(apart, alone, strict=True))
