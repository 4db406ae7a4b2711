"""Writes the name lists of `data/redaction/`: `python -m scripts.name_lists <names package> <faker package>`.

The two packages are unpacked by hand and are no dependency: the lists change once in years.
"""

import gzip
import importlib
import json
import math
import pkgutil
import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

from assistant.redaction.fold import fold

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "data" / "redaction"
WORD = re.compile(r"[^\W\d_]+")
NAME = re.compile(r"[a-z]{3,20}")
SURNAMES_OF_CENSUS = 30_000
# A name counts as a word when it is written small in this share of its uses; a rare one in more of them.
WRITTEN_SMALL, COMMON = 0.26, math.exp(-15)
RARE_WRITTEN_SMALL, RARE = 0.5, math.exp(-17.5)


def main(census: Path, faker: Path) -> None:
    """Writes the three lists, sorted, one name a line."""
    small, large = _frequencies()
    subject = _subject_words()
    given = {*_census(census / "dist.female.first"), *_census(census / "dist.male.first")}
    surnames = set(_census(census / "dist.all.last")[:SURNAMES_OF_CENSUS])
    sys.path.insert(0, str(faker))
    for kind, name in _faker():
        (given if kind == "given" else surnames).add(name)

    def is_word(name: str) -> bool:
        share = small[name] / (small[name] + large[name] or 1)
        return (small[name] > COMMON and share > WRITTEN_SMALL) or (
            small[name] > RARE and share > RARE_WRITTEN_SMALL
        )

    given = {name for name in given if NAME.fullmatch(name)}
    surnames = {name for name in surnames if NAME.fullmatch(name) and not is_word(name)}
    words = {name for name in given if is_word(name) or name in subject}
    _write("given_names.txt", given - words)
    # "Lemon Bottle" is a product, while a needle's mark may also be a man
    _write("word_names.txt", words - _subject_words("product.yml", "substance.yml", "treatment.yml"))
    _write("surnames.txt", surnames - subject - given)


def _frequencies() -> tuple[defaultdict[str, float], defaultdict[str, float]]:
    """How often a word is written small and with a capital; source: spacy-lookups-data."""
    table = files("spacy_lookups_data") / "data" / "en_lexeme_prob.json.gz"
    small: defaultdict[str, float] = defaultdict(float)
    large: defaultdict[str, float] = defaultdict(float)
    for word, logarithm in json.loads(gzip.decompress(table.read_bytes())).items():
        if WORD.fullmatch(word):
            (small if word.islower() else large)[fold(word)] += math.exp(logarithm)
    return small, large


def _subject_words(*names: str) -> set[str]:
    """Words of the subject, of all lookup files where none is named."""
    found: set[str] = set()
    lookups = ROOT / "data" / "lookups"
    for file in [lookups / name for name in names] or sorted(lookups.glob("*.yml")):
        found.update(fold(word) for word in WORD.findall(file.read_text(encoding="utf-8")))
    return found


def _census(file: Path) -> list[str]:
    return [fold(line.split()[0]) for line in file.read_text(encoding="ascii").splitlines()]


def _faker() -> Iterator[tuple[str, str]]:
    person = importlib.import_module("faker.providers.person")
    for module in pkgutil.iter_modules(person.__path__):
        provider = importlib.import_module(f"faker.providers.person.{module.name}").Provider
        for attribute in dir(provider):
            kind = "given" if attribute.startswith("first_name") else "family"
            if kind == "given" or attribute.startswith("last_name"):
                values = getattr(provider, attribute)
                if isinstance(values, dict | list | tuple):
                    yield from ((kind, fold(part)) for value in values for part in str(value).split("-"))


def _write(name: str, names: set[str]) -> None:
    (FOLDER / name).write_text("\n".join(sorted(names)) + "\n", encoding="ascii")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
