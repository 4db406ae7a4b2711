"""The lists of `data/redaction/`."""

from dataclasses import dataclass
from pathlib import Path

from assistant.errors import ContentError


@dataclass(frozen=True)
class NameLists:
    """Names in small letters without accents.

    Attributes:
        given: given names that are no words.
        words: given names that are words too.
        surnames: family names that are no words.
        eponyms: persons whose name is part of a disease.
        never: countries, peoples and languages that are also names.
    """

    given: frozenset[str]
    words: frozenset[str]
    surnames: frozenset[str]
    eponyms: frozenset[str]
    never: frozenset[str]


def load_names(folder: Path) -> NameLists:
    """Returns the lists; raises ContentError for a file that is missing or empty."""
    never = _read(folder / "not_names.txt")
    return NameLists(
        given=_read(folder / "given_names.txt") - never,
        words=_read(folder / "word_names.txt"),
        surnames=_read(folder / "surnames.txt") - never,
        eponyms=_read(folder / "eponyms.txt"),
        never=never,
    )


def _read(file: Path) -> frozenset[str]:
    try:
        names = frozenset(file.read_text(encoding="utf-8").split())
    except (OSError, UnicodeDecodeError) as error:
        raise ContentError(f"cannot be read ({error}). Restore it from the repository.", file) from error
    if not names:
        raise ContentError("is empty; texts would be shown with their names. Restore it.", file)
    return names
