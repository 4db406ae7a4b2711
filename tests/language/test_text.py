"""Behaviour of text cleaning."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from assistant.language.text import INVISIBLE, clean

LETTERS = st.characters(whitelist_categories=("Lu", "Ll", "Lt", "Nd"), max_codepoint=0x24F)
TROUBLE = st.sampled_from(
    "\u200b\u200d\u202e\u2066\ufeff\u00ad\u0000\u001b\u0085\u034f\u3164 \t\n\u2028\u0301"
)
MIXED = st.text(alphabet=st.one_of(st.characters(), TROUBLE, st.sampled_from("ae\u1100\u1161\u00a8")))


@given(MIXED)
@example("e\u200b\u0301")
@example("\u00a8 \u00a8")
@example("\ud800 lone surrogate")
def test_cleaning_twice_gives_what_cleaning_once_gives(text: str) -> None:
    """A cleaned text is left as it is."""
    once = clean(text)

    assert clean(once) == once


@given(MIXED)
def test_no_invisible_character_is_left(text: str) -> None:
    """The result holds no control, format, surrogate or zero-width character."""
    cleaned = clean(text)

    assert not INVISIBLE & set(cleaned)
    assert not {unicodedata.category(character) for character in cleaned} & {"Cc", "Cf", "Cs", "Zl", "Zp"}


@given(MIXED)
def test_white_space_is_single_and_never_at_the_ends(text: str) -> None:
    """Words are one space apart and the text neither begins nor ends with a space."""
    cleaned = clean(text)

    assert "  " not in cleaned
    assert cleaned == cleaned.strip()


@given(st.text(alphabet=LETTERS), st.data())
def test_letters_and_digits_are_kept_in_order(word: str, data: st.DataObject) -> None:
    """Invisible characters strewn into a word do not cost it a letter."""
    noise = st.text(alphabet=st.sampled_from("\u200b\u202e\ufeff\u0000\u00ad"), max_size=2)
    strewn = "".join(letter + data.draw(noise) for letter in word)

    assert clean(strewn) == unicodedata.normalize("NFKC", word)


@pytest.mark.parametrize(
    ("typed", "cleaned"),
    [
        ("  my throat\n\nis   swelling\t", "my throat is swelling"),
        ("can\u2019t breathe", "can't breathe"),
        ("\uff48\uff45\uff4c\uff50", "help"),
        ("su\u200bicide", "suicide"),
        ("\u202egnillews", "gnillews"),
        ("38\u00a0\u00b0C", "38 \u00b0C"),
        ("\u200b\u2060\ufeff", ""),
        ("", ""),
    ],
)
def test_known_texts_are_cleaned_as_expected(typed: str, cleaned: str) -> None:
    """Line breaks, wide letters, hidden characters and hard spaces are put right."""
    assert clean(typed) == cleaned
