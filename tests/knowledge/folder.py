"""A small complete knowledge folder that a test may break."""

import shutil
from pathlib import Path

from assistant.errors import ContentError
from assistant.knowledge.load import examine

ROOT = Path(__file__).parents[2]
REAL = ROOT / "data" / "knowledge"
SAMPLE = Path(__file__).parent / "sample"


def make_folder(folder: Path) -> Path:
    """Copies the sample files and the real schemas to `folder`, which must not exist; returns it."""
    shutil.copytree(SAMPLE, folder)
    shutil.copytree(REAL / "schema", folder / "schema")
    return folder


def change(folder: Path, file: str, old: str, new: str) -> int:
    """Replaces `old`, which stands once in the file, by `new`; returns the line where it begins."""
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {file}"
    path.write_text(text.replace(old, new), encoding="utf-8")
    return text.count("\n", 0, text.index(old)) + 1


def problems_of(folder: Path) -> list[ContentError]:
    """Returns what a running server would find wrong in a folder."""
    return list(examine(folder).problems)


def line_of(folder: Path, file: str, words: str) -> int:
    """Returns the line where `words` first stand in a file."""
    text = (folder / file).read_text(encoding="utf-8")
    return text.count("\n", 0, text.index(words)) + 1


def write_local(folder: Path, file: str, text: str) -> None:
    """Writes a file of the overlay."""
    path = folder / "local" / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
