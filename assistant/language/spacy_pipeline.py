"""The small English spaCy pipeline: tokenizer, sentencizer, lookup lemmatizer, entity ruler.

Only spaCy's own factories are used in the folder, so that it loads anywhere with `spacy.load`.
`load` puts our own term matcher in the ruler's place, which finds the same and loads faster.
"""

import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

import spacy
import srsly
from spacy.language import Language
from spacy.lookups import Table

from assistant.errors import ContentError, ModelError
from assistant.language import term_matcher
from assistant.language.lookup_file import Part, read

RULER = "entity_ruler"
PATTERNS_FILE = Path(RULER) / "patterns.jsonl"
# Stands for each of these numbers in a phrase ("# weeks ago").
NUMBER = "#"
NUMBER_WORDS = ["two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
NUMBERS = (*NUMBER_WORDS, *(str(number) for number in range(2, 61)))


@dataclass(frozen=True)
class Term:
    """One phrase of a lookup file, with its entity, its canonical id and its place."""

    entity: str
    id: str
    phrase: str
    part: Part


def build(lookups: Path, out: Path) -> None:
    """Write the pipeline made from the lookup files of a folder to `out`, replacing what is there.

    The new folder takes the place of the old one only when it is complete.

    Raises:
        ContentError: a lookup file is malformed, an id stands twice in a file, or a phrase
            stands under two ids or two entities.
    """
    nlp = spacy.blank("en")
    nlp.add_pipe("sentencizer")
    lemmatizer = nlp.add_pipe("lemmatizer", config={"mode": "lookup"})
    nlp.initialize()
    lemmas = lemmatizer.lookups.get_table("lemma_lookup")
    # Written-out forms on LOWER instead of token patterns on LEMMA: the lookup lemmatizer leaves
    # "Knees" as it is, and two thousand token patterns take 7 ms per message instead of 0.1.
    ruler = nlp.add_pipe(RULER, config={"phrase_matcher_attr": "LOWER"})
    with nlp.select_pipes(enable="tokenizer"):
        ruler.add_patterns(_patterns(read_terms(lookups), lemmas))
    _write(nlp, out)


def load(path: Path) -> Language:
    """Return the built pipeline.

    Raises:
        ModelError: there is no pipeline at this path, or it is damaged.
    """
    try:
        nlp = spacy.load(path, exclude=[RULER])
        matcher = nlp.add_pipe(term_matcher.NAME)
        matcher.learn(srsly.read_jsonl(path / PATTERNS_FILE), nlp.tokenizer)
        return nlp
    except (OSError, ValueError, KeyError) as error:
        raise ModelError(f"cannot load the spaCy pipeline from '{path}': {error}. Build it again.") from error


def read_terms(lookups: Path) -> list[Term]:
    """Return the terms of all lookup files of a folder, in order of file names.

    Files without the keys `entity` and `terms` (red flags, checks) are passed by.

    Raises:
        ContentError: as for `build`.
    """
    terms: list[Term] = []
    for file in sorted(lookups.glob("*.yml")):
        whole = read(file)
        keys = whole.mapping(optional=None)
        if "entity" in keys or "terms" in keys:
            terms.extend(_file_terms(whole))
    if not terms:
        raise ContentError("no lookup file with terms found in this folder", file=lookups)
    return terms


def _file_terms(whole: Part) -> list[Term]:
    keys = whole.mapping(required=("entity", "source", "terms"))
    entity = keys["entity"].text()
    keys["source"].text(entity)
    if entity != whole.file.stem:
        raise keys["entity"].error(
            f"the entity {entity!r} must have the name of its file, {whole.file.stem!r}"
        )
    terms: list[Term] = []
    seen: dict[str, int] = {}
    for part in keys["terms"].items(entity):
        entry = part.mapping(required=("id", "phrases"))
        name = entry["id"].text()
        if name in seen:
            raise entry["id"].error(f"the id {name!r} is given twice, first in line {seen[name]}", name)
        seen[name] = entry["id"].line
        terms.extend(
            Term(entity, name, phrase.text(name).lower(), phrase) for phrase in entry["phrases"].items(name)
        )
    return terms


def _patterns(terms: list[Term], lemmas: Table) -> list[dict[str, str]]:
    seen: dict[str, Term] = {}
    for term in terms:
        for form in _forms(term.phrase, lemmas):
            first = seen.setdefault(form, term)
            if (first.entity, first.id) != (term.entity, term.id):
                raise term.part.error(f"the phrase {form!r} already stands under {_place(first)}", term.id)
            if first.phrase == term.phrase and first is not term:
                raise term.part.error(f"the phrase {form!r} is given twice, see {_place(first)}", term.id)
    return [{"label": term.entity, "id": term.id, "pattern": form} for form, term in seen.items()]


def _place(term: Term) -> str:
    return f"'{term.id}' of entity '{term.entity}' ({term.part.file.name}, line {term.part.line})"


def _forms(phrase: str, lemmas: Table) -> list[str]:
    """Return the phrase and its plural, with every number where it has the number sign."""
    *before, last = phrase.split(" ")
    longer = [last + "es", last[:-1] + "ies", last[:-1] + "ves"]
    lasts = [last, last + "s", *(form for form in longer if lemmas.get(form) == last)]
    forms = [" ".join([*before, form]) for form in lasts]
    if NUMBER not in before:
        return forms
    return [form.replace(NUMBER, number) for form in forms for number in NUMBERS]


def _write(nlp: Language, out: Path) -> None:
    out.parent.mkdir(parents=True, exist_ok=True)
    workshop = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
    try:
        nlp.to_disk(workshop / "new")
        if out.exists():
            os.rename(out, workshop / "old")
        os.rename(workshop / "new", out)
    except BaseException:
        if (workshop / "old").exists() and not out.exists():
            os.rename(workshop / "old", out)
        raise
    finally:
        shutil.rmtree(workshop, ignore_errors=True)
