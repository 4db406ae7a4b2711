"""The texts in other languages."""

from pathlib import Path

import pytest

from assistant.errors import ContentError
from assistant.knowledge import load
from assistant.knowledge.language import load_languages, notice, with_short_form
from assistant.knowledge.reply import crisis, emergency
from tests.knowledge.folder import REAL, ROOT

FILE = ROOT / "data" / "languages.yml"
SCHEMA = REAL / "schema" / "languages.yml"
CODES = ("es", "fr", "pt", "de", "it", "pl", "tr", "ru", "ar", "hi", "zh")
# Native speakers who have checked a language and agreed to be named, by its code. Nobody else may
# stand as `by` under `verified`; docs/languages.md says how a language is signed.
SIGNED: dict[str, str] = {}
# First words that are shown before anything else.
SHORT = 300


def test_each_language_has_its_texts() -> None:
    """Eleven languages, with a notice and both short forms."""
    assert tuple(load_languages(FILE, SCHEMA)) == CODES


def test_nobody_is_named_who_has_not_signed() -> None:
    """Names of those who checked a language are not made up."""
    named = {code: texts.verified_by for code, texts in load_languages(FILE, SCHEMA).items()}

    assert {code: name for code, name in named.items() if name} == SIGNED


@pytest.mark.parametrize("code", CODES)
def test_every_text_holds_the_numbers_and_is_short(code: str) -> None:
    """The notice has the emergency number and the clinic's phone, the short forms the number."""
    knowledge = load(REAL)
    texts = load_languages(FILE, SCHEMA)[code]
    number, phone = knowledge.numbers.emergency, knowledge.clinic.phone

    told = notice(knowledge, texts)

    assert number in told["text"] and phone in told["text"] and told["lang"] == code
    for english in (emergency(knowledge), crisis(knowledge)):
        short, rest = with_short_form(knowledge, texts, english)["text"].split("\n\n", 1)
        assert number in short and len(short) <= SHORT and rest == english["text"]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("name: Spanish", "nam: Spanish", "lacks 'name'"),
        ("verified: null", "verified: Maria", "must be"),
        ("Llame ahora al {emergency}", "Llame ahora al 112", "emergency must hold each of these once"),
        ("llame al {phone}", "llame al {phon}", "notice must hold each of these once"),
    ],
)  # fmt: skip
def test_a_wrong_text_is_told(tmp_path: Path, old: str, new: str, told: str) -> None:
    """A missing number or a misspelt name stops the start, with file and line."""
    text = FILE.read_text(encoding="utf-8")
    assert old in text
    file = tmp_path / "languages.yml"
    file.write_text(text.replace(old, new, 1), encoding="utf-8")

    with pytest.raises(ContentError, match="languages.yml:[0-9]+") as error:
        load_languages(file, SCHEMA)

    assert told in str(error.value)
