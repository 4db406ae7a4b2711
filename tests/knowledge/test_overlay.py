"""What a clinic's local files may change, and what they may not."""

from datetime import date, datetime, timezone
from pathlib import Path

import pytest

from assistant.errors import ContentError
from assistant.knowledge import load, reply
from tests.knowledge.folder import change, problems_of, write_local

NOW = datetime(2026, 3, 1, 10, tzinfo=timezone.utc)
SOURCE = "authors: D, title: Own count, publisher: Us, year: 2026, url: null, kind: study, seen: full"
REPLY = '{lead: "a", groups: {}, default: "b"}'
LOWER = 'evidence: {level: none, words: "We found no good studies."}'


def test_clinic_values_are_replaced_one_by_one(knowledge_folder: Path) -> None:
    """A local clinic.yml holds only what differs, down to a single weekday or link."""
    write_local(
        knowledge_folder,
        "clinic.yml",
        'name: Our Clinic\nhours:\n  sunday: [["10:00", "11:00"]]\nlinks: {prices: "https://example.org/p"}\n',
    )

    clinic = load(knowledge_folder).clinic

    assert clinic.name == "Our Clinic"
    assert len(clinic.hours["sunday"]) == 1 and len(clinic.hours["monday"]) == 2
    assert clinic.links["prices"] == "https://example.org/p"
    assert clinic.links["booking"] == "https://example.org/book"


def test_fields_of_an_entry_are_replaced_whole(knowledge_folder: Path) -> None:
    """A local entry gives new fields; the others stay."""
    write_local(
        knowledge_folder,
        "topics/method.yml",
        'entries:\n  - id: what_is\n    answer: [{text: "Our words.", claims: [what_1]}]\n    version: 2\n',
    )

    entry = load(knowledge_folder).entries["what_is"]

    assert [sentence.text for sentence in entry.answer] == ["Our words."]
    assert (entry.version, entry.title) == (2, "What it is")


def test_small_talk_and_open_replies_are_replaced(knowledge_folder: Path) -> None:
    """Greetings and refusals may have the clinic's own words."""
    write_local(knowledge_folder, "smalltalk.yml", 'replies:\n  greet: {text: ["Welcome here."]}\n')
    write_local(knowledge_folder, "safety.yml", 'replies:\n  refusal: {text: ["We never tell doses."]}\n')

    knowledge = load(knowledge_folder)

    assert reply.smalltalk(knowledge, "greet")["text"] == "Welcome here."
    assert reply.refusal(knowledge)["text"].startswith("We never tell doses.")


def test_numbers_below_the_emergency_number_are_replaced(knowledge_folder: Path) -> None:
    """A clinic that has verified its urgent line may say so."""
    write_local(knowledge_folder, "safety.yml", 'numbers:\n  GB: {urgent: "112", verified_on: 2026-02-02}\n')

    numbers = load(knowledge_folder).numbers

    assert (numbers.urgent, numbers.emergency, numbers.verified_on) == ("112", "999", date(2026, 2, 2))


def test_sources_are_added(knowledge_folder: Path) -> None:
    """A local source can carry a local claim."""
    write_local(
        knowledge_folder,
        "sources.yml",
        f"sources:\n  - {{id: L1, {SOURCE}}}\n",
    )
    write_local(
        knowledge_folder,
        "topics/risk.yml",
        "entries:\n  - id: side_effects_common\n"
        "    claims: [{id: risk_1, says: Bruises., sources: [L1], level: CS}]\n",
    )

    answer = reply.answer(load(knowledge_folder), "side_effects_common", now=NOW)

    assert [source["title"] for source in answer["sources"]] == ["Own count"]


def test_lower_evidence_level_is_accepted(knowledge_folder: Path) -> None:
    """A clinic may be more careful than the content that comes with the program."""
    write_local(knowledge_folder, "topics/method.yml", f"entries:\n  - id: arthritis\n    {LOWER}\n")

    assert load(knowledge_folder).entries["arthritis"].evidence.level == "none"


