"""The clinic's own files in `local/`, laid over the content that comes with MesoGuide.

They survive upgrades. They may not touch what a patient is told in danger, nor
make the evidence look better than it is.
"""

from collections.abc import Iterator, Mapping
from itertools import product
from pathlib import Path
from typing import Any

from assistant.errors import ContentError
from assistant.knowledge.build import build_entry
from assistant.knowledge.collect import LOCAL_KINDS, Parts, schema_file, stray_files
from assistant.knowledge.document import Document, ValuePath, read
from assistant.knowledge.model import Entry
from assistant.knowledge.part import Origin, Part
from assistant.knowledge.schema import Schema
from assistant.knowledge.variant import for_subject

_RANKS = {"none": 0, "contrary": 0, "weak": 1, "some": 2}
_SIGNED = frozenset({"answer", "more", "next_step", "evidence", "claims", "variants"})

# How deep the values are that a local file replaces one by one; elsewhere it replaces the top ones.
_DEPTHS = {
    ("clinic", "hours"): 2,
    ("clinic", "links"): 2,
    ("smalltalk", "replies"): 2,
    ("smalltalk", "button_titles"): 2,
    ("safety", "replies"): 2,
    ("safety", "numbers"): 3,
}
_OPEN_REPLIES = (
    "personal_advice",
    "refusal",
    "out_of_scope",
    "part_not_covered",
    "clarify",
    "fallback",
    "error",
)
_OPEN_NUMBERS = ("urgent_name", "urgent", "poison", "source", "verified_on")


def lay_over(parts: Parts, folder: Path) -> None:
    """Puts the files of `folder/local` over the parts; adds what is wrong to their problems."""
    local = folder / "local"
    parts.problems += stray_files(local, LOCAL_KINDS)
    for kind in LOCAL_KINDS:
        files = sorted(local.glob("topics/*.yml")) if kind == "topics" else [local / f"{kind}.yml"]
        for file in (one for one in files if one.exists()):
            try:
                document = read(file)
            except ContentError as error:
                parts.problems.append(error)
                continue
            shape = Schema(schema_file(folder, kind), overlay=True).problems(document)
            parts.problems += [problem for _, problem in shape] or list(_laid(parts, kind, document))


def _laid(parts: Parts, kind: str, document: Document) -> Iterator[ContentError]:
    if kind == "topics":
        for index, row in enumerate(document.data["entries"]):
            yield from _entry_laid(parts, Origin(document, ("entries", index)), row)
    elif kind == "sources":
        for index, row in enumerate(document.data["sources"]):
            yield from _source_added(parts, Part.of(document, ("sources", index), row["id"]))
    elif kind in parts.files:
        for path, value in _values(kind, document.data):
            if message := _refusal(kind, path, parts.files[kind].data):
                yield Part.of(document).error(message, *path)
            else:
                parts.files[kind] = parts.files[kind].replaced(path, value, Origin(document, path))


def _entry_laid(parts: Parts, origin: Origin, row: Mapping[str, Any]) -> Iterator[ContentError]:
    entries, seen = parts.items["topics"], parts.seen["topics"]
    base = entries.get(row["id"])
    if base is None:
        if seen is not None and row["id"] not in seen:
            message = f"topic {row['id']!r} does not exist. The topics are: {', '.join(sorted(seen))}."
            yield Part.of(origin.document, origin.path, row["id"]).error(message, "id")
        return
    changed = base
    # A signature covers the words that were read, so other words need their own.
    if _SIGNED & row.keys() and base.data["reviewer"]:
        row = {"reviewer": "", "reviewed_on": None, **row}
    for name, value in row.items():
        changed = changed.replaced((name,), value, Origin(origin.document, (*origin.path, name)))
    problems = list(_raised(build_entry(base.data), build_entry(changed.data), changed))
    yield from problems
    if not problems:
        entries[row["id"]] = changed


def _raised(base: Entry, changed: Entry, part: Part) -> Iterator[ContentError]:
    """Yields a problem if for any subject the overlay shows more evidence than there is."""
    old, new = ([{}, *_single_subjects(entry)] for entry in (base, changed))
    for subject in ({**one, **other} for one in old for other in new):
        before = for_subject(base, subject).evidence.level
        after = for_subject(changed, subject).evidence.level
        # A level outside the order (safety, not_applicable) may neither come nor go.
        if after != before and _RANKS.get(after, 9) > _RANKS.get(before, -1):
            where = "variants" if subject else "evidence"
            about = f" for {subject}" if subject else ""
            message = f"local files may not raise the evidence level{about} from {before} to {after}."
            yield part.error(f"{message} Leave it out.", where)
            return


def _single_subjects(entry: Entry) -> Iterator[Mapping[str, tuple[str]]]:
    """Yields what each variant holds for, with one id for each subject."""
    for variant in entry.variants:
        for ids in product(*variant.when.values()):
            yield {name: (one,) for name, one in zip(variant.when, ids, strict=True)}


def _source_added(parts: Parts, part: Part) -> Iterator[ContentError]:
    seen = parts.seen["sources"]
    if seen is not None and part.entry in seen:
        yield part.error("local files may add sources, not change one. Choose another id.", "id")
        return
    if seen is not None:
        seen.add(part.entry)
    parts.items["sources"][part.entry] = part


def _values(kind: str, data: Mapping[str, Any], path: ValuePath = ()) -> Iterator[tuple[ValuePath, Any]]:
    for name, value in data.items():
        here = (*path, name)
        depth = _DEPTHS.get((kind, str(here[0])), 1)
        if len(here) < depth and isinstance(value, dict):
            yield from _values(kind, value, here)
        else:
            yield here, value


def _refusal(kind: str, path: ValuePath, base: Mapping[str, Any]) -> str:
    """Returns why a local file may not replace the value at `path`, "" if it may."""
    name = "/".join(str(step) for step in path)
    if kind == "safety" and path[0] not in ("replies", "numbers"):
        return f"local files may not change {name} of safety.yml. Leave it out."
    if kind == "safety" and path[0] == "replies" and path[1] not in _OPEN_REPLIES:
        return f"local files may not change {name}. They may change: {', '.join(_OPEN_REPLIES)}."
    if kind == "safety" and path[0] == "numbers":
        if path[1] not in base["numbers"]:
            return f"country {path[1]!r} is not in safety.yml. It knows: {', '.join(base['numbers'])}."
        if path[-1] not in _OPEN_NUMBERS:
            return f"local files may not change {name}. They may change: {', '.join(_OPEN_NUMBERS)}."
    if kind == "smalltalk" and path[0] == "replies" and path[1] not in base["replies"]:
        return f"reply {path[1]!r} does not exist. The replies are: {', '.join(base['replies'])}."
    return ""
