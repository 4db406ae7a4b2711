"""The words that English knows, as built into models/known_words.txt."""

from pathlib import Path

from assistant.errors import ModelError


def read_known_words(file: Path) -> frozenset[str]:
    """Return the words in lower case; raises ModelError when the list was not built."""
    if not file.is_file():
        raise ModelError(f"There is no list of known words at {file}. Run `make build`.")
    return frozenset(file.read_text(encoding="utf-8").split("\n"))