@pytest.mark.parametrize(
    ("file", "text", "words", "line"),
    [
        ("safety.yml", f"replies:\n  emergency: {REPLY}\n", "replies/emergency", 2),
        ("safety.yml", 'replies:\n  crisis: {text: ["a"]}\n', "replies/crisis", 2),
        ("safety.yml", f"replies:\n  urgent_days: {REPLY}\n", "replies/urgent_days", 2),
        ("safety.yml", 'numbers:\n  GB:\n    emergency: "123"\n', "numbers/GB/emergency", 3),
        ("safety.yml", 'numbers:\n  GB:\n    emergency_also: "123"\n', "numbers/GB/emergency_also", 3),
        ("safety.yml", "numbers:\n  GB: {crisis: [{name: Us, number: '', url: null}]}\n", "GB/crisis", 2),
        ("safety.yml", 'numbers:\n  PT: {urgent: "112"}\n', "'PT' is not in safety.yml", 2),
        ("safety.yml", 'short_line: "Hello"\n', "short_line", 1),
        ("safety.yml", 'unreviewed_note: "Checked."\n', "unreviewed_note", 1),
        ("safety.yml", 'button_titles: {"tel:emergency": "Wait"}\n', "button_titles", 1),
        ("smalltalk.yml", 'replies:\n  sing: {text: ["La"]}\n', "'sing' does not exist. The replies", 2),
        ("sources.yml", f"sources:\n  - {{id: S1, {SOURCE}}}\n", "not change one", 2),
        ("topics/method.yml", "entries:\n  - id: pain\n    version: 2\n", "'pain' does not exist", 2),
        ("topics/method.yml", "entries:\n  - version: 2\n", "lacks 'id'", 2),
        ("topics/method.yml", "entries:\n  - id: what_is\n    titel: a\n", "unknown 'titel'", 3),
        ("red_flags.yml", "rules: []\n", "nobody reads a file of this name", 0),
        ("premises.yml", "premises: []\n", "nobody reads a file of this name", 0),
        ("clinic.yml", "name: [\n", "not valid YAML", 2),
        ("clinic.yml", 'name: Us\nhours:\n  sunday: [["11:00", "10:00"]]\n', "opens at 11:00", 3),
    ],
)  # fmt: skip
def test_what_local_files_may_not_do_is_refused_at_its_line(
    knowledge_folder: Path, file: str, text: str, words: str, line: int
) -> None:
    """A local file that goes too far is named with its line, also for errors found after laying it over."""
    write_local(knowledge_folder, file, text)

    problems = [problem for problem in problems_of(knowledge_folder) if words in str(problem)]

    assert problems, [str(problem) for problem in problems_of(knowledge_folder)]
    assert (problems[0].file, problems[0].line) == (knowledge_folder / "local" / file, line)


@pytest.mark.parametrize(
    ("entry", "fields"),
    [
        ("arthritis", 'evidence: {level: some, words: "Some small studies."}'),
        ("arthritis", 'evidence: {level: not_applicable, words: ""}'),
        ("arthritis", 'evidence: {level: safety, words: "It is known."}'),
        ("what_is", 'evidence: {level: some, words: "Some small studies."}'),
        ("arthritis", "variants: []"),
        (
            "arthritis",
            f"variants: [{{when: {{condition: hand_arthritis}}, {LOWER}}}, "
            '{when: {area: hand, treatment: gel}, next_step: "Ask."}]',
        ),
        (
            "arthritis",
            'variants: [{when: {area: knee}, evidence: {level: some, words: "Some small studies."}}, '
            f"{{when: {{condition: hand_arthritis}}, {LOWER}}}]",
        ),
    ],
)
def test_evidence_level_cannot_be_raised(knowledge_folder: Path, entry: str, fields: str) -> None:
    """Neither an entry nor a variant nor the loss of a variant may show more evidence than there is."""
    write_local(knowledge_folder, "topics/method.yml", f"entries:\n  - id: {entry}\n    {fields}\n")

    problems = [problem for problem in problems_of(knowledge_folder) if "may not raise" in str(problem)]

    assert problems and problems[0].entry == entry and problems[0].line == 3
    assert problems[0].file == knowledge_folder / "local" / "topics" / "method.yml"


def test_changed_words_lose_the_signature(knowledge_folder: Path) -> None:
    """A reviewer signed other words, so the changed entry is unsigned until somebody signs it."""
    signed = "reviewer: Dr Ada Sample\n    reviewed_on: 2026-02-01"
    change(knowledge_folder, "topics/risk.yml", 'reviewer: ""', signed)
    local = "entries:\n  - id: side_effects_common\n    next_step: Call us.\n"
    write_local(knowledge_folder, "topics/risk.yml", local)

    unsigned = load(knowledge_folder).entries["side_effects_common"]
    write_local(knowledge_folder, "topics/risk.yml", local + f"    {signed}\n")
    signed_again = load(knowledge_folder).entries["side_effects_common"]

    assert (unsigned.reviewer, unsigned.reviewed_on) == ("", None)
    assert signed_again.reviewer == "Dr Ada Sample"


def test_readme_in_the_local_folder_is_no_content(knowledge_folder: Path) -> None:
    """Only YAML files count."""
    write_local(knowledge_folder, "README.md", "# Notes\n")

    load(knowledge_folder)


def test_local_file_changes_the_version(knowledge_folder: Path) -> None:
    """The version tells whether an overlay is in place."""
    before = load(knowledge_folder).version
    write_local(knowledge_folder, "clinic.yml", "name: Our Clinic\n")

    assert load(knowledge_folder).version != before


def test_load_raises_the_first_problem(knowledge_folder: Path) -> None:
    """Loading a folder with a bad overlay ends with its error."""
    write_local(knowledge_folder, "safety.yml", 'short_line: "Hello"\n')

    with pytest.raises(ContentError, match="short_line"):
        load(knowledge_folder)
