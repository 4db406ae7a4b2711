"""Behaviour of the spaCy pipeline that is built from data/lookups."""

from pathlib import Path

import pytest
import spacy
from spacy.language import Language

from assistant.errors import ContentError, ModelError
from assistant.language.spacy_pipeline import build, load, read_terms

LOOKUPS = Path("data/lookups")
ENTITIES = {
    "condition",
    "area",
    "treatment",
    "substance",
    "product",
    "medicine",
    "symptom",
    "body_site",
    "time_since",
}
CONDITION = """\
entity: condition
source: Written for this test.
terms:
  - id: knee_osteoarthritis
    phrases: [knee arthritis, worn knee]
  - id: arthritis
    phrases: [arthritis]
"""


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory: pytest.TempPathFactory) -> Language:
    """The pipeline of the real lookups."""
    out = tmp_path_factory.mktemp("models") / "spacy"
    build(LOOKUPS, out)
    return load(out)


@pytest.fixture
def lookups(tmp_path: Path) -> Path:
    """A folder with one small lookup file."""
    folder = tmp_path / "lookups"
    folder.mkdir()
    (folder / "condition.yml").write_text(CONDITION, encoding="utf-8")
    return folder


def found(pipeline: Language, text: str) -> list[tuple[str, str, str]]:
    """Return text, entity and canonical id of what is found."""
    return [(entity.text, entity.label_, entity.ent_id_) for entity in pipeline(text).ents]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I have knee arthritis", ("knee arthritis", "condition", "knee_osteoarthritis")),
        ("KNEE ARTHRITIS", ("KNEE ARTHRITIS", "condition", "knee_osteoarthritis")),
        ("arthritis in my knees", ("arthritis in my knees", "condition", "knee_osteoarthritis")),
        ("knee pain", ("knee pain", "condition", "knee_pain")),
        ("my knee", ("knee", "body_site", "knee")),
        ("Knees", ("Knees", "body_site", "knee")),
        ("my feet", ("feet", "body_site", "foot")),
        ("rhumatoid arthritis", ("rhumatoid arthritis", "condition", "rheumatoid_arthritis")),
        ("love handles", ("love handles", "area", "flanks")),
        ("fat-dissolving injections", ("fat-dissolving injections", "treatment", "injection_lipolysis")),
        ("hyaluronic acid", ("hyaluronic acid", "substance", "hyaluronic_acid")),
        ("Lemon Bottle", ("Lemon Bottle", "product", "lemon_bottle")),
        ("on Warfarin", ("Warfarin", "medicine", "warfarin")),
        ("I bruise", ("bruise", "symptom", "bruising")),
        ("3 weeks ago", ("3 weeks ago", "time_since", "weeks")),
        ("six months after", ("six months after", "time_since", "months")),
    ],
)
def test_lay_wording_gets_its_canonical_id(
    pipeline: Language, text: str, expected: tuple[str, str, str]
) -> None:
    """Plurals, capitals, misspellings and numbers lead to the id of the term."""
    assert found(pipeline, text) == [expected]


def test_the_longest_match_wins(pipeline: Language) -> None:
    """A phrase inside a longer one is not reported beside it."""
    assert found(pipeline, "hand osteoarthritis") == [
        ("hand osteoarthritis", "condition", "hand_osteoarthritis")
    ]


def test_every_entity_has_a_lookup_file_with_a_source() -> None:
    """Each of the nine entities of the design has its terms."""
    assert {term.entity for term in read_terms(LOOKUPS)} == ENTITIES


def test_every_phrase_of_the_lookups_is_found_with_its_id(pipeline: Language) -> None:
    """A whole message that is one phrase gives that phrase's entity and id."""
    missed = []
    for term in read_terms(LOOKUPS):
        phrase = term.phrase.replace("#", "3")
        if found(pipeline, phrase) != [(phrase, term.entity, term.id)]:
            missed.append((phrase, found(pipeline, phrase)))

    assert missed == []


