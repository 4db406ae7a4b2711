"""The shape of a document, checked against a JSON Schema, told in plain words."""

import re
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError

from assistant.errors import ContentError
from assistant.knowledge.document import Document, ValuePath, read, shorten
from assistant.knowledge.part import entry_name

_OVERLAY_KEYWORD = "x-required-in-overlay"
_TYPES = {
    "string": "text",
    "integer": "a whole number",
    "boolean": "true or false",
    "array": "a list",
    "object": "named values",
    "null": "null",
}
_EXAMPLES = {"date": "2026-11-22", "regex": r"\bno phone\b"}


class Schema:
    """The schema of one kind of file; `overlay` takes the shorter form of `local/` files."""

    def __init__(self, file: Path, overlay: bool = False):
        """Reads the schema; raises ContentError if it cannot be read."""
        content = read(file).data
        self._validator = Draft202012Validator(
            _for_overlay(content) if overlay else content, format_checker=_formats()
        )

    def problems(self, document: Document) -> list[tuple[ValuePath, ContentError]]:
        """Returns what is wrong in the document with the path to it, in the order of its lines."""
        found = [
            (tuple(error.absolute_path), _told(document, error))
            for error in self._validator.iter_errors(document.data)
        ]
        return sorted(found, key=lambda pair: pair[1].line)


def _formats() -> FormatChecker:
    checker = FormatChecker(formats=())
    checker.checks("date", raises=ValueError)(_is_date)
    checker.checks("regex", raises=re.error)(_is_pattern)
    return checker


def _is_date(value: object) -> bool:
    return not isinstance(value, str) or date.fromisoformat(value).isoformat() == value


def _is_pattern(value: object) -> bool:
    return not isinstance(value, str) or re.compile(value) is not None


def _for_overlay(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_for_overlay(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    changed = {key: _for_overlay(value) for key, value in schema.items()}
    if _OVERLAY_KEYWORD in schema:
        changed["required"] = schema[_OVERLAY_KEYWORD]
    return changed


def _told(document: Document, error: ValidationError) -> ContentError:
    path: ValuePath = tuple(error.absolute_path)
    names = _wrong_names(error)
    # Where a name is wrong, its line is wanted and not that of the values around it.
    line = document.line((*path, names[0]) if names else path)
    return ContentError(_sentence(error, path, names), document.file, _entry(document, path), line)


def _wrong_names(error: Any) -> list[str]:
    """Returns the names that a mapping must not hold, for an error about names."""
    if error.validator == "additionalProperties":
        known = list(error.schema.get("properties", ()))
        patterns = error.schema.get("patternProperties", ())
        return [name for name in error.instance if name not in known and not _matches(name, patterns)]
    return [error.instance] if "propertyNames" in error.absolute_schema_path else []


def _matches(name: str, patterns: Iterable[str]) -> bool:
    return any(re.search(pattern, name) for pattern in patterns)


def _sentence(error: Any, path: ValuePath, names: list[str]) -> str:
    where = "/".join(str(step) for step in path) or "the file"
    if error.validator == "required":
        return f"{where} lacks {error.message.split(' is ')[0]}. Add it."
    if error.validator == "additionalProperties":
        known = [*error.schema.get("properties", ()), *error.schema.get("patternProperties", ())]
        return f"{where} holds the unknown {', '.join(map(repr, names))}. The names are: {', '.join(known)}."
    if error.validator == "uniqueItems":
        return f"{where} is {shorten(error.instance)}; something stands there twice. Keep one."
    return f"{where} is {shorten(error.instance)}; it must {_demand(error)}."


def _demand(error: Any) -> str:
    limit = error.validator_value
    if error.validator == "type":
        return "be " + " or ".join(_TYPES[one] for one in ([limit] if isinstance(limit, str) else limit))
    if error.validator == "enum":
        return f"be one of: {', '.join(limit)}"
    demands = {
        "pattern": f"look like {limit}",
        "format": f"be a {limit} such as {_EXAMPLES.get(str(limit), '')}",
        "minimum": f"be at least {limit}",
        "maximum": f"be at most {limit}",
        "minLength": "not be empty",
        "minItems": f"hold at least {limit}",
        "minProperties": f"hold at least {limit} names",
        "maxLength": f"have at most {limit} characters",
        "maxItems": f"hold at most {limit}",
    }
    return demands.get(error.validator, f"meet the schema: {error.message}")


def _entry(document: Document, path: ValuePath) -> str:
    if len(path) > 1 and isinstance(path[1], int):
        row = document.data[path[0]][path[1]]
        return str(row.get("id", "")) if isinstance(row, dict) else ""
    return entry_name(path)
