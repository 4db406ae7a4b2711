"""Trains both models from nothing, once for the same input, and remembers how long it took."""

import hashlib
import json
import os
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from importlib.metadata import version
from pathlib import Path

from assistant.server.build import content_hash
from assistant.server.steps import build_steps
from assistant.settings import Settings
from benchmarks.speed.error import MeasureError
from benchmarks.speed.process import child, last_lines
from benchmarks.speed.stock_project import write_project

LONGEST_SECONDS = 3 * 3600.0
HASH_LETTERS = 16
MODEL = "models/model.tar.gz"
NOT_COPIED = (".*", "var", "results", "__pycache__", "*.pyc", "mesoguide.tar.gz", "stamps.json")

Report = Callable[[str], None]


@dataclass(frozen=True)
class Training:
    """How one training went.

    Attributes:
        seconds: wall time of the whole process, imports included.
        cpu_seconds: processor time over all cores.
        niceness: 0 normal; above 0 the process stood back for others, and
            its wall time says little.
        day: when, as an ISO date.
    """

    seconds: float
    cpu_seconds: float
    niceness: int
    day: str


def files_hash(files: Mapping[str, str], *more: str) -> str:
    """A short hash over names, contents and what else decides the result, whatever the files' order."""
    total = hashlib.sha256()
    for part in (*more, *(text for name in sorted(files) for text in (name, files[name]))):
        total.update(f"{len(part.encode())}:".encode() + part.encode())
    return total.hexdigest()[:HASH_LETTERS]


def train_stock(files: Mapping[str, str], bench: Path, again: bool, report: Report) -> tuple[Path, Training]:
    """The folder of the trained stock assistant and its training; trains if there is none.

    Args:
        files: the project's files.
        bench: folder of what the benchmark keeps.
        again: train although there is a model.
        report: gets a line before a training begins.
    """
    folder = bench / "stock" / files_hash(files, version("rasa"), version("tensorflow"))
    known = _read(folder)
    if known and (folder / MODEL).is_file() and not again:
        return folder, known
    report("training stock Rasa (up to a quarter of an hour)")
    shutil.rmtree(folder, ignore_errors=True)
    write_project(files, folder)
    command = [sys.executable, "-m", "rasa", "train", "--out", "models", "--fixed-model-name", "model"]
    return folder, _train(command, folder, folder, folder / MODEL)


def train_mesoguide(root: Path, bench: Path, again: bool, report: Report) -> Training:
    """The training of MesoGuide's model, in a copy of the tree that is deleted afterwards."""
    step = build_steps(Settings(root))[-1]
    folder = bench / "mesoguide" / content_hash(step.inputs)[:HASH_LETTERS]
    known = _read(folder)
    if known and not again:
        return known
    report("training MesoGuide (some minutes)")
    shutil.rmtree(folder, ignore_errors=True)
    copy = folder / "tree"
    shutil.copytree(root, copy, ignore=shutil.ignore_patterns(*NOT_COPIED))
    command = [sys.executable, "-m", "assistant.server.training", str(copy), "model.tar.gz"]
    try:
        return _train(command, copy, folder, copy / MODEL)
    finally:
        shutil.rmtree(copy, ignore_errors=True)


def _train(command: Sequence[str], cwd: Path, folder: Path, model: Path) -> Training:
    output = folder / "training.txt"
    started, used = time.monotonic(), _cpu_seconds()
    with child(command, cwd, {}, output) as process:
        try:
            code = process.wait(LONGEST_SECONDS)
            seconds, used = time.monotonic() - started, _cpu_seconds() - used
        except subprocess.TimeoutExpired as error:
            raise MeasureError(f"Training in {cwd} did not end in {LONGEST_SECONDS:.0f} s.") from error
    if code != 0 or not model.is_file():
        raise MeasureError(f"Training in {cwd} failed with code {code}:\n{last_lines(output)}")
    training = Training(round(seconds, 1), round(used, 1), os.nice(0), date.today().isoformat())
    _write(folder, training)
    return training


def _cpu_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _read(folder: Path) -> Training | None:
    """The record of a finished training; None for one that was cut short."""
    try:
        return Training(**json.loads((folder / "training.json").read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def _write(folder: Path, training: Training) -> None:
    part = folder / "training.part"
    part.write_text(json.dumps(asdict(training)) + "\n", encoding="utf-8")
    part.replace(folder / "training.json")
