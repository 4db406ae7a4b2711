"""Reading the YAML files under data/lookups/ so that every error can name its line."""

from dataclasses import dataclass
from pathlib import Path

import yaml

from assistant.errors import ContentError


@dataclass(frozen=True)
class Part:
    """One place in a YAML file: a mapping, a list or a piece of text.

    Plain words such as `no` and `on` stay the words they are, unlike in YAML's own reading.
    """

    file: Path
    node: yaml.Node

    @property
    def line(self) -> int:
        """Line number from 1."""
        return self.node.start_mark.line + 1

    def error(self, message: str, entry: str = "") -> ContentError:
        """Return an error that names this place."""
        return ContentError(message, file=self.file, entry=entry, line=self.line)

    def mapping(
        self, required: tuple[str, ...] = (), optional: tuple[str, ...] | None = ()
    ) -> dict[str, "Part"]:
        """Return the parts by key, in file order; `optional=None` allows any further key.

        Raises:
            ContentError: not a mapping, or a key is missing, unknown or given twice.
        """
        if not isinstance(self.node, yaml.MappingNode):
            raise self.error(f"expected keys with values, found {self._kind()}")
        parts: dict[str, Part] = {}
        for key, value in self.node.value:
            if key.value in parts:
                raise Part(self.file, key).error(f"key {key.value!r} is given twice")
            if optional is not None and key.value not in required + optional:
                known = ", ".join(required + optional)
                raise Part(self.file, key).error(f"unknown key {key.value!r}; known keys: {known}")
            parts[key.value] = Part(self.file, value)
        for key in required:
            if key not in parts:
                raise self.error(f"key {key!r} is missing")
        return parts

    def items(self, entry: str = "") -> list["Part"]:
        """Return the parts of a list that is not empty.

        Raises:
            ContentError: not a list, or empty.
        """
        if not isinstance(self.node, yaml.SequenceNode):
            raise self.error(f"expected a list, found {self._kind()}", entry)
        if not self.node.value:
            raise self.error("the list is empty", entry)
        return [Part(self.file, node) for node in self.node.value]

    def text(self, entry: str = "") -> str:
        """Return the text, stripped.

        Raises:
            ContentError: not a text, or empty.
        """
        if not isinstance(self.node, yaml.ScalarNode):
            raise self.error(f"expected a text, found {self._kind()}", entry)
        value = self.node.value.strip()
        if not value:
            raise self.error("the text is empty", entry)
        return value

    def number(self, entry: str = "") -> float:
        """Return the number.

        Raises:
            ContentError: not a number.
        """
        try:
            return float(self.text(entry))
        except ValueError as error:
            raise self.error(f"expected a number, found {self.text()!r}", entry) from error

    def _kind(self) -> str:
        kinds = {yaml.MappingNode: "keys with values", yaml.SequenceNode: "a list", yaml.ScalarNode: "a text"}
        return kinds[type(self.node)]


def read(file: Path) -> Part:
    """Return the whole file as one part.

    Raises:
        ContentError: the file is missing, empty or not YAML.
    """
    try:
        node = yaml.compose(file.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    except OSError as error:
        raise ContentError(f"cannot read the file: {error.strerror}", file=file) from error
    except UnicodeDecodeError as error:
        raise ContentError(f"the file is not UTF-8: {error.reason}", file=file) from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or str(error)
        raise ContentError(
            f"not valid YAML: {problem}", file=file, line=mark.line + 1 if mark else 0
        ) from error
    if node is None:
        raise ContentError("the file is empty", file=file)
    return Part(file, node)
