"""The nearest examples, found in groups."""

import numpy as np
import pytest

from assistant.language.nearest_examples import FEW, group_examples

DIMENSIONS = 32


def _embeddings(count: int, topics: int, seed: int) -> np.ndarray:
    """Texts that gather round topics, as sentences do."""
    random = np.random.default_rng(seed)
    centres = random.normal(size=(topics, DIMENSIONS))
    spread = 0.7 * random.normal(size=(count, DIMENSIONS))
    found = centres[random.integers(topics, size=count)] + spread
    return (found / np.linalg.norm(found, axis=1, keepdims=True)).astype(np.float32)


@pytest.mark.parametrize("count", [3, FEW - 1, 3 * FEW])
def test_nearest_are_nearly_those_of_a_full_search(count: int) -> None:
    """Few examples are all compared; of many, hardly one of the five nearest is missed."""
    examples, asked = _embeddings(count, 300, seed=1), _embeddings(100, 300, seed=1)
    labels = np.arange(count)
    near = group_examples(examples, labels)
    full = np.argsort(-(asked @ examples.T), axis=1)[:, :5]

    found = [near.find(one, 5) for one in asked]

    shared = [len(set(expected) & set(got.tolist())) for expected, (_, got) in zip(full, found, strict=True)]
    least = 1 if count < FEW else 0.9
    assert np.sum(shared) >= least * full.size
    for one, (cosines, got) in zip(asked, found, strict=True):
        assert cosines == pytest.approx(examples[got] @ one, abs=1e-5)


def test_grouping_is_always_the_same() -> None:
    """Two trainings on the same examples give the same model."""
    examples = _embeddings(FEW, 50, seed=2)
    first, second = (group_examples(examples, np.arange(FEW)) for _ in range(2))

    for name, value in vars(first).items():
        assert np.array_equal(value, vars(second)[name]), name
