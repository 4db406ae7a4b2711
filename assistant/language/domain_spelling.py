"""Corrects misspelt words of the subject, and leaves every word that English knows alone."""

import gzip
import json
import re
from collections.abc import Iterable
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

from rapidfuzz import process
from rapidfuzz.distance import OSA

from assistant.language.lookup_file import read
from assistant.language.shared import shared_known_words

WORD = re.compile(r"[^\W\d_]+")
SHORTEST = 5
# one slip in a short word, two in a long one: beyond that another word is as near
LONG = 8
# natural logarithm of a word's frequency; rarer "words" of the list are mostly misspellings
RAREST = -17.5


class DomainSpeller:
    """Corrects to a small vocabulary, never away from a word that is known.

    Args:
        domain: the words that are corrected to, in lower case.
        known: words that stay as they are.
    """

    def __init__(self, domain: Iterable[str], known: frozenset[str]) -> None:
        """See class."""
        self._domain = tuple(sorted(domain))
        self._known = known | frozenset(self._domain)
        self._nearest = lru_cache(maxsize=10_000)(self._find)

    @classmethod
    def load(cls, domain: Path, known: Path) -> "DomainSpeller":
        """Reads the vocabulary and the known words; raises ModelError when those were not built."""
        return cls(read_domain_words(domain), shared_known_words(known))

    def correct(self, text: str) -> str:
        """Returns the text with misspelt subject words replaced; everything else stays as it is."""
        return WORD.sub(lambda found: self._nearest(found.group()), text)

    def _find(self, word: str) -> str:
        lower = word.lower()
        if len(lower) < SHORTEST or lower in self._known:
            return word
        slips = 2 if len(lower) >= LONG else 1
        best = process.extractOne(lower, self._domain, scorer=OSA.distance, score_cutoff=slips)
        return word if best is None else best[0]


def read_domain_words(file: Path) -> list[str]:
    """Returns the words of the file; raises ContentError when it is malformed."""
    parts = read(file).mapping(required=("source", "words"))
    return [part.text().lower() for part in parts["words"].items()]


def write_known_words(out: Path) -> None:
    """Writes the English words that are frequent enough to be words, one a line.

    Source: the frequency list of spacy-lookups-data (`en_lexeme_prob`).
    """
    table = files("spacy_lookups_data") / "data" / "en_lexeme_prob.json.gz"
    frequency = json.loads(gzip.decompress(table.read_bytes()))
    known = {word.lower() for word, value in frequency.items() if value > RAREST and WORD.fullmatch(word)}
    part = out.with_suffix(".part")
    part.write_text("\n".join(sorted(known)), encoding="utf-8")
    part.replace(out)
