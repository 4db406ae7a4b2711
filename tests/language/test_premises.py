"""What a message takes for true: the shipped wordings on many messages, and broken files."""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
import spacy
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.language import Language

from assistant.errors import ContentError
from assistant.language.premise_file import KINDS, ROLES, list_name, read_premises
from assistant.language.premises import PremiseDetector, StatedPremise
from assistant.language.spacy_pipeline import build, load

ROOT = Path(__file__).parents[2]
FILE = ROOT / "data" / "knowledge" / "premises.yml"
CASES = yaml.safe_load((Path(__file__).parent / "premise_cases.yml").read_text(encoding="utf-8"))
# Of 100 questions that take nothing for true, so many may be corrected.
FALSE_IN_100 = 1
BLANK = spacy.blank("en")
CALM_KINDS = ("in_scope", "not_emergency", "out_of_scope")


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory: pytest.TempPathFactory) -> Language:
    """The pipeline of the real lookups."""
    out = tmp_path_factory.mktemp("models") / "spacy"
    build(ROOT / "data" / "lookups", out)
    return load(out)


@cache
def _the_detector() -> PremiseDetector:
    return PremiseDetector.load(FILE)


@pytest.fixture(scope="module")
def detector() -> PremiseDetector:
    """The detector with the real wordings."""
    return _the_detector()


def _stated() -> Iterator[tuple[str, str]]:
    return ((name, text) for name, texts in CASES["stated"].items() for text in texts)


def test_premises_are_found(detector: PremiseDetector, pipeline: Language) -> None:
    """Each message states its premise, and there are many messages."""
    cases = list(_stated())

    missed = [
        (name, text)
        for name, text in cases
        if name not in [one.id for one in detector.detect(pipeline(text))]
    ]

    assert len(cases) >= 120 and missed == []


@pytest.mark.parametrize("text", CASES["calm"])
def test_calm_question_is_not_corrected(detector: PremiseDetector, pipeline: Language, text: str) -> None:
    """What is asked, doubted or denied is no premise."""
    assert detector.detect(pipeline(text)) == []


def test_questions_of_the_evaluation_are_hardly_corrected(
    detector: PremiseDetector, pipeline: Language
) -> None:
    """Of the ordinary questions few are corrected, even if all these corrections were wrong."""
    lines = (ROOT / "tests" / "evaluation" / "dev.jsonl").read_text(encoding="utf-8").splitlines()
    questions = [one for one in map(json.loads, lines) if one["kind"] in CALM_KINDS]

    corrected = [one["text"] for one in questions if detector.detect(pipeline(str(one["text"])))]

    assert len(corrected) * 100 <= FALSE_IN_100 * len(questions), corrected


def test_every_premise_with_wordings_has_messages() -> None:
    """No wordings are without a test, and none are tested that are not there."""
    file = read_premises(FILE)
    worded = {name for name in file.ids if any(list_name(name, kind) in file.lists for kind in KINDS)}

    assert worded == set(CASES["stated"])


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("It isn't FDA approved, so why do they sell it?", []),
        ("I wonder if it is FDA approved and how much it is", []),
        ("How do I know it's natural?", []),
        ("If it's natural, how can it harm?", ["natural_so_safe"]),
        ("It's natural?", []),
        ("It's natural, right?", ["natural_so_safe"]),
        ("since its naturel how offen can i have it", ["natural_so_safe"]),
        ("Is it expensive because it's painless?", ["painless"]),
        ("Is the painless treatment expensive?", ["painless"]),
        ("Is there a painless treatment?", []),
        ("", []),
        ("😀", []),
    ],
)
def test_the_words_before_decide(
    detector: PremiseDetector, pipeline: Language, text: str, ids: list[str]
) -> None:
    """The nearest cue before a wording says whether it is meant as true."""
    assert [one.id for one in detector.detect(pipeline(text))] == ids


def test_premises_come_in_the_order_of_the_text(detector: PremiseDetector, pipeline: Language) -> None:
    """Each is told once, with the characters as typed."""
    text = "Since it's painless, and because it's painless and permanent, how much is it?"
    found = detector.detect(pipeline(text))

    assert [(one.id, text[one.start : one.end]) for one in found] == [
        ("painless", "painless"),
        ("results_permanent", "permanent"),
    ]
    assert found[0] == StatedPremise("painless", 11, 19)


def test_a_part_of_a_message_has_its_own_premises(detector: PremiseDetector, pipeline: Language) -> None:
    """The part is given in characters, and what stands before it is still read."""
    text = "Since it's painless, how long is it? And as it's permanent, how much is it?"
    doc, second = pipeline(text), text.index("And")

    assert [one.id for one in detector.detect(doc, 0, second)] == ["painless"]
    assert [one.id for one in detector.detect(doc, second)] == ["results_permanent"]


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=200))
def test_any_text_is_read(text: str) -> None:
    """Nothing that can be typed is an error, and places lie inside the text."""
    for one in _the_detector().detect(BLANK(text)):
        assert 0 <= one.start < one.end <= len(text)


def _file(tmp_path: Path, premise: str, words: str = "{plain: [natural]}") -> Path:
    context = "\n".join(f"  {role}: [{role}]" for role in ROLES)
    file = tmp_path / "premises.yml"
    head = f"spellings: {{natural: [naturel]}}\ndropped: [really]\nwords: {words}\ncontext:\n{context}\n"
    file.write_text(f"{head}premises:\n  - {{id: natural, {premise}}}\n", encoding="utf-8")
    return file


@pytest.mark.parametrize(
    ("premise", "words"),
    [
        ("says: ['{wrong}'], correction: No., claims: [a/b]", "there is no list '{wrong}'"),
        ('says: ["isn\'t"], correction: No., claims: [a/b]', "cannot read"),
        ("tells: [natural], correction: No., claims: [a/b]", "unknown key 'tells'"),
        ("says: [natural], claims: [a/b]", "'correction' is missing"),
    ],
)
def test_a_broken_premise_is_told_with_its_line(tmp_path: Path, premise: str, words: str) -> None:
    """The error names the file and line."""
    with pytest.raises(ContentError) as told:
        PremiseDetector.load(_file(tmp_path, premise))

    assert words in str(told.value) and told.value.line == 6 + len(ROLES)


def test_a_whole_file_is_read(tmp_path: Path, pipeline: Language) -> None:
    """The smallest file that says something works."""
    file = _file(tmp_path, "clauses: ['{plain}'], correction: No., claims: [a/b]")

    assert [one.id for one in PremiseDetector.load(file).detect(pipeline("naturel"))] == ["natural"]
