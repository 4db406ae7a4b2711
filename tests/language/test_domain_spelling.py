"""Misspelt subject words are corrected, and correct words are not harmed."""

from pathlib import Path

import pytest
import yaml

from assistant.errors import ContentError, ModelError
from assistant.language.domain_spelling import DomainSpeller, read_domain_words

ROOT = Path(__file__).parents[2]
WORDS = ROOT / "data" / "lookups" / "domain_spelling.yml"
KNOWN = ROOT / "models" / "known_words.txt"


@pytest.fixture(scope="module")
def speller() -> DomainSpeller:
    return DomainSpeller.load(WORDS, KNOWN)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("does it help celulite", "does it help cellulite"),
        ("Mesotharapy for arthritus?", "mesotherapy for arthritis?"),
        ("injetions", "injections"),
        ("lyposuction or liposucton", "liposuction or liposuction"),
        ("tretment, sesions & swolen", "treatment, sessions & swollen"),
    ],
)
def test_misspelt_subject_word_is_corrected(speller: DomainSpeller, typed: str, meant: str) -> None:
    """A word one or two slips away from a subject word becomes it; the rest of the text stays."""
    assert speller.correct(typed) == meant


@pytest.mark.parametrize(
    "text",
    [
        "cellulitis is not cellulite",
        "mesothelioma, metformin and hydroxychloroquine",
        "I breathe, I bathe, my heart skips",
        "Physiotherapy, cryotherapy, chemotherapy",
        "asdfgh 12345 😀 日本語",
        "knee need kneed sin skim pine pint",
        "",
    ],
)
def test_correct_or_foreign_words_stay(speller: DomainSpeller, text: str) -> None:
    """Real words near a subject word, names, digits and other scripts are left as typed."""
    assert speller.correct(text) == text


def test_no_word_of_the_answers_is_changed(speller: DomainSpeller) -> None:
    """Every sentence of the knowledge files passes unchanged."""
    for file in (ROOT / "data" / "knowledge" / "topics").glob("*.yml"):
        for entry in yaml.safe_load(file.read_text(encoding="utf-8"))["entries"]:
            for sentence in [*entry["answer"], *entry["more"]]:
                assert speller.correct(sentence["text"]) == sentence["text"]


def test_subject_words_are_words(speller: DomainSpeller) -> None:
    """The vocabulary holds no word twice and corrects none of its own."""
    words = read_domain_words(WORDS)

    assert len(words) == len(set(words)) and speller.correct(" ".join(words)) == " ".join(words)


def test_missing_known_words_are_told(tmp_path: Path) -> None:
    """Without the built list nothing is guessed."""
    with pytest.raises(ModelError, match="make build"):
        DomainSpeller.load(WORDS, tmp_path / "none.txt")


def test_malformed_vocabulary_is_told_with_its_line(tmp_path: Path) -> None:
    """A file without words names the file."""
    file = tmp_path / "domain_spelling.yml"
    file.write_text("source: x\nwords: []\n", encoding="utf-8")

    with pytest.raises(ContentError, match="domain_spelling.yml:2"):
        read_domain_words(file)
