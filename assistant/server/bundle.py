"""Joins the widget's modules into one script and takes out what only people read, so that no Node is needed.

It knows the JavaScript that stands in `widget/`, not all there is: imports are
`import { a, b } from "./c.js"`, no name is declared by two modules, no template
literal holds another. Browsers run the result in the tests.
"""

import re
from collections import Counter
from collections.abc import Iterator
from itertools import chain, product
from pathlib import Path
from string import ascii_letters, ascii_lowercase

Token = tuple[str, str]

_IMPORT = re.compile(r'^import \{[^}]*\} from "\./(\w+)\.js";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=async|class|const|function)", re.MULTILINE)
_REGULAR = r"(?<=[=(,:?!&|])/(?![*/])(?:\\.|\[(?:\\.|[^\]\n])*\]|[^/\n\\])+/\w*"
_TOKEN = re.compile(
    rf"""(?P<comment>/\*.*?\*/|//[^\n]*)|(?P<string>"(?:\\.|[^"\\])*")|(?P<template>`(?:\\.|[^`\\])*`)"""
    rf"|(?P<regular>{_REGULAR})|(?P<word>#?[\w$]+)|(?P<space>\s+)|(?P<sign>\?\.|\.\.\.|=>|.)",
    re.DOTALL,
)
# What the grammar does not need: the last separator, brackets around one parameter or one plain value.
_SPARE = (
    (re.compile(r";(?=})|,(?=[})\]])"), ""),
    (re.compile(r"(?<![\w)])\((\w+)\)(?==>)"), r"\1"),
    (re.compile(r"(?<=[=,(:!?&|])\(([\w.]+)\)(?=[;,)\]}])"), r"\1"),
)
_VALUE = re.compile(r"(?<=\$\{)[^}]*(?=\})")
_DECLARES = ("const", "let", "class", "function")
_RESERVED = ("await", "new", "null", "true", "false", "this", "undefined", "void", "typeof", "async")
_BEFORE_OBJECT = ("(", ",", ":", "=", "[", "?", "const", "let", "return", "...", "??")
_BEFORE_MEMBER = (".", "?.", "get", "set", "static")


def joined(module: Path) -> str:
    """Returns the module with all that it imports before it, and without exports."""
    parts: dict[Path, str] = {}
    _collect(module, parts)
    return "".join(parts.values())


def compact(script: str, exports: tuple[str, ...] = ()) -> str:
    """Returns the same script without comments, blanks and its own long names; `exports` keep theirs."""
    tokens = list(_tokens(script))
    short = _short_names(tokens, exports)
    text = "".join(_tight(_renamed(tokens, short)))
    for pattern, replacement in _SPARE:
        text = pattern.sub(replacement, text)
    return text + (f"export{{{','.join(exports)}}};" if exports else "")


def _collect(module: Path, parts: dict[Path, str]) -> None:
    source = module.read_text(encoding="utf-8")
    for name in _IMPORT.findall(source):
        if (other := module.with_name(f"{name}.js")) not in parts:
            _collect(other, parts)
    parts[module] = _EXPORT.sub("", _IMPORT.sub("", source))


def _tokens(script: str) -> Iterator[Token]:
    """Yields kind and text of each token but comments; a template's style sheet loses its blanks."""
    # a regular expression begins right after the sign that tells it from a division
    for token in _TOKEN.finditer(re.sub(r"([=(,:?!&|]) (?=/[^*/ ])", r"\1", script)):
        kind, text = str(token.lastgroup), token[0]
        if kind == "template" and "\n" in text:
            text = re.sub(r"\s*\n\s*", " ", text)
            text = re.sub(r" ?([{};,>]) ?|(?<=:) ", lambda found: found[1] or "", text).replace(";}", "}")
        if kind != "comment":
            yield kind, text


def _short_names(tokens: list[Token], exports: tuple[str, ...]) -> dict[str, str]:
    """Returns a short name for each private member, and for each declared name that is no property anywhere.

    A name is replaced by the same one everywhere, so that scopes stay as they are.
    """
    texts = [text for kind, text in _flat(tokens) if kind != "space"]
    words = Counter(text for kind, text in _flat(tokens) if kind == "word")
    declared: set[str] = set()
    properties = set(exports)
    brackets = [("", 0)]
    for place, (before, text, after) in enumerate(zip(["", *texts], texts, [*texts[1:], ""], strict=False)):
        if text in "{[(":
            is_object = text == "{" and before in _BEFORE_OBJECT
            brackets.append(("object" if is_object else text, place))
        elif text in ")]}":
            _, start = brackets.pop()
            if text == ")" and (after == "=>" or texts[start - 2] == "function"):
                declared.update(word for word in texts[start:place] if word in words)
        if before in _DECLARES:
            declared.add(text)
        if before in _BEFORE_MEMBER or (brackets[-1][0] == "object" and before in ("{", ",", "async")):
            properties.add(text)
    free = (letters for letters in _letters() if letters not in words)
    hashed = (f"#{letters}" for letters in _letters())
    short = {}
    for word, _ in words.most_common():
        if word.startswith("#"):
            short[word] = next(hashed)
        elif word in declared - properties and len(word) > 1 and word not in _RESERVED:
            short[word] = next(free)
    return short


def _flat(tokens: list[Token]) -> Iterator[Token]:
    """Yields the tokens, those of the values inside templates too."""
    for kind, text in tokens:
        yield kind, text
        if kind == "template":
            for value in _VALUE.findall(text):
                yield from _tokens(value)


def _renamed(tokens: list[Token], short: dict[str, str]) -> Iterator[Token]:
    for kind, text in tokens:
        if kind == "word":
            yield kind, short.get(text, text)
        elif kind == "template":
            yield (
                kind,
                _VALUE.sub(lambda found: "".join(_tight(_renamed(list(_tokens(found[0])), short))), text),
            )
        else:
            yield kind, text


def _tight(tokens: Iterator[Token]) -> Iterator[str]:
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


def _letters() -> Iterator[str]:
    return chain(ascii_letters, map("".join, product(ascii_lowercase, ascii_letters)))
