"""Writes the encoder as an ONNX graph, straight from its weights, so that PyTorch is not needed.

The graph uses the fused operators of ONNX Runtime (`com.microsoft`), described in
https://github.com/microsoft/onnxruntime/blob/v1.23.2/docs/ContribOperators.md.
"""

import numpy as np
from numpy.typing import NDArray
from onnx import ModelProto, NodeProto, TensorProto, checker, helper, numpy_helper

from assistant.language.encoder_weights import Architecture, Weights

OPSET = 17
# onnx 1.16.2 would write version 10; 8 belongs to opset 17 and is read by any ONNX Runtime from 1.12.
IR_VERSION = 8
FUSED = "com.microsoft"


def build_graph(weights: Weights, architecture: Architecture) -> ModelProto:
    """Returns the graph: token ids in, sentence embeddings out.

    Inputs `input_ids` and `attention_mask` (int64, (batch, length)), the mask 1
    for tokens and 0 for padding at the right; output `embedding` (float32,
    (batch, width)), the mean over the tokens, of length 1.
    """
    graph = _Graph(weights, architecture)
    mask = graph.add("Cast", ["attention_mask"], "attention_mask_int32", to=TensorProto.INT32)
    hidden = _embed(graph)
    for layer in range(architecture.layers):
        hidden = _attend(graph, f"encoder.layer.{layer}.attention", hidden, mask)
        hidden = _feed_forward(graph, f"encoder.layer.{layer}", hidden)
    _pool(graph, hidden)
    return graph.model()


def _embed(graph: "_Graph") -> str:
    # Token types are always 0 here, so their row is folded into the positions.
    types = graph.weights["embeddings.token_type_embeddings.weight"]
    table = graph.constant("positions", graph.weights["embeddings.position_embeddings.weight"] + types[0])
    zero = graph.constant("zero", np.array([0], np.int64))
    length = graph.add("Shape", ["input_ids"], "length", start=1)
    words = graph.add("Gather", [graph.weight("embeddings.word_embeddings.weight"), "input_ids"], "words")
    places = graph.add("Slice", [table, zero, length, zero], "places")
    return graph.normalise("embeddings.LayerNorm", words, places)


def _attend(graph: "_Graph", name: str, hidden: str, mask: str) -> str:
    parts = [f"{name}.self.{part}" for part in ("query", "key", "value")]
    weights = np.concatenate([graph.weights[f"{part}.weight"].T for part in parts], axis=1)
    biases = np.concatenate([graph.weights[f"{part}.bias"] for part in parts])
    weight = graph.constant(f"{name}.self.weight", weights)
    bias = graph.constant(f"{name}.self.bias", biases)
    heads = graph.architecture.heads
    context = graph.add_fused("Attention", [hidden, weight, bias, mask], f"{name}.self", num_heads=heads)
    return graph.project_and_normalise(f"{name}.output", context, hidden)


def _feed_forward(graph: "_Graph", name: str, hidden: str) -> str:
    dense = f"{name}.intermediate.dense"
    wide = graph.multiply(dense, hidden)
    wide = graph.add_fused("BiasGelu", [wide, graph.weight(f"{dense}.bias")], f"{name}.intermediate")
    return graph.project_and_normalise(f"{name}.output", wide, hidden)


def _pool(graph: "_Graph", hidden: str) -> None:
    mask = graph.add("Cast", ["attention_mask"], "attention_mask_float", to=TensorProto.FLOAT)
    last = graph.constant("last_axis", np.array([2], np.int64))
    mask = graph.add("Unsqueeze", [mask, last], "token_mask")
    tokens = graph.add("Mul", [hidden, mask], "tokens")
    length = graph.constant("length_axis", np.array([1], np.int64))
    # A sum points the same way as a mean, and only the direction outlasts the next step.
    total = graph.add("ReduceSum", [tokens, length], "total", keepdims=0)
    graph.add("LpNormalization", [total], "embedding", axis=1, p=2)


class _Graph:
    """Collects nodes and constants; each method returns the name of the tensor it adds."""

    def __init__(self, weights: Weights, architecture: Architecture):
        self.weights = weights
        self.architecture = architecture
        self._nodes: list[NodeProto] = []
        self._constants: list[TensorProto] = []

    def constant(self, name: str, value: NDArray[np.generic]) -> str:
        self._constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def weight(self, name: str) -> str:
        return self.constant(name, self.weights[name])

    def add(self, operator: str, inputs: list[str], output: str, **attributes: int | float | str) -> str:
        self._nodes.append(helper.make_node(operator, inputs, [output], name=output, **attributes))
        return output

    def add_fused(self, operator: str, inputs: list[str], output: str, **attributes: int | float) -> str:
        return self.add(operator, inputs, output, domain=FUSED, **attributes)

    def multiply(self, dense: str, hidden: str) -> str:
        weight = self.constant(f"{dense}.weight", self.weights[f"{dense}.weight"].T)
        return self.add("MatMul", [hidden, weight], f"{dense}.product")

    def normalise(self, name: str, hidden: str, skip: str, bias: str = "") -> str:
        inputs = [hidden, skip, self.weight(f"{name}.weight"), self.weight(f"{name}.bias"), bias]
        epsilon = self.architecture.epsilon
        return self.add_fused("SkipLayerNormalization", inputs, f"{name}.hidden", epsilon=epsilon)

    def project_and_normalise(self, name: str, hidden: str, skip: str) -> str:
        product = self.multiply(f"{name}.dense", hidden)
        return self.normalise(f"{name}.LayerNorm", product, skip, self.weight(f"{name}.dense.bias"))

    def model(self) -> ModelProto:
        shape = ["batch", "length"]
        names = ("input_ids", "attention_mask")
        inputs = [helper.make_tensor_value_info(name, TensorProto.INT64, shape) for name in names]
        width = self.architecture.width
        output = helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["batch", width])
        graph = helper.make_graph(self._nodes, "sentence_encoder", inputs, [output], self._constants)
        opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid(FUSED, 1)]
        model = helper.make_model(graph, opset_imports=opsets, ir_version=IR_VERSION)
        checker.check_model(model)
        return model
