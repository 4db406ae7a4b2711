"""A small logistic model over named signals, whose weights stand in a file that people can read."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from assistant.language.lookup_file import read


@dataclass(frozen=True)
class Logistic:
    """The fitted model.

    Attributes:
        bias: of the model.
        weights: signal to weight.
    """

    bias: float
    weights: Mapping[str, float]

    def probability(self, signals: Mapping[str, float]) -> float:
        """Returns a chance, 0 to 1; raises KeyError when a signal that has a weight is missing."""
        value = self.bias + sum(weight * signals[name] for name, weight in self.weights.items())
        return 1.0 / (1.0 + math.exp(-value))


def load_logistic(file: Path, names: Iterable[str]) -> Logistic:
    """Reads `fitted: …, bias: …, weights: {signal: weight, …}`, which benchmarks/questions writes.

    Args:
        file: the file.
        names: the signals that the code gives.

    Raises:
        ContentError: the file is malformed, a number is none, or a signal is unknown or missing.
    """
    keys = read(file).mapping(required=("fitted", "bias", "weights"))
    weights = keys["weights"].mapping(required=tuple(names))
    return Logistic(keys["bias"].number(), {name: weight.number(name) for name, weight in weights.items()})
