"""Wordings that speak for an intent whatever the message is about ("should I have it", "your opinion")."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from assistant.language.lookup_file import Part, read


@dataclass(frozen=True)
class Cues:
    """Regular expressions by intent.

    Attributes:
        patterns: one compiled pattern for each intent, of all its wordings.
    """

    patterns: Mapping[str, re.Pattern[str]]

    def speaks_for(self, intent: str, text: str) -> bool:
        """Returns whether a wording of this intent stands in the text."""
        pattern = self.patterns.get(intent)
        return pattern is not None and pattern.search(text) is not None


def load_cues(file: Path) -> Cues:
    """Reads `cues: {intent: [regular expression, …]}`.

    Raises:
        ContentError: the file is malformed, or an entry is no regular expression.
    """
    intents = read(file).mapping(required=("cues",))["cues"].mapping(optional=None)
    return Cues({intent: _pattern(intent, part) for intent, part in intents.items()})


def _pattern(intent: str, part: Part) -> re.Pattern[str]:
    wordings = []
    for item in part.items(intent):
        wording = item.text(intent)
        try:
            re.compile(wording)
        except re.error as error:
            raise item.error(f"{wording!r} is no regular expression: {error}", intent) from error
        wordings.append(f"(?:{wording})")
    return re.compile("|".join(wordings), re.IGNORECASE)
