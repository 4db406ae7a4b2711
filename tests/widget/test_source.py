"""The widget's source: types, words, and what it must not do."""

import json
import re
import subprocess

import pytest

from tests.widget.conftest import WIDGET

LOCALES = sorted((WIDGET / "locales").glob("*.json"))
ENGLISH = json.loads((WIDGET / "locales/en.json").read_text(encoding="utf-8"))
SCRIPTS = sorted(WIDGET.glob("*.js"))


def test_types_hold(node: str) -> None:
    """The TypeScript compiler finds nothing in the annotated modules."""
    command = [node, "node_modules/typescript/bin/tsc", "--project", "tsconfig.json"]

    done = subprocess.run(command, cwd=WIDGET, capture_output=True, text=True)

    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_no_script_makes_markup_or_keeps_more_than_it_says(script) -> None:
    """No HTML from text, no code from text, no cookie and no lasting store."""
    source = script.read_text(encoding="utf-8")

    assert re.findall(r"innerHTML|outerHTML|insertAdjacent|document\.write|eval\(|Function\(", source) == []
    assert re.findall(r"localStorage|cookie|indexedDB", source) == []


@pytest.mark.parametrize("locale", LOCALES, ids=lambda locale: locale.stem)
def test_every_language_has_every_word(locale) -> None:
    """Same keys, same places for values; nothing but `english` may be empty."""
    words = json.loads(locale.read_text(encoding="utf-8"))

    assert list(words) == list(ENGLISH)
    for key, value in words.items():
        assert sorted(re.findall(r"\{\d\}", value)) == sorted(re.findall(r"\{\d\}", ENGLISH[key])), key
        assert value or (key == "english" and locale.stem == "en"), key


def test_the_launcher_says_what_the_locales_say() -> None:
    """Its words are in the entry, so that it needs no second request."""
    entry = (WIDGET / "mesoguide.js").read_text(encoding="utf-8")
    told = dict(re.findall(r'^  (\w\w): "(.*)",$', entry, re.MULTILINE))

    assert told == {file.stem: json.loads(file.read_text(encoding="utf-8"))["open"] for file in LOCALES}


def test_every_word_is_used() -> None:
    """A key that no script names is dead."""
    source = "".join(script.read_text(encoding="utf-8") for script in SCRIPTS)

    assert [key for key in ENGLISH if f'"{key}"' not in source and key != "open"] == []
