"""Reading and checking the wordings of data/knowledge/premises.yml; its sentences are read elsewhere."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from assistant.language.lookup_file import Part, read
from assistant.language.red_flag_phrases import Phrasebook, PhraseError

# What stands before a wording and decides about it. Of two that begin and end alike the first counts.
DOUBTS, DENIES, ASKS, SUPPOSES, WONDERS, ASSERTS, SUBJECT, NOUN, INDEFINITE = CUES = (
    "doubts", "denies", "asks", "supposes", "wonders", "asserts", "subject", "noun", "indefinite",
)  # fmt: skip
# Auxiliary verbs, which ask where a clause begins with them; "the", and nouns that a wording may
# describe; verbs with which a wording may begin; what follows when somebody builds on what they said.
OPENS, DEFINITE, THINGS, FINITE, CONCLUDES = "opens", "definite", "things", "finite", "concludes"
ROLES = (*CUES, OPENS, DEFINITE, THINGS, FINITE, CONCLUDES)
# How a premise may be worded: as what is said of something, as a whole clause, as what is taken for granted.
SAYS, CLAUSES, IMPLIES, UNLESS = "says", "clauses", "implies", "unless"
KINDS = (SAYS, CLAUSES, IMPLIES, UNLESS)


@dataclass(frozen=True)
class PremiseFile:
    """The checked wordings.

    Attributes:
        spellings: the right word by misspelling.
        dropped: phrases that never change what is said.
        lists: phrases by the name of their list; those of a premise are named as `list_name` says.
        ids: the premises in file order.
        topics: the entry that each premise rests on first.
    """

    spellings: Mapping[str, str]
    dropped: tuple[str, ...]
    lists: Mapping[str, tuple[str, ...]]
    ids: tuple[str, ...]
    topics: Mapping[str, str]


def list_name(premise: str, kind: str) -> str:
    """Returns the name of the list that holds the wordings of a premise of one kind."""
    return f"{premise}/{kind}"


def read_premises(path: Path) -> PremiseFile:
    """Returns the wordings of the file.

    Raises:
        ContentError: the file is malformed; the error names the list or premise and the line.
    """
    keys = read(path).mapping(required=("spellings", "dropped", "words", "context", "premises"))
    parts = {
        **keys["words"].mapping(optional=None),
        **keys["context"].mapping(required=ROLES),
    }
    topics = {}
    for item in keys["premises"].items():
        premise = item.mapping(required=("id", "correction", "claims"), optional=KINDS)
        name = premise["id"].text()
        topics[name] = _texts(premise["claims"], name)[0].partition("/")[0]
        given = {list_name(name, kind): premise[kind] for kind in KINDS if kind in premise}
        parts |= given
    lists = {name: _texts(part, name) for name, part in parts.items()}
    try:
        Phrasebook(lists)
    except PhraseError as error:
        raise parts[error.name].error(str(error), error.name) from error
    return PremiseFile(
        spellings=_spellings(keys["spellings"]),
        dropped=_texts(keys["dropped"], "dropped"),
        lists=lists,
        ids=tuple(topics),
        topics=topics,
    )


def _texts(part: Part, name: str) -> tuple[str, ...]:
    return tuple(item.text(name) for item in part.items(name))


def _spellings(part: Part) -> dict[str, str]:
    return {
        wrong: right
        for right, wrongs in part.mapping(optional=None).items()
        for wrong in _texts(wrongs, right)
    }
