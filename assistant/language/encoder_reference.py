"""BERT's forward pass in plain NumPy, slow and easy to follow, to check the fast graph against.

It shares no code with `encoder_graph`. Source: Devlin et al. 2019, https://arxiv.org/abs/1810.04805,
with the pooling of sentence-transformers (mean over the tokens, then length 1).
"""

import numpy as np
from numpy.typing import NDArray
from scipy.special import erf

from assistant.language.encoder_weights import Architecture, Weights

Matrix = NDArray[np.float64]


def reference_embedding(weights: Weights, architecture: Architecture, token_ids: list[int]) -> Matrix:
    """Returns the embedding (width,) of one text in double precision, of length 1.

    `token_ids` hold the special tokens at both ends and no padding.
    """
    model = _Model(weights, architecture)
    states = model.input_states(token_ids)
    for layer in range(architecture.layers):
        states = model.layer(f"encoder.layer.{layer}", states)
    mean: Matrix = states.mean(axis=0)
    length: np.float64 = np.sqrt(np.square(mean).sum())
    return mean / length


class _Model:
    """The parts of BERT; states are (tokens, width)."""

    def __init__(self, weights: Weights, architecture: Architecture):
        self._weights = weights
        self._architecture = architecture

    def input_states(self, token_ids: list[int]) -> Matrix:
        words = self._tensor("embeddings.word_embeddings.weight")[token_ids]
        positions = self._tensor("embeddings.position_embeddings.weight")[: len(token_ids)]
        first_type = self._tensor("embeddings.token_type_embeddings.weight")[0]
        return self._layer_norm("embeddings.LayerNorm", words + positions + first_type)

    def layer(self, name: str, states: Matrix) -> Matrix:
        attended = self._dense(f"{name}.attention.output.dense", self._attention(name, states))
        states = self._layer_norm(f"{name}.attention.output.LayerNorm", states + attended)
        wide = _gelu(self._dense(f"{name}.intermediate.dense", states))
        narrow = self._dense(f"{name}.output.dense", wide)
        return self._layer_norm(f"{name}.output.LayerNorm", states + narrow)

    def _attention(self, name: str, states: Matrix) -> Matrix:
        query = self._dense(f"{name}.attention.self.query", states)
        key = self._dense(f"{name}.attention.self.key", states)
        value = self._dense(f"{name}.attention.self.value", states)
        size = self._architecture.width // self._architecture.heads
        context = np.empty_like(states)
        for head in range(self._architecture.heads):
            part = slice(head * size, (head + 1) * size)
            scores = query[:, part] @ key[:, part].T / np.sqrt(size)
            context[:, part] = _softmax(scores) @ value[:, part]
        return context

    def _dense(self, name: str, states: Matrix) -> Matrix:
        return states @ self._tensor(f"{name}.weight").T + self._tensor(f"{name}.bias")

    def _layer_norm(self, name: str, states: Matrix) -> Matrix:
        centred = states - states.mean(axis=-1, keepdims=True)
        variance = np.square(centred).mean(axis=-1, keepdims=True)
        scaled = centred / np.sqrt(variance + self._architecture.epsilon)
        result: Matrix = scaled * self._tensor(f"{name}.weight") + self._tensor(f"{name}.bias")
        return result

    def _tensor(self, name: str) -> Matrix:
        return self._weights[name].astype(np.float64)


def _softmax(scores: Matrix) -> Matrix:
    powers: Matrix = np.exp(scores - scores.max(axis=-1, keepdims=True))
    shares: Matrix = powers / powers.sum(axis=-1, keepdims=True)
    return shares


def _gelu(values: Matrix) -> Matrix:
    activated: Matrix = values * 0.5 * (1 + erf(values / np.sqrt(2)))
    return activated
