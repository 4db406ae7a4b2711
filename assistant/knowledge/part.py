"""A piece of content that knows in which file and line each of its values was written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from assistant.errors import ContentError
from assistant.knowledge.document import Document, Step, ValuePath


@dataclass(frozen=True)
class Origin:
    """Where a value stands: a document and the path inside it."""

    document: Document
    path: ValuePath


@dataclass(frozen=True)
class Part:
    """One entry, or one whole file.

    Attributes:
        data: plain dictionaries, lists and scalars; not to be changed.
        origins: path inside `data` to where the value there was written. `()`
            is always present; a longer path is a value that an overlay replaced.
        entry: id used in error messages; empty for a whole file, whose
            errors name the reply, country or field.
    """

    data: Mapping[Any, Any]
    origins: Mapping[ValuePath, Origin]
    entry: str = ""

    @classmethod
    def of(cls, document: Document, path: ValuePath = (), entry: str = "") -> "Part":
        """Returns the part of a document at `path`."""
        data = document.data
        for step in path:
            data = data[step]
        return cls(data, {(): Origin(document, path)}, entry)

    def error(self, message: str, *path: Step) -> ContentError:
        """Returns the error that `message` is, placed at the value at `path`."""
        prefix = next(path[:end] for end in range(len(path), -1, -1) if path[:end] in self.origins)
        origin = self.origins[prefix]
        rest = path[len(prefix) :]
        document = origin.document
        return ContentError(
            message, document.file, self.entry or entry_name(path), document.line(origin.path + rest)
        )

    def replaced(self, path: ValuePath, value: Any, origin: Origin) -> "Part":
        """Returns the part with another value, written at `origin`, at `path`."""
        kept = {key: place for key, place in self.origins.items() if key[: len(path)] != path}
        return Part(_replaced(self.data, path, value), {**kept, path: origin}, self.entry)


def entry_name(path: Sequence[Step]) -> str:
    """Returns what to call the place of a value in a file without ids: the reply, country or field."""
    names = [step for step in path[:2] if isinstance(step, str)]
    return names[-1] if names else ""


def _replaced(data: Mapping[Any, Any], path: ValuePath, value: Any) -> dict[Any, Any]:
    rest = path[1:]
    return {**data, path[0]: _replaced(data.get(path[0], {}), rest, value) if rest else value}
