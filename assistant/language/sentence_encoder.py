"""Turns a text into numbers whose angle tells how alike two texts are in meaning."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Tokenizer

from assistant.errors import ModelError
from assistant.language.encoder_files import TOKENIZER_FILE, file_sha256

MANIFEST_FILE = "encoder.json"

# The model was trained on at most 128 word pieces, so the rest of a longer text would be read by
# positions that were hardly trained, and the time grows with the length.
MAX_WORD_PIECES = 128


class SentenceEncoder:
    """The encoder built into a folder by `encoder_build.build`.

    One object may be used by several threads at once.
    """

    def __init__(self, folder: Path, threads: int = 1):
        """Loads the encoder; `threads` are the processor threads for one text.

        Raises ModelError if a file is missing or is not the one that was built.
        """
        manifest = _read_manifest(folder)
        self.dimensions = manifest.dimensions
        self._tokenizer = open_tokenizer(folder / TOKENIZER_FILE)
        self._session = open_session(folder / manifest.file, threads)

    def encode(self, texts: list[str]) -> NDArray[np.float32]:
        """Returns one embedding per text in the order given, (texts, dimensions), each of length 1.

        No texts give the shape (0, dimensions). Of a long text the first 128
        word pieces count. The embedding of a text never depends on the others.
        """
        # The quantised model scales its numbers by the largest of the whole batch, so a text in
        # company comes out differently from the same text alone: hence one text at a time.
        embeddings = np.empty((len(texts), self.dimensions), dtype=np.float32)
        for index, text in enumerate(texts):
            embeddings[index] = embed(self._session, token_ids(self._tokenizer, text))
        return embeddings


def open_tokenizer(path: Path) -> Tokenizer:
    """Returns the tokenizer without padding; the published file pads every text to 128."""
    tokenizer = Tokenizer.from_file(str(path))
    tokenizer.no_padding()
    tokenizer.enable_truncation(max_length=MAX_WORD_PIECES)
    return tokenizer


def open_session(path: Path, threads: int) -> onnxruntime.InferenceSession:
    """Returns a session on the processor with `threads` threads in all."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def token_ids(tokenizer: Tokenizer, text: str) -> list[int]:
    """Returns the ids of a text's word pieces with the special tokens at both ends."""
    # Half of a surrogate pair can arrive in JSON and is no text that the tokenizer could take.
    whole = text.encode("utf-8", errors="replace").decode("utf-8")
    ids: list[int] = tokenizer.encode(whole).ids
    return ids


def embed(session: onnxruntime.InferenceSession, ids: list[int]) -> NDArray[np.float32]:
    """Returns the embedding (dimensions,) of one text's token ids."""
    tokens = np.array([ids], dtype=np.int64)
    inputs = {"input_ids": tokens, "attention_mask": np.ones_like(tokens)}
    embedding: NDArray[np.float32] = session.run(["embedding"], inputs)[0][0]
    return embedding


@dataclass(frozen=True)
class _Manifest:
    file: str
    dimensions: int


def _read_manifest(folder: Path) -> _Manifest:
    path = folder / MANIFEST_FILE
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        manifest = _Manifest(file=str(content["file"]), dimensions=int(content["dimensions"]))
        hashes = {name: content["sha256"][name] for name in (manifest.file, TOKENIZER_FILE)}
    except OSError as error:
        raise _model_error(f"{path} cannot be read") from error
    except (ValueError, KeyError, TypeError) as error:
        raise _model_error(f"{path} is damaged ({error!r})") from error
    for name, expected in hashes.items():
        _require_hash(folder / name, expected)
    return manifest


def _require_hash(path: Path, expected: str) -> None:
    try:
        found = file_sha256(path)
    except OSError as error:
        raise _model_error(f"{path} cannot be read") from error
    if found != expected:
        raise _model_error(f"{path} has SHA-256 {found} where {MANIFEST_FILE} says {expected}")


def _model_error(found: str) -> ModelError:
    return ModelError(f"Loading the encoder: {found}; run `make build`, which makes it anew.")
