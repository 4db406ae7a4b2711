"""From a folder of content files to one immutable value."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

from assistant.errors import ContentError
from assistant.knowledge.build import (
    Raw,
    build_clinic,
    build_entry,
    build_premise,
    build_safety,
    build_smalltalk,
    build_source,
)
from assistant.knowledge.check import cautions, check
from assistant.knowledge.collect import Parts, collect
from assistant.knowledge.model import Knowledge
from assistant.knowledge.overlay import lay_over
from assistant.knowledge.part import Part
from assistant.knowledge.wording import Wording

T = TypeVar("T")


@dataclass(frozen=True)
class Examination:
    """What was found in a folder.

    Attributes:
        problems: what must be mended before the content can be used.
        warnings: what waits for a person.
        topics, sources: how many could be read.
        knowledge: the content, None where there are problems.
    """

    problems: tuple[ContentError, ...]
    warnings: tuple[ContentError, ...]
    topics: int
    sources: int
    knowledge: Knowledge | None


def load(folder: Path) -> Knowledge:
    """Returns the content of a folder and its overlay; raises ContentError for its first problem."""
    examination = examine(folder)
    if examination.knowledge is None:
        raise examination.problems[0]
    return examination.knowledge


def examine(folder: Path) -> Examination:
    """Reads and checks a folder and its overlay, and collects every problem of every file."""
    version = _version(folder)
    try:
        wording = Wording.load(folder / "schema" / "wording.yml")
        parts = collect(folder)
        lay_over(parts, folder)
    except ContentError as error:
        # Only a damaged schema ends here: without it nothing can be judged.
        return Examination((error,), (), 0, 0, None)
    problems = (*parts.problems, *check(parts, wording))
    return Examination(
        problems=problems,
        warnings=tuple(cautions(parts)),
        topics=len(parts.items["topics"]),
        sources=len(parts.items["sources"]),
        knowledge=None if problems else _build(parts, version),
    )


def load_unchecked(folder: Path) -> Knowledge:
    """Returns content of an earlier revision, by its own schema and without the rules of today.

    For tools that compare contents. Raises ContentError if its shape cannot be used.
    """
    parts = collect(folder)
    lay_over(parts, folder)
    if parts.problems:
        raise parts.problems[0]
    try:
        return _build(parts, _version(folder))
    except (KeyError, TypeError) as error:
        message = f"the present code cannot use this content; it lacks or has too much of {error}."
        raise ContentError(message, folder) from error


def files_of(folder: Path) -> list[Path]:
    """Returns every file that the content of a folder depends on, in a fixed order."""
    return sorted(file for file in folder.rglob("*.y*ml") if file.is_file())


def _build(parts: Parts, version: str) -> Knowledge:
    return Knowledge(
        entries=_built(parts.items["topics"], build_entry),
        sources=_built(parts.items["sources"], build_source),
        premises=_built(parts.items["premises"], build_premise),
        clinic=build_clinic(parts.files["clinic"].data),
        safety=build_safety(parts.files["safety"].data),
        smalltalk=build_smalltalk(parts.files["smalltalk"].data),
        version=version,
    )


def _built(parts: Mapping[str, Part], build: Callable[[Raw], T]) -> Mapping[str, T]:
    return MappingProxyType({identity: build(part.data) for identity, part in parts.items()})


def _version(folder: Path) -> str:
    """Returns 16 hexadecimal digits that change with every name and byte of the content."""
    digest = hashlib.sha256()
    for file in files_of(folder):
        name, content = file.relative_to(folder).as_posix().encode(), file.read_bytes()
        digest.update(b"%d %s %d " % (len(name), name, len(content)) + content)
    return digest.hexdigest()[:16]
