"""All that is wrong in a folder of content files, for people and tools that mend it."""

from pathlib import Path

from assistant.errors import ContentError
from assistant.knowledge.load import examine


def validate(folder: Path) -> list[ContentError]:
    """Returns every problem of every file; empty if the folder can be loaded."""
    return list(examine(folder).problems)


def warnings(folder: Path) -> list[ContentError]:
    """Returns what is no problem but waits for a person, such as a missing reviewer."""
    return list(examine(folder).warnings)
