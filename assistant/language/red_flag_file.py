"""Reading and checking the rule file of the red flags."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from assistant.language.lookup_file import Part, read
from assistant.language.red_flag_context import ROLES
from assistant.language.red_flag_doubt import read_doubts
from assistant.language.red_flag_phrases import Phrasebook, PhraseError
from assistant.language.red_flag_reading import NO_BREAK, Reading

# In order of severity; now and crisis stand equal, so the file's order decides between them.
SEVERITY = {"now": 0, "crisis": 0, "today": 1, "days": 2}
GROUPS = {
    "now": (
        "airway_allergy", "chest_heart", "stroke", "sight", "collapse", "head", "sepsis", "dying_skin",
        "blocked_vessel", "cold_limb", "bleeding", "clot", "breathless", "anaesthetic", "child", "overdose",
        "septic_joint", "cauda_equina", "pregnancy_bleeding", "unnamed",
    ),
    "today": (
        "infection_signs", "fever", "open_sore", "calf_pain", "fast_heart", "tendon", "self_injection",
    ),
    "days": ("late_lump",),
    "crisis": ("self_harm", "eating_distress"),
}  # fmt: skip
# The list of words for persons, which the reading of "mum's" needs.
OWNERS = "owner"
WINDOWS = ("sentence", "message")


@dataclass(frozen=True)
class Near:
    """Lists whose phrases must stand near each other; `mentioned` ones need not be stated as true."""

    names: tuple[str, ...]
    mentioned: bool


@dataclass(frozen=True)
class Alternative:
    """Terms that must all be there, with the names of all their lists."""

    terms: tuple[Near, ...]
    names: frozenset[str]


@dataclass(frozen=True)
class Flag:
    """One rule: any of its alternatives raises the flag, unless an excuse stands in the sentence.

    Each excuse is a set of lists that must all be named; `needs` has the lists that must be named
    anywhere in the message; `evidence` has the ids in the evidence file.
    """

    id: str
    group: str
    level: str
    evidence: tuple[str, ...]
    alternatives: tuple[Alternative, ...]
    unless: tuple[frozenset[str], ...]
    needs: frozenset[str]
    window: str


@dataclass(frozen=True)
class RuleFile:
    """The checked content of the rule file; `flags` are sorted by severity, `doubts` are patterns."""

    spellings: Mapping[str, str]
    key_words: tuple[str, ...]
    ordinary_words: tuple[str, ...]
    dropped: tuple[str, ...]
    lists: Mapping[str, tuple[str, ...]]
    flags: tuple[Flag, ...]
    doubts: tuple[re.Pattern[str], ...]


def read_rules(path: Path) -> RuleFile:
    """Return the content of the rule file.

    Raises:
        ContentError: the file is malformed; the error names the flag or list and the line.
    """
    required = (
        "source",
        "spellings",
        "key_words",
        "ordinary_words",
        "dropped",
        "words",
        "context",
        "doubts",
        "flags",
    )
    keys = read(path).mapping(required=required)
    keys["source"].text()
    words = keys["words"].mapping(required=(OWNERS,), optional=None)
    context = keys["context"].mapping(required=ROLES)
    for name in words.keys() & context.keys():
        raise words[name].error("a list under `words` has the name of a list under `context`", name)
    parts = {**words, **context}
    lists = {name: _texts(part, name) for name, part in parts.items()}
    try:
        Phrasebook(lists)
    except PhraseError as error:
        raise parts[error.name].error(str(error), error.name) from error
    dropped = _texts(keys["dropped"], "dropped")
    _refuse_dropped(dropped, keys["dropped"], parts)
    flags = [_flag(part, frozenset(lists)) for part in keys["flags"].items("flags")]
    _refuse_twins(keys["flags"], flags)
    return RuleFile(
        spellings=_spellings(keys["spellings"]),
        key_words=_texts(keys["key_words"], "key_words"),
        ordinary_words=_texts(keys["ordinary_words"], "ordinary_words"),
        dropped=dropped,
        lists=lists,
        flags=tuple(sorted(flags, key=lambda flag: SEVERITY[flag.level])),
        doubts=read_doubts(keys["doubts"]),
    )


def _refuse_dropped(dropped: tuple[str, ...], place: Part, parts: Mapping[str, Part]) -> None:
    """Refuse phrases that can never be met because words of them are taken out of each message."""
    try:
        book = Phrasebook({"dropped": dropped})
    except PhraseError as error:
        raise place.error(str(error), "dropped") from error
    for name, part in parts.items():
        for item in part.items(name):
            words = tuple(item.text(name).lower().split())
            found = book.find(Reading(words, words, (NO_BREAK,) * len(words)))
            for span in found.get("dropped", ()):
                lost = " ".join(words[span.start : span.end])
                raise item.error(f"{item.text(name)!r} can never be met: {lost!r} is in `dropped`", name)


def _texts(part: Part, name: str) -> tuple[str, ...]:
    return tuple(item.text(name) for item in part.items(name))


def _spellings(part: Part) -> dict[str, str]:
    spellings: dict[str, str] = {}
    for right, wrongs in part.mapping(optional=None).items():
        for item in wrongs.items(right):
            wrong = item.text(right)
            if wrong in spellings:
                raise item.error(f"{wrong!r} already stands for {spellings[wrong]!r}", right)
            spellings[wrong] = right
    return spellings


def _flag(part: Part, known: frozenset[str]) -> Flag:
    keys = part.mapping(
        required=("id", "group", "level", "evidence", "any"), optional=("unless", "needs", "within")
    )
    name = keys["id"].text()
    level = keys["level"].text(name)
    if level not in SEVERITY:
        raise keys["level"].error(f"unknown level {level!r}; known levels: {', '.join(SEVERITY)}", name)
    group = keys["group"].text(name)
    if group not in GROUPS[level]:
        message = f"unknown group {group!r} for level {level}; known groups: {', '.join(GROUPS[level])}"
        raise keys["group"].error(message, name)
    window = keys["within"].text(name) if "within" in keys else "sentence"
    if window not in WINDOWS:
        raise keys["within"].error(f"unknown window {window!r}; known windows: {', '.join(WINDOWS)}", name)
    unless = keys["unless"].items(name) if "unless" in keys else []
    needs = keys["needs"].items(name) if "needs" in keys else []
    return Flag(
        id=name,
        group=group,
        level=level,
        evidence=tuple(item.text(name) for item in keys["evidence"].items(name)),
        alternatives=tuple(_alternative(item, name, known) for item in keys["any"].items(name)),
        unless=tuple(_alternative(item, name, known).names for item in unless),
        needs=frozenset(_known(item.text(name), item, name, known) for item in needs),
        window=window,
    )


def _alternative(part: Part, flag: str, known: frozenset[str]) -> Alternative:
    terms = []
    for term in part.text(flag).split("+"):
        names = term.strip().removeprefix("(").removesuffix(")").split("~")
        stripped = tuple(_known(name.strip(), part, flag, known) for name in names)
        terms.append(Near(stripped, mentioned=term.strip().startswith("(")))
    return Alternative(tuple(terms), frozenset(name for term in terms for name in term.names))


def _known(name: str, part: Part, flag: str, known: frozenset[str]) -> str:
    if name not in known:
        raise part.error(f"there is no list {name!r} under `words` or `context`", flag)
    return name


def _refuse_twins(part: Part, flags: list[Flag]) -> None:
    seen: set[str] = set()
    for flag, item in zip(flags, part.items(), strict=True):
        if flag.id in seen:
            raise item.error(f"the id {flag.id!r} is given twice", flag.id)
        seen.add(flag.id)
