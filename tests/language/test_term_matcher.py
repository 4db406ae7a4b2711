"""The term matcher finds what spaCy's entity ruler finds."""

import random
from pathlib import Path

import pytest
import spacy
import yaml
from spacy.language import Language
from spacy.tokens import Doc

from assistant.language.spacy_pipeline import NUMBER, build, load, read_terms

LOOKUPS = Path("data/lookups")
JOINTS = (" ", "  ", ", ", "-", "/", " and ", "\n")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("models") / "spacy"
    build(LOOKUPS, out)
    return out


@pytest.fixture(scope="module")
def with_ruler(folder: Path) -> Language:
    """The folder as spaCy itself loads it."""
    return spacy.load(folder)


@pytest.fixture(scope="module")
def with_matcher(folder: Path) -> Language:
    return load(folder)


def _phrases() -> list[str]:
    return [term.phrase.replace(NUMBER, "3") for term in read_terms(LOOKUPS)]


def _examples() -> list[str]:
    intents = [
        intent
        for file in sorted(Path("data/nlu").glob("*.yml"))
        for intent in yaml.load(file.read_text(encoding="utf-8"), yaml.CSafeLoader)["nlu"]
    ]
    return [line[2:] for intent in intents for line in intent["examples"].splitlines()]


def _mixed() -> list[str]:
    """Phrases beside each other and words in any order, so that terms overlap and stand in one another."""
    chance, phrases = random.Random(20), _phrases()
    words = [word for phrase in phrases for word in phrase.split()]
    joined = [
        chance.choice(JOINTS).join(
            chance.choice([str.upper, str.title, str.lower])(phrase)
            for phrase in chance.sample(phrases, chance.randint(1, 4))
        )
        for _ in range(2000)
    ]
    return [
        *joined,
        *(" ".join(chance.choices(words, k=12)) for _ in range(2000)),
        "",
        " ",
        "\n\n",
        "😀 knee",
    ]


def _read(doc: Doc) -> list[tuple]:
    entities = [(one.start, one.end, one.label_, one.ent_id_) for one in doc.ents]
    return [*entities, *((token.text, token.lemma_, token.ent_iob_, token.is_sent_start) for token in doc)]


@pytest.mark.parametrize("texts", [_phrases, _examples, _mixed])
def test_finds_the_same_as_the_entity_ruler(with_ruler: Language, with_matcher: Language, texts) -> None:
    """Entities, ids, tokens and lemmas are equal for every phrase, training text and mixture."""
    different = [text for text in texts() if _read(with_ruler(text)) != _read(with_matcher(text))]

    assert different == []
