"""Builds what is missing or stale, and skips what is current."""

import hashlib
import json
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from assistant.errors import SetupError

Report = Callable[[str], None]


@dataclass(frozen=True)
class Step:
    """One thing to build.

    Attributes:
        name: as the person who waits reads it.
        inputs: files and folders whose content decides whether it is current.
        outputs: files that the step makes; a missing or changed one is stale.
        run: builds; gets a function for progress lines.
    """

    name: str
    inputs: Sequence[Path]
    outputs: Sequence[Path]
    run: Callable[[Report], None]


def build(steps: Sequence[Step], stamps: Path, report: Report) -> None:
    """Runs the stale steps in order.

    Args:
        steps: later ones may take outputs of earlier ones as inputs.
        stamps: JSON file that remembers what each output was built from.
        report: gets one line for each start, end and progress.

    Raises whatever a step raises, after which the finished steps stay current.
    """
    try:
        _build(steps, stamps, report)
    except OSError as error:
        raise SetupError(
            f"Building failed: {error.strerror or error} ({error.filename or 'no file'}). "
            "Check that the disk has room and the project's folder can be written, and run again."
        ) from error


def _build(steps: Sequence[Step], stamps: Path, report: Report) -> None:
    known = _read(stamps)
    for number, step in enumerate(steps, start=1):
        label = f"[{number}/{len(steps)}] {step.name}"
        source = content_hash(step.inputs)
        if known.get(step.name) == {"inputs": source, "outputs": content_hash(step.outputs)}:
            report(f"{label}: current")
            continue
        report(f"{label}: building")
        started = time.monotonic()
        step.run(lambda line: report(f"      {line}"))
        missing = [path for path in step.outputs if not path.exists()]
        if missing:
            raise SetupError(f"{step.name}: {missing[0]} was not made. Run `make clean` and start again.")
        known[step.name] = {"inputs": source, "outputs": content_hash(step.outputs)}
        _write(stamps, known)
        report(f"{label}: done in {time.monotonic() - started:.1f} s")


def content_hash(paths: Iterable[Path]) -> str:
    """Returns one hash over names and bytes; a missing path counts as such."""
    total = hashlib.sha256()
    for path in paths:
        files = sorted(path.rglob("*")) if path.is_dir() else [path]
        for file in files:
            if file.is_dir() or "__pycache__" in file.parts:
                continue
            total.update(str(file.relative_to(path.parent)).encode())
            total.update(hashlib.sha256(file.read_bytes()).digest() if file.is_file() else b"missing")
    return total.hexdigest()


def _read(stamps: Path) -> dict[str, dict[str, str]]:
    try:
        known = json.loads(stamps.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return known if isinstance(known, dict) else {}


def _write(stamps: Path, known: dict[str, dict[str, str]]) -> None:
    stamps.parent.mkdir(parents=True, exist_ok=True)
    part = stamps.with_suffix(".part")
    part.write_text(json.dumps(known, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    part.replace(stamps)
