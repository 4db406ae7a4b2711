"""All content files as parts: entries and sources by id, the other files whole."""

from dataclasses import dataclass, field
from pathlib import Path

from assistant.errors import ContentError
from assistant.knowledge.document import Document, read
from assistant.knowledge.part import Part
from assistant.knowledge.schema import Schema

LISTS = {"topics": "entries", "sources": "sources", "premises": "premises"}
SINGLE_FILES = ("safety", "smalltalk", "clinic")
KINDS = (*LISTS, *SINGLE_FILES)
# A clinic changes no correction: it would need the wordings to fit.
LOCAL_KINDS = tuple(kind for kind in KINDS if kind != "premises")


@dataclass
class Parts:
    """What could be read, and what was wrong with the rest.

    Attributes:
        items: for topics, sources and premises, the parts by id.
        files: the parts of safety, smalltalk and clinic.
        seen: for topics, sources and premises, every id whatever its shape, so that
            one wrong entry does not make others point to nothing; None where a
            file could not be read and ids may be missing.
        problems: what was found so far. Parts with a wrong shape are not in
            `items` and `files`.
    """

    items: dict[str, dict[str, Part]] = field(default_factory=lambda: {kind: {} for kind in LISTS})
    files: dict[str, Part] = field(default_factory=dict)
    seen: dict[str, set[str] | None] = field(default_factory=lambda: {kind: set() for kind in LISTS})
    problems: list[ContentError] = field(default_factory=list)


def collect(folder: Path) -> Parts:
    """Reads all content files of a folder, without its overlay."""
    parts = Parts(problems=stray_files(folder))
    topics = sorted(folder.glob("topics/*.yml"))
    if not topics:
        parts.problems.append(ContentError("no topic file (*.yml) stands here. Add one.", folder / "topics"))
    for kind in KINDS:
        schema = Schema(schema_file(folder, kind))
        for file in topics if kind == "topics" else [folder / f"{kind}.yml"]:
            try:
                document = read(file)
            except ContentError as error:
                parts.problems.append(error)
                if kind in LISTS:
                    parts.seen[kind] = None
                continue
            _add(parts, kind, document, schema)
    return parts


def schema_file(folder: Path, kind: str) -> Path:
    """Returns the file of the schema for a kind of content file."""
    return folder / "schema" / f"{kind}.yml"


def stray_files(folder: Path, kinds: tuple[str, ...] = KINDS) -> list[ContentError]:
    """Returns a problem for each YAML file whose name nobody reads."""
    found = sorted([*folder.glob("*.y*ml"), *folder.glob("topics/*.yaml")])
    known = [f"{kind}.yml" for kind in kinds[1:]]
    message = f"nobody reads a file of this name. The files are: topics/*.yml, {', '.join(known)}."
    return [ContentError(message, file) for file in found if file.name not in known]


def _add(parts: Parts, kind: str, document: Document, schema: Schema) -> None:
    shape = schema.problems(document)
    parts.problems += [problem for _, problem in shape]
    if kind in SINGLE_FILES:
        if not shape:
            parts.files[kind] = Part.of(document)
        return
    name = LISTS[kind]
    rows = document.data.get(name)
    for index, row in enumerate(rows if isinstance(rows, list) else []):
        identity = row.get("id") if isinstance(row, dict) else None
        if not isinstance(identity, str):
            continue
        part = Part.of(document, (name, index), identity)
        seen = parts.seen[kind]
        if seen is not None and identity in seen:
            message = f"id {identity!r} is used twice. Ids are unique over all files."
            parts.problems.append(part.error(message, "id"))
            continue
        if seen is not None:
            seen.add(identity)
        if not any(path[:2] == (name, index) for path, _ in shape):
            parts.items[kind][identity] = part
