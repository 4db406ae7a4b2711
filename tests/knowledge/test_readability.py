"""Texts for patients are graded as they are read, and hard ones are told."""

from pathlib import Path

import pytest

from assistant.knowledge import Knowledge
from assistant.knowledge.readability import Grades, grades
from assistant.knowledge.validate import validate
from tests.knowledge.folder import change

HARD = (
    "Multidisciplinary practitioners characteristically recommend individualised intradermal administration."
)


def _of(knowledge: Knowledge, topic: str, terms: tuple[str, ...] = ("xyz",)) -> list[Grades]:
    return [found for found in grades(knowledge, terms) if found.topic == topic]


def test_every_version_has_its_grades(knowledge: Knowledge) -> None:
    """The entry's own text and each variant are read for themselves."""
    found = _of(knowledge, "arthritis")

    assert [dict(one.when) for one in found] == [
        {},
        {"condition": ("hand_arthritis",)},
        {"condition": ("hand_arthritis",), "treatment": ("needle_free",)},
    ]


def test_subject_terms_do_not_count(knowledge: Knowledge) -> None:
    """A long name that is explained makes no plain sentence hard."""
    plain, without = _of(knowledge, "what_is")[0], _of(knowledge, "what_is", ("injections",))[0]

    assert without.answer < plain.answer


@pytest.mark.parametrize("old", ["No trial looked at hands.", "It may ease pain for weeks."])
def test_hard_text_is_a_problem(knowledge_folder: Path, old: str) -> None:
    """Above grade 8 the build stops and names the entry, in a variant too."""
    change(knowledge_folder, "topics/method.yml", old, HARD)

    problems = validate(knowledge_folder).problems

    assert {problem.entry for problem in problems} == {"arthritis"}
    assert "reading grade" in str(problems[0])


def test_hard_median_is_a_problem(knowledge_folder: Path) -> None:
    """Texts of which each just passes are too hard together."""
    for file in (knowledge_folder / "topics").glob("*.yml"):
        text = file.read_text(encoding="utf-8")
        for old in (
            "Ask for the name of each product.",
            "Ask your doctor first.",
            "Call {phone} if it gets worse.",
        ):
            text = text.replace(old, HARD + " " + HARD if old in text else old)
        file.write_text(text, encoding="utf-8")

    problems = [str(problem) for problem in validate(knowledge_folder).problems]

    assert any("median" in problem for problem in problems), problems


def test_easy_folder_has_no_problem(knowledge_folder: Path) -> None:
    """The sample is plain."""
    assert validate(knowledge_folder).problems == ()


def test_hard_correction_is_a_problem(knowledge_folder: Path) -> None:
    """The one sentence of a premise must be plain too."""
    change(knowledge_folder, "premises.yml", "It is not only natural.", HARD)

    assert [problem.entry for problem in validate(knowledge_folder).problems] == ["natural"]
