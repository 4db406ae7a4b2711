"""N-grams of texts."""

from pathlib import Path

import numpy as np
import pytest
from scipy import sparse
from sklearn.feature_extraction.text import TfidfVectorizer

from assistant.language.ngrams import Ngrams, fit_ngrams

TEXTS = ["how much is it", "how much is a session", "does it hurt much", "it hurts", "hurting session"]


@pytest.fixture(scope="module")
def ngrams() -> Ngrams:
    return fit_ngrams(TEXTS)


def test_each_part_has_length_one(ngrams: Ngrams) -> None:
    """A long text weighs no more than a short one: words and letters each have length 1."""
    lengths = np.sqrt(
        ngrams.features(["how much", "does it hurt", "how much is it and does it hurt"]).power(2).sum(axis=1)
    )

    assert np.asarray(lengths).ravel() == pytest.approx(np.sqrt(2), abs=1e-5)


def test_misspelt_word_shares_letters(ngrams: Ngrams) -> None:
    """A slip leaves most groups of letters as they were."""
    right, slip, other = ngrams.features(["hurting", "hurtng", "session"]).toarray()

    assert right @ slip > right @ other


@pytest.mark.parametrize("text", ["", "qqq", "😀", "日本語"])
def test_unknown_text_gives_an_empty_row(ngrams: Ngrams, text: str) -> None:
    """Nothing known is no error."""
    row = ngrams.features([text])

    assert row.shape == (1, ngrams.size) and row.nnz == 0


def test_saved_ngrams_are_the_same(ngrams: Ngrams, tmp_path: Path) -> None:
    """Save and load change no weight."""
    ngrams.save(tmp_path / "n.json")

    again = Ngrams.load(tmp_path / "n.json")

    assert abs(again.features(TEXTS) - ngrams.features(TEXTS)).max() < 1e-6


def test_weights_are_those_of_scikit_learn(ngrams: Ngrams) -> None:
    """What is faster for one text gives the same numbers."""
    asked = ["How much does it hurt, how much?", "", "session session hurting it it it"]
    words = TfidfVectorizer(ngram_range=(1, 2), token_pattern=r"\b\w+\b", min_df=2, sublinear_tf=True)
    letters = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), min_df=3, sublinear_tf=True)
    expected = sparse.hstack([part.fit(TEXTS).transform(asked) for part in (words, letters)]).toarray()

    assert ngrams.features(asked).toarray() == pytest.approx(expected, abs=1e-6)
