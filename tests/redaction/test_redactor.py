"""What is masked, and what is left, on the identifiers of identifiers.yml."""

import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from assistant.redaction.fold import fold
from assistant.redaction.redactor import Redactor
from assistant.redaction.span import Redacted, Span

ROOT = Path(__file__).parents[2]
SETS = yaml.safe_load((Path(__file__).parent / "identifiers.yml").read_text(encoding="utf-8"))
STRUCTURED, NAMES, DISEASES_MASKED = 0.98, 0.90, 0.02
AS_WRITTEN: tuple[Callable[[str], str], ...] = (str, str.lower, str.upper)


@pytest.fixture(scope="module")
def redactor() -> Redactor:
    return Redactor.load(ROOT / "data" / "redaction")


def _is_left(text: str, value: str, redacted: Redacted) -> bool:
    """Returns whether a word or number of the identifier can be read more often than its frame has it."""
    left = Counter(re.findall(r"\w{2,}", fold(re.sub(r"\[\w+\]", " ", redacted.text))))
    frame = Counter(re.findall(r"\w{2,}", fold(text.replace(value, " "))))
    return any(left[part] > frame[part] for part in re.findall(r"\w{2,}", fold(value)))


def _share(cases: list[tuple[str, str]], holds: Callable[[str, str], bool]) -> tuple[float, list[str]]:
    kept = [case for case in cases if holds(*case)]
    return 1 - len(kept) / len(cases), [text for text, _ in kept]


def _structured() -> list[tuple[str, str]]:
    return [
        (write(frame).replace("{}", write(value)), write(value))
        for group in SETS["structured"]
        for frame in group["frames"]
        for value in map(str, group["values"])
        for write in AS_WRITTEN[:2]
    ]


def _names() -> list[tuple[str, str]]:
    cases = []
    for frame in SETS["names"]["frames"]:
        for value in SETS["names"]["values"]:
            first, last = value.split(" ", 1)
            name = first if "{first}" in frame else last if "{last}" in frame else value
            cases += [(write(re.sub(r"\{\w*\}", name, frame)), name) for write in AS_WRITTEN]
    return cases


def test_structured_identifiers_are_masked(redactor: Redactor) -> None:
    """At least 98 of 100, written large or small."""
    recall, missed = _share(_structured(), lambda text, value: _is_left(text, value, redactor.redact(text)))

    assert recall >= STRUCTURED, f"{recall:.4f} {missed}"


def test_names_are_masked(redactor: Redactor) -> None:
    """At least 90 of 100 names from many countries, in small letters and capitals too."""
    recall, missed = _share(_names(), lambda text, value: _is_left(text, value, redactor.redact(text)))

    assert recall >= NAMES, f"{recall:.4f} {missed}"


def test_names_of_diseases_stay(redactor: Redactor) -> None:
    """At most 2 of 100 are masked, those named after a person included."""
    cases = [
        (write(frame.replace("{}", value)), write(value))
        for frame in SETS["diseases"]["frames"]
        for value in SETS["diseases"]["values"]
        for write in AS_WRITTEN
    ]

    kept, masked = _share(cases, lambda text, value: value not in redactor.redact(text).text)

    assert 1 - kept <= DISEASES_MASKED, f"{1 - kept:.4f} {masked}"


@pytest.mark.parametrize(
    "text",
    [
        "I had 3 sessions in 2 weeks and it cost USD 1200",
        "Will it hurt? May I drink after the injections?",
        "10 to 20 ml of 2.5 % solution, 500mg, 0.5 cm deep, in 2019 and 2020",
        "I'm 45 and weigh 92 kg; is 12 sessions in a row too many?",
        "Does Lemon Bottle or Kybella work on thighs?",
        "Nurse said the doctor put it in the wrong place",
    ],
)
def test_ordinary_questions_stay_as_they_are(redactor: Redactor, text: str) -> None:
    """Amounts, durations, years, products and words that are also names are not masked."""
    assert redactor.redact(text).text == text


def test_kinds_are_told(redactor: Redactor) -> None:
    """Each mark says what it stands for."""
    text = "I'm Priya Sharma, 93 years old, p@example.com, 4111 1111 1111 1111, born 3/5/1932, @priya_s"

    assert re.findall(r"\[(\w+)\]", redactor.redact(text).text) == [
        "name", "age", "email", "card", "date", "account",
    ]  # fmt: skip


def test_places_lead_from_the_original_to_the_new_text() -> None:
    """A character outside of a mark has the same neighbours; one inside leads to the mark."""
    redacted = Redacted("a [name] b [id]", (Span(2, 7, "name"), Span(10, 12, "id")))

    assert [redacted.place(offset) for offset in (0, 2, 5, 8, 11, 12)] == [0, 2, 2, 9, 11, 15]


def test_redacting_twice_changes_nothing(redactor: Redactor) -> None:
    """Marks are no identifiers."""
    for text, _ in [*_structured(), *_names()]:
        once = redactor.redact(text).text
        assert redactor.redact(once).text == once


def test_odd_texts_are_taken(redactor: Redactor) -> None:
    """Nothing, marks of all kinds, and a long row of digits come back without an error."""
    odd: list[Any] = [
        "",
        " ",
        "\ud800",
        "'’-",
        "1" * 1000,
        "@",
        "💉" * 50,
        "Dr",
        "Dr.",
        "my name is",
        "a" * 5000,
    ]

    assert [type(redactor.redact(text).text) for text in odd] == [str] * len(odd)
