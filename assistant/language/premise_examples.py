"""Examples of messages that take something for true, for the classifier of premises."""

from pathlib import Path

from assistant.language.lookup_file import read

NONE = ""
"""Stands for no premise."""


def read_premise_examples(file: Path) -> list[tuple[str, str]]:
    """Returns (text, premise id) of each example, with NONE for those that take nothing for true.

    Raises:
        ContentError: the file is malformed, or an example stands twice.
    """
    keys = read(file).mapping(required=("premises", "none"))
    lists = keys["premises"].mapping(optional=None) | {NONE: keys["none"]}
    found: list[tuple[str, str]] = []
    seen: set[str] = set()
    for premise, part in lists.items():
        for item in part.items(premise):
            text = item.text(premise)
            if text.lower() in seen:
                raise item.error(f"the example {text!r} stands twice; take one out", premise)
            seen.add(text.lower())
            found.append((text, premise))
    return found
