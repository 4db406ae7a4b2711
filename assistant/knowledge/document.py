"""One YAML file with the line of every value in it."""

import codecs
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from assistant.errors import ContentError

Step = str | int
ValuePath = tuple[Step, ...]


class _PlainLoader(yaml.CSafeLoader):
    """Reads plain words as text, so that dates, times and `NO` stay what was written.

    YAML 1.1 would turn `17:00` into 1020 and the country code `NO` into false.
    """


_PlainLoader.yaml_implicit_resolvers = {}
for _tag, _pattern, _first in (
    ("null", r"^(?:~|null|)$", ["~", "n", ""]),
    ("bool", r"^(?:true|false)$", ["t", "f"]),
    ("int", r"^-?(?:0|[1-9][0-9]*)$", list("-0123456789")),
    ("float", r"^-?(?:0|[1-9][0-9]*)\.[0-9]+$", list("-0123456789")),
):
    _PlainLoader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(_pattern), _first)


@dataclass(frozen=True)
class Document:
    """A parsed file. `data` is plain dictionaries, lists and scalars; dates are text."""

    file: Path
    data: Any
    root: yaml.Node

    def line(self, path: Sequence[Step]) -> int:
        """Returns the line of the value at `path`, or of its nearest parent that exists."""
        node = self.root
        line = node.start_mark.line
        for step in path:
            found = _child(node, step)
            if found is None:
                break
            line, node = found
        return line + 1


def read(file: Path) -> Document:
    """Reads one file; raises ContentError if it is missing, empty or not YAML we accept."""
    text = _text(file)
    loader = _PlainLoader(text)
    try:
        node = loader.get_single_node()
        if node is None:
            raise ContentError("the file is empty. Write its content, or restore it from Git.", file)
        _refuse_repeats(file, node, set())
        data = loader.construct_document(node)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        message = f"this is not valid YAML: {error.problem}. Look at this line and the one above it."
        raise ContentError(message, file, line=line) from error
    except yaml.YAMLError as error:
        message = f"this is not valid YAML: {str(error).splitlines()[0]}. Remove the character."
        raise ContentError(message, file) from error
    finally:
        loader.dispose()
    if not isinstance(data, dict):
        message = f"found {shorten(data)}; the file must hold named values (name: value)."
        raise ContentError(message, file, line=1)
    return Document(file, data, node)


def shorten(value: object, length: int = 60) -> str:
    """Returns `repr(value)`, cut to `length` characters."""
    text = repr(value)
    return text if len(text) <= length else text[: length - 1] + "…"


def _text(file: Path) -> str:
    try:
        raw = file.read_bytes()
    except FileNotFoundError as error:
        raise ContentError("the file is missing. Restore it from Git.", file) from error
    except OSError as error:
        raise ContentError(f"the file cannot be read: {error.strerror}.", file) from error
    raw = raw.removeprefix(codecs.BOM_UTF8)
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        message = f"byte {raw[error.start]:#04x} is not UTF-8. Save the file as UTF-8."
        raise ContentError(message, file, line=line) from error
    if "\t" in text:
        line = text.count("\n", 0, text.index("\t")) + 1
        raise ContentError("found a tab. YAML is indented with spaces: replace the tab.", file, line=line)
    return text


def _child(node: yaml.Node, step: Step) -> tuple[int, yaml.Node] | None:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == str(step):
                return key.start_mark.line, value
    elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        return node.value[step].start_mark.line, node.value[step]
    return None


def _refuse_repeats(file: Path, node: yaml.Node, seen: set[int]) -> None:
    """Raises ContentError for a key written twice (PyYAML keeps the last) and for aliases."""
    line = node.start_mark.line + 1
    if id(node) in seen:
        raise ContentError("found an alias (*name). Write the value out here.", file, line=line)
    seen.add(id(node))
    if isinstance(node, yaml.SequenceNode):
        for item in node.value:
            _refuse_repeats(file, item, seen)
    if isinstance(node, yaml.MappingNode):
        lines: dict[str, int] = {}
        for key, value in node.value:
            line = key.start_mark.line + 1
            if key.tag != "tag:yaml.org,2002:str":
                raise ContentError("found a name that is not a word. Write a word.", file, line=line)
            if key.value in lines:
                message = f"{key.value!r} is written twice, first on line {lines[key.value]}. Keep one."
                raise ContentError(message, file, line=line)
            lines[key.value] = line
            _refuse_repeats(file, value, seen)
