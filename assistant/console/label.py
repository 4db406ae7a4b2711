"""What things are called for staff: labels.yml, and the titles of the knowledge files."""

from collections.abc import Callable
from pathlib import Path

import yaml

from assistant.errors import ContentError

FILE = Path(__file__).parent / "labels.yml"

Table = dict[str, dict[str, str]]


class Labels:
    """Words by group and key.

    Args:
        table: `{"queue": {"person": "Wants a person"}}`.
        title: gives the title of a topic, None for what is none.
    """

    def __init__(self, table: Table, title: Callable[[str], str | None]) -> None:
        """See class."""
        self._table = table
        self._title = title

    @classmethod
    def load(cls, title: Callable[[str], str | None], file: Path = FILE) -> "Labels":
        """Reads the file; raises ContentError."""
        try:
            table = yaml.safe_load(file.read_text(encoding="utf-8"))
        except (OSError, yaml.YAMLError) as error:
            raise ContentError(f"cannot be read ({type(error).__name__})", file) from error
        for group, words in table.items():
            wrong = [key for key, value in words.items() if not isinstance(value, str)]
            if wrong:
                # YAML reads yes and no as true and false
                raise ContentError(f"{wrong[0]!r} has no words; write them in quotation marks", file, group)
        return cls(table, title)

    def __call__(self, group: str, key: object) -> str:
        """Returns the words of a key; one that nobody has named is shown as it is, without underscores."""
        if group in ("intent", "topic") and (title := self._title(str(key).removeprefix("ask_"))):
            return title
        return self._table.get(group, {}).get(str(key), str(key).replace("_", " "))
