"""The encoder's weights and shape as its authors published them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file

Weights = Mapping[str, NDArray[np.float32]]


@dataclass(frozen=True)
class Architecture:
    """The shape of a BERT encoder.

    Attributes:
        layers: number of transformer layers.
        heads: attention heads per layer; divides `width`.
        width: numbers per token, and in the sentence embedding.
        epsilon: added to the variance in layer normalisation.
    """

    layers: int
    heads: int
    width: int
    epsilon: float


def read_architecture(path: Path) -> Architecture:
    """Returns the shape told in a `config.json` in the format of Hugging Face."""
    config = json.loads(path.read_text(encoding="utf-8"))
    return Architecture(
        layers=config["num_hidden_layers"],
        heads=config["num_attention_heads"],
        width=config["hidden_size"],
        epsilon=config["layer_norm_eps"],
    )


def read_weights(path: Path) -> Weights:
    """Returns all tensors of a safetensors file under their published names.

    Dense weights have the shape (output, input), as PyTorch keeps them.
    """
    return load_file(path)
