"""What all questions of the subject have in common, so that the rest tells them apart."""

import random
from pathlib import Path

import numpy as np
import yaml
from numpy.typing import NDArray

from assistant.errors import ContentError

Vectors = NDArray[np.float32]

EXAMPLES = 200
DIRECTIONS = 6


class Subject:
    """The mean and the main directions of the subject's questions.

    Nearly every question here names the treatment or the body, and a sentence encoder finds them all
    alike. Without the mean and the first directions what is left is what they ask
    (Mu and Viswanath, "All-but-the-Top", ICLR 2018).
    """

    def __init__(self, vectors: Vectors) -> None:
        """Takes vectors of typical questions, (questions, dimensions)."""
        self._mean = vectors.mean(axis=0)
        self._directions = np.linalg.svd(vectors - self._mean, full_matrices=False)[2][:DIRECTIONS]

    def without(self, vectors: Vectors) -> Vectors:
        """Returns vectors of length 1 that hold what is not common, (questions, dimensions)."""
        rest = vectors - self._mean
        rest = rest - (rest @ self._directions.T) @ self._directions
        lengths: Vectors = np.linalg.norm(rest, axis=-1, keepdims=True)
        left: Vectors = rest / np.maximum(lengths, 1e-9)
        return left


def read_examples(folder: Path) -> list[str]:
    """Returns 200 examples of the training data, the same each time; raises ContentError."""
    found: list[str] = []
    for file in sorted(folder.glob("*.yml")):
        try:
            parts = yaml.load(file.read_text(encoding="utf-8"), yaml.CSafeLoader)["nlu"]
            lines = [line for part in parts for line in str(part.get("examples", "")).splitlines()]
        except (OSError, yaml.YAMLError, KeyError, TypeError, AttributeError) as error:
            raise ContentError(f"cannot be read as training data ({type(error).__name__})", file) from error
        found += [line[2:] for line in lines if line.startswith("- ")]
    return random.Random(1).sample(found, min(EXAMPLES, len(found)))
