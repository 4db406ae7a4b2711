"""The topic model and the rejection model on data made by hand."""

from pathlib import Path

import numpy as np
import pytest

from assistant.language.rejection_model import RejectionModel, fit_rejection_model
from assistant.language.topic_model import TopicModel, fit_temperature, fit_topic_model, softmax

DIMENSIONS = 24


def _clusters(spread: float, seed: int = 3) -> tuple[np.ndarray, list[str]]:
    """Returns 6 labels of 20 unit vectors around axes."""
    random = np.random.default_rng(seed)
    rows, labels = [], []
    for number in range(6):
        for _ in range(20):
            row = random.normal(0, spread, DIMENSIONS)
            row[number] += 1
            rows.append(row / np.linalg.norm(row))
            labels.append(f"label_{number}")
    return np.array(rows, dtype=np.float32), labels


def test_probabilities_sum_to_one_and_find_the_label() -> None:
    """Well separated clusters are told apart with certainty near 1."""
    embeddings, labels = _clusters(0.1)
    model = fit_topic_model(embeddings, labels, 20.0)

    probabilities = model.probabilities(embeddings)

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
    embeddings, labels = _clusters(0.35)
    fresh, fresh_labels = _clusters(0.35, seed=4)
    model = fit_topic_model(embeddings, labels, 20.0)

    probabilities = model.probabilities(fresh)
    right = np.mean([model.labels[i] for i in probabilities.argmax(axis=1)] == np.array(fresh_labels))

    assert probabilities.max(axis=1).mean() == pytest.approx(right, abs=0.1)


def test_saved_topic_model_is_the_same(tmp_path: Path) -> None:
    """Save and load change no probability."""
    embeddings, labels = _clusters(0.2)
    model = fit_topic_model(embeddings, labels, 20.0)
    model.save(tmp_path / "m.npz")

    again = TopicModel.load(tmp_path / "m.npz")

    assert again.labels == model.labels
    assert (again.probabilities(embeddings) == model.probabilities(embeddings)).all()


def _score(topic: TopicModel, rejection: RejectionModel, row: np.ndarray) -> float:
    probabilities = topic.probabilities(row[None, :])[0]
    second, first = np.sort(probabilities)[-2:]
    return rejection.score(row, topic.labels[int(probabilities.argmax())], first, second)


def test_known_text_is_kept_and_foreign_text_rejected(tmp_path: Path) -> None:
    """Fresh in-scope vectors pass the threshold; vectors far from all labels do not."""
    embeddings, labels = _clusters(0.12)
    topic, rejection = (
        fit_topic_model(embeddings, labels, 20.0),
        fit_rejection_model(embeddings, labels, 20.0, 0.95),
    )
    fresh, _ = _clusters(0.12, seed=9)
    foreign = np.random.default_rng(2).normal(0, 1, (60, DIMENSIONS)).astype(np.float32)
    foreign[:, :6] = 0
    foreign /= np.linalg.norm(foreign, axis=1, keepdims=True)

    kept = np.mean([_score(topic, rejection, row) >= rejection.threshold for row in fresh])
    found = np.mean([_score(topic, rejection, row) < rejection.threshold for row in foreign])

    assert kept >= 0.85 and found >= 0.9


def test_saved_rejection_model_is_the_same(tmp_path: Path) -> None:
    """Save and load change no score and no threshold."""
    embeddings, labels = _clusters(0.2)
    model = fit_rejection_model(embeddings, labels, 20.0, 0.95)
    model.save(tmp_path / "r.npz")

    again = RejectionModel.load(tmp_path / "r.npz")

    assert again.threshold == model.threshold and again.labels == model.labels
    assert again.score(embeddings[0], "label_0", 0.9, 0.05) == model.score(
        embeddings[0], "label_0", 0.9, 0.05
    )
