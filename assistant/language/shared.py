"""What several parts of one process need: loaded once, and shared while it does not change on disk.

Rasa makes its components itself, so that nothing can be handed to them.
"""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from assistant.language import spacy_pipeline
from assistant.language.known_words import read_known_words
from assistant.language.language_file import read_languages
from assistant.language.other_language import OtherLanguages
from assistant.language.premises import PremiseDetector
from assistant.language.red_flags import RedFlagDetector

T = TypeVar("T")

KNOWN_WORDS = Path("models/known_words.txt")


def loaded_once(load: Callable[[Path], T]) -> Callable[[Path], T]:
    """Returns `load`, which then gives the same object until the file or folder is replaced."""
    kept: dict[Path, tuple[tuple[int, int, int], T]] = {}

    def load_or_reuse(path: Path) -> T:
        place = path.resolve()
        stamp = _stamp(place)
        found = kept.get(place)
        if found is None or found[0] != stamp:
            found = kept[place] = (stamp, load(path))
        return found[1]

    return load_or_reuse


def _stamp(place: Path) -> tuple[int, int, int]:
    try:
        status = place.stat()
    except OSError:
        # loading tells what is wrong
        return (0, 0, 0)
    return (status.st_ino, status.st_mtime_ns, status.st_size)


def _load_languages(file: Path) -> OtherLanguages:
    return OtherLanguages(read_languages(file), shared_known_words(KNOWN_WORDS))


shared_pipeline = loaded_once(spacy_pipeline.load)
shared_detector = loaded_once(RedFlagDetector.load)
shared_premises = loaded_once(PremiseDetector.load)
shared_known_words = loaded_once(read_known_words)
shared_languages = loaded_once(_load_languages)