def test_the_pipeline_loads_without_our_code(tmp_path: Path) -> None:
    """Only spaCy's own factories are in the built folder, in the agreed order."""
    build(LOOKUPS, tmp_path / "built")

    plain = spacy.load(tmp_path / "built")

    assert plain.pipe_names == ["sentencizer", "lemmatizer", "entity_ruler"]
    assert [token.lemma_ for token in plain("swollen knees")] == ["swell", "knee"]
    assert [sentence.text for sentence in plain("It hurts. Is it normal?").sents] == [
        "It hurts.",
        "Is it normal?",
    ]


def test_building_again_replaces_the_old_folder(lookups: Path, tmp_path: Path) -> None:
    """A second build leaves one complete folder and nothing beside it."""
    out = tmp_path / "models" / "spacy"
    build(lookups, out)
    (out / "left_over").write_text("", encoding="utf-8")

    build(lookups, out)

    assert [path.name for path in out.parent.iterdir()] == ["spacy"]
    assert not (out / "left_over").exists()
    assert found(load(out), "worn knee") == [("worn knee", "condition", "knee_osteoarthritis")]


def test_a_failed_build_keeps_the_old_folder(lookups: Path, tmp_path: Path) -> None:
    """A mistake in a lookup file does not touch the pipeline that is in use."""
    out = tmp_path / "models" / "spacy"
    build(lookups, out)
    (lookups / "condition.yml").write_text("entity: condition\n", encoding="utf-8")

    with pytest.raises(ContentError):
        build(lookups, out)

    assert found(load(out), "worn knee") == [("worn knee", "condition", "knee_osteoarthritis")]


@pytest.mark.parametrize(
    ("old", "new", "words", "entry", "line"),
    [
        ("id: arthritis", "id: knee_osteoarthritis", "given twice", "knee_osteoarthritis", 6),
        ("[arthritis]", "[arthritis, worn knee]", "already stands under", "arthritis", 7),
        ("[arthritis]", "[arthritis, Arthritis]", "given twice", "arthritis", 7),
        ("[arthritis]", "[]", "list is empty", "arthritis", 7),
        ("[arthritis]", "arthritis", "expected a list", "arthritis", 7),
        ("[arthritis]", "[arthritis, {a: b}]", "expected a text", "arthritis", 7),
        ("    phrases: [arthritis]\n", "", "'phrases' is missing", "", 6),
        ("phrases: [arthritis]", "words: [arthritis]", "unknown key 'words'", "", 7),
        ("source: Written for this test.\n", "", "'source' is missing", "", 1),
        ("entity: condition", "entity: area", "name of its file", "", 1),
        ("terms:", "terms: [", "not valid YAML", "", 4),
    ],
)
def test_a_malformed_lookup_file_is_refused_with_its_place(
    lookups: Path, old: str, new: str, words: str, entry: str, line: int
) -> None:
    """The error names the file, the entry and the line."""
    file = lookups / "condition.yml"
    file.write_text(CONDITION.replace(old, new), encoding="utf-8")

    with pytest.raises(ContentError) as caught:
        build(lookups, lookups / "out")

    assert words in str(caught.value)
    assert (caught.value.file, caught.value.entry, caught.value.line) == (file, entry, line)


def test_a_phrase_may_not_stand_under_two_entities(lookups: Path) -> None:
    """One span can have one entity only, so the files must decide."""
    other = CONDITION.replace("entity: condition", "entity: symptom").replace("knee", "joint")
    (lookups / "symptom.yml").write_text(other, encoding="utf-8")

    with pytest.raises(
        ContentError, match="'arthritis' already stands under 'arthritis' of entity 'condition'"
    ):
        build(lookups, lookups / "out")


def test_files_of_another_kind_are_passed_by(lookups: Path) -> None:
    """A YAML file without entity and terms is no lookup file."""
    (lookups / "check.yml").write_text("sentences: [a, b]\n", encoding="utf-8")

    assert {term.id for term in read_terms(lookups)} == {"knee_osteoarthritis", "arthritis"}


def test_a_folder_without_lookups_is_refused(tmp_path: Path) -> None:
    """An empty folder is a mistake and not an empty pipeline."""
    with pytest.raises(ContentError, match="no lookup file"):
        read_terms(tmp_path)


def test_loading_what_is_not_there_is_a_model_error(tmp_path: Path) -> None:
    """The message says what to do."""
    with pytest.raises(ModelError, match="Build it again"):
        load(tmp_path / "nothing")
