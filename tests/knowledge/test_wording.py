"""Words and sentences are counted as a reader meets them."""

from pathlib import Path

import pytest

from assistant.errors import ContentError
from assistant.knowledge.placeholder import fill, names_in
from assistant.knowledge.wording import Wording, sentences, word_count
from tests.knowledge.folder import REAL


@pytest.fixture(scope="module")
def wording() -> Wording:
    """The real phrase lists."""
    return Wording.load(REAL / "schema" / "wording.yml")


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("One two - three.", 3),
        ("See [the page](https://example.org/a b) now.", 4),
        ("Call {phone} today.", 3),
        ("**Bold** 38.7%", 2),
    ],
)
def test_words_are_counted_as_read(text: str, count: int) -> None:
    """Signs alone and link addresses are no words."""
    assert word_count(text) == count


def test_sentences_end_with_their_sign() -> None:
    """A number with a point is not the end of a sentence."""
    assert sentences("Is it so? Yes, in 38.7 of 100. Good!") == ["Is it so?", "Yes, in 38.7 of 100.", "Good!"]


@pytest.mark.parametrize(
    "text",
    [
        "It is completely safe.",
        "It melts fat.",
        "Is it not done? It is guaranteed.",
        "This so-called treatment.",
        "Book now!",
        "PAINLESS for all.",
        "The result is permanent.",
        "It is safe.",
        "Good studies show that it helps.",
        "Bruises are rare.",
        "It is uncommon to be ill for long.",
        "Someone will call you back.",
        "Our team watches over you.",
        "We'll answer soon.",
    ],
)
def test_selling_and_scaring_is_found(wording: Wording, text: str) -> None:
    """Case does not matter, and a negation counts only in its own sentence."""
    assert len(list(wording.problems(text))) == 1


@pytest.mark.parametrize(
    "text",
    [
        "It is not completely safe.",
        "Nobody can promise that it is painless.",
        "No result is guaranteed.",
        "Permanent scars can stay.",
        "Bruises are common (about 39 in 100).",
        "Scars are rare, but we do not know how often they come.",
        "Two in ten have common bruises.",
        "The clinic can tell you when you will be seen, and a doctor will look at it.",
        "It isn't permanent, and a scan is scammed by nothing.",
        "**Call** [us](tel:999) or [write](mailto:a@example.org).",
    ],
)
def test_negated_and_other_words_are_left_alone(wording: Wording, text: str) -> None:
    """What is denied is not sold, and a phrase is a whole phrase."""
    assert list(wording.problems(text)) == []


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("It goes into the dermis (a layer of the skin). The dermis is thin.", []),
        ("It goes into the dermis. The dermis (a layer of the skin) is thin.", ["dermis"]),
        ("Skin can die (necrosis).", []),
        ("Some mixes hold enzymes (proteins).", []),
        ("Enzymes and steroids.", ["enzyme", "steroid"]),
        ("A non-steroidal cream, endermis.", []),
    ],
)
def test_unexplained_words_of_the_glossary_are_found(wording: Wording, text: str, terms: list[str]) -> None:
    """A word is explained by brackets after its first use, or stands in brackets itself."""
    assert list(wording.unexplained(text)) == terms


def test_list_of_subject_terms_cannot_grow_beyond_its_limit(knowledge_folder: Path) -> None:
    """With enough words taken out every text would be easy."""
    file = knowledge_folder / "schema" / "wording.yml"
    terms = "\n".join(f"  - term{number}" for number in range(41))
    head = file.read_text(encoding="utf-8").split("subject_terms:")[0]
    file.write_text(f"{head}subject_terms:\n{terms}\n", encoding="utf-8")

    with pytest.raises(ContentError, match="at most 40"):
        Wording.load(file)


@pytest.mark.parametrize(
    ("level", "words", "fits"),
    [
        ("none", "We found no good studies.", True),
        ("none", "It works.", False),
        ("contrary", "One small study found no difference.", True),
        ("contrary", "We are not sure.", False),
        ("some", "Some small studies suggest it.", True),
        ("some", "It works.", False),
        ("weak", "We are not sure.", True),
        ("safety", "Anything at all.", True),
    ],
)
def test_evidence_words_fit_their_level(wording: Wording, level: str, words: str, fits: bool) -> None:
    """Each level has its phrases; safety has none."""
    assert wording.fits(level, words) is fits


def test_placeholders_are_found_and_filled() -> None:
    """Names in braces are replaced once; a lone brace is told."""
    assert fill("Call {a} or {b}.", {"a": "{b}", "b": "2"}) == "Call {b} or 2."
    assert names_in("{a} and {b} and {") == ["a", "b", "{"]


def test_placeholder_without_a_value_is_an_error() -> None:
    """A gap never reaches a reader."""
    with pytest.raises(KeyError):
        fill("Call {a}.", {})
