"""Joins the widget's modules into one script and takes out what only people read, so that no Node is needed.

It knows the JavaScript that stands in `widget/`, not all there is: imports are
`import { a, b } from "./c.js"`, no name is declared by two modules, no template
literal holds another. Browsers run the result in the tests.
"""

import re
from collections import Counter
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from string import ascii_lowercase

_IMPORT = re.compile(r'^import \{[^}]*\} from "\./(\w+)\.js";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=async|class|const|function)", re.MULTILINE)
_REGULAR = r"(?<=[=(,:?!&|])/(?![*/])(?:\\.|\[(?:\\.|[^\]\n])*\]|[^/\n\\])+/\w*"
_TOKEN = re.compile(
    rf"""(?P<comment>/\*.*?\*/|//[^\n]*)|(?P<string>"(?:\\.|[^"\\])*")|(?P<template>`(?:\\.|[^`\\])*`)"""
    rf"|(?P<regular>{_REGULAR})|(?P<word>#?[\w$]+)|(?P<space>\s+)|(?P<sign>.)",
    re.DOTALL,
)
_PRIVATE = re.compile(r"#[a-z]\w*")


def joined(module: Path) -> str:
    """Returns the module with all that it imports before it, and without exports."""
    parts: dict[Path, str] = {}
    _collect(module, parts)
    return "".join(parts.values())


def compact(script: str, exports: tuple[str, ...] = ()) -> str:
    """Returns the same script without comments, blanks and long private names; these names are exported."""
    text = "".join(_tight(_tokens(script)))
    names = Counter(_PRIVATE.findall(text))
    # a colour in a style sheet is written alike, but never declared or read as a member
    members = [name for name, _ in names.most_common() if f"this.{name}" in text]
    short = dict(zip(members, (f"#{first}{second}" for first, second in _letters()), strict=False))
    text = _PRIVATE.sub(lambda found: short.get(found[0], found[0]), text)
    return text + (f"export{{{','.join(exports)}}};" if exports else "")


def _collect(module: Path, parts: dict[Path, str]) -> None:
    source = module.read_text(encoding="utf-8")
    for name in _IMPORT.findall(source):
        if (other := module.with_name(f"{name}.js")) not in parts:
            _collect(other, parts)
    parts[module] = _EXPORT.sub("", _IMPORT.sub("", source))


def _tokens(script: str) -> Iterator[tuple[str, str]]:
    """Yields kind and text of each token but comments; a template's style sheet loses its line breaks."""
    # a regular expression begins right after the sign that tells it from a division
    for token in _TOKEN.finditer(re.sub(r"([=(,:?!&|]) (?=/[^*/ ])", r"\1", script)):
        kind, text = str(token.lastgroup), token[0]
        if kind == "template" and "\n" in text:
            text = re.sub(r"\s*\n\s*", " ", text)
            text = re.sub(r"\s*([{};,>])\s*|(?<=:) ", lambda found: found[1] or "", text)
        if kind != "comment":
            yield kind, text


def _tight(tokens: Iterator[tuple[str, str]]) -> Iterator[str]:
    """Yields the texts with a blank only between words, and where two signs would become another."""
    before, gap = ("", ""), ""
    for kind, text in tokens:
        if kind == "space":
            gap = " "
            continue
        words = before[0] in ("word", "regular") and kind == "word"
        signs = before[1] in "+-" and text in "+-" and before[1] != ""
        yield gap + text if gap and (words or signs) else text
        before, gap = (kind, text), ""


def _letters() -> Iterator[tuple[str, str]]:
    return product(ascii_lowercase, ("", *ascii_lowercase))
