"""One thing broken at a time: the error says which file, entry and line, and what to do."""

from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from assistant.errors import ContentError
from assistant.knowledge import load
from assistant.knowledge.load import examine
from tests.knowledge.folder import change, line_of, problems_of

METHOD, RISK = "topics/method.yml", "topics/risk.yml"


@dataclass(frozen=True)
class Broken:
    """A change, and the error that it brings; see broken.yml."""

    file: str
    old: str
    new: str
    entry: str
    words: str
    times: int = 1
    at: str = ""

    @property
    def name(self) -> str:
        """What a failing test is called."""
        return f"{self.entry}: {self.words}"


def _all_broken() -> list[Broken]:
    cases = yaml.safe_load((Path(__file__).parent / "broken.yml").read_text(encoding="utf-8"))
    return [Broken(**case) for group in cases.values() for case in group]


@pytest.mark.parametrize("broken", _all_broken(), ids=lambda broken: broken.name)
def test_error_names_file_entry_line_and_what_is_wrong(knowledge_folder: Path, broken: Broken) -> None:
    """Each mistake gives an error at its place, and loading refuses the folder."""
    line = change(knowledge_folder, broken.file, broken.old, broken.new * broken.times)
    line = line_of(knowledge_folder, broken.file, broken.at) if broken.at else line

    problems = problems_of(knowledge_folder)

    fitting = [problem for problem in problems if broken.words in str(problem)]
    assert fitting, [str(problem) for problem in problems]
    assert fitting[0].file == knowledge_folder / broken.file
    assert (fitting[0].entry, fitting[0].line) == (broken.entry, line)
    with pytest.raises(ContentError):
        load(knowledge_folder)


@pytest.mark.parametrize(
    ("file", "content", "words", "line"),
    [
        ("clinic.yml", None, "missing", 0),
        ("clinic.yml", b"", "empty", 0),
        ("clinic.yml", b"# nothing\n", "empty", 0),
        ("clinic.yml", b"name: a\nname: b\n", "'name' is written twice, first on line 1", 2),
        ("clinic.yml", b"hours:\n\tmonday: []\n", "tab", 2),
        ("clinic.yml", b"name: caf\xe9\n", "0xe9 is not UTF-8", 1),
        ("clinic.yml", b"name: [a\n", "not valid YAML", 2),
        ("clinic.yml", b"name: a\n---\nname: b\n", "another document", 2),
        ("clinic.yml", b"- a\n", "must hold named values", 1),
        ("clinic.yml", b"name: &a b\nphone: *a\n", "alias", 1),
        ("clinic.yml", b"name: a\n1: b\n", "not a word", 2),
        ("clinic.yml", b"name: a\x01\n", "control characters are not allowed", 0),
        ("clinic.yaml", b"name: a\n", "nobody reads a file of this name", 0),
        ("topics/more.yaml", b"entries: []\n", "nobody reads a file of this name", 0),
        ("schema/clinic.yml", None, "missing", 0),
        ("schema/wording.yml", b"banned: []\n", "expected evidence_words", 0),
    ],
)
def test_unreadable_file_is_told_plainly(
    knowledge_folder: Path, file: str, content: bytes | None, words: str, line: int
) -> None:
    """A file that is missing, empty, badly encoded or no YAML gives one clear sentence."""
    path = knowledge_folder / file
    path.write_bytes(content) if content is not None else path.unlink()

    problems = problems_of(knowledge_folder)

    found = [problem for problem in problems if problem.file == path and words in str(problem)]
    assert found and found[0].line == line, [str(problem) for problem in problems]


def test_folder_in_place_of_a_file_is_told_plainly(knowledge_folder: Path) -> None:
    """What the system says about the file is passed on."""
    (knowledge_folder / "clinic.yml").unlink()
    (knowledge_folder / "clinic.yml").mkdir()

    assert any("cannot be read: Is a directory" in str(problem) for problem in problems_of(knowledge_folder))


def test_folder_without_topics_is_refused(knowledge_folder: Path) -> None:
    """Content without a single topic file is a mistake, not an empty bot."""
    for file in (knowledge_folder / "topics").iterdir():
        file.unlink()

    assert any("no topic file" in str(problem) for problem in problems_of(knowledge_folder))


def test_all_problems_of_all_files_are_collected(knowledge_folder: Path) -> None:
    """One run tells every mistake, also where one file cannot be read at all."""
    change(knowledge_folder, METHOD, "follow_ups: [arthritis]", "follow_ups: [nothing]")
    change(knowledge_folder, RISK, "title: Short effects", "title: 5")
    change(knowledge_folder, "smalltalk.yml", "starters: [what_is, side", "starters: [pain, side")
    change(knowledge_folder, "safety.yml", "short_line: ", "short_line ")
    change(knowledge_folder, "clinic.yml", "Europe/London", "Europe/Nowhere")

    files = sorted({problem.file.name for problem in problems_of(knowledge_folder)})

    assert files == ["clinic.yml", "method.yml", "risk.yml", "safety.yml", "smalltalk.yml"]


def test_broken_entry_does_not_make_others_wrong(knowledge_folder: Path) -> None:
    """A follow-up to an entry whose shape is wrong is still a known topic."""
    change(knowledge_folder, RISK, "title: Short effects", "title: 5")

    problems = problems_of(knowledge_folder)

    assert [problem.entry for problem in problems] == ["side_effects_common"]


def test_unreadable_topic_file_does_not_make_others_wrong(knowledge_folder: Path) -> None:
    """While ids may be missing, nothing that points to an entry is called unknown."""
    (knowledge_folder / RISK).write_text("entries: [", encoding="utf-8")

    assert {problem.file.name for problem in problems_of(knowledge_folder)} == {"risk.yml"}


def test_long_value_is_shortened_in_the_message(knowledge_folder: Path) -> None:
    """A wrong text is quoted, but never in full length."""
    change(knowledge_folder, METHOD, "title: What it is", "title: " + "a" * 500)

    assert len(str(problems_of(knowledge_folder)[0])) < 300


def test_negated_phrase_is_allowed(knowledge_folder: Path) -> None:
    """What would sell may be denied."""
    change(knowledge_folder, METHOD, "It is a way to give", "It is not a revolutionary way to give")

    assert problems_of(knowledge_folder) == []


def test_signed_entry_is_accepted(knowledge_folder: Path) -> None:
    """A practitioner of clinic.yml may stand as reviewer, with the date."""
    change(knowledge_folder, RISK, 'reviewer: ""', "reviewer: Dr Ada Sample\n    reviewed_on: 2026-02-01")

    assert problems_of(knowledge_folder) == []


def test_missing_signature_and_verification_are_warnings(knowledge_folder: Path) -> None:
    """What waits for a person is told apart from what is wrong."""
    told = [(warning.entry, warning.file.name) for warning in examine(knowledge_folder).warnings]

    assert problems_of(knowledge_folder) == []
    assert told == [
        ("what_is", "method.yml"),
        ("arthritis", "method.yml"),
        ("side_effects_common", "risk.yml"),
        ("default", "safety.yml"),
    ]
