"""From parts whose shape is right to the values of model.py."""

import re
from collections.abc import Mapping
from datetime import date, time
from types import MappingProxyType
from typing import Any

from assistant.knowledge.model import (
    Claim,
    Clinic,
    Closure,
    CrisisLine,
    Entry,
    Evidence,
    Numbers,
    Pattern,
    Practitioner,
    Premise,
    Price,
    Safety,
    Script,
    Sentence,
    Smalltalk,
    Source,
    Variant,
)

Raw = Mapping[str, Any]


def build_entry(raw: Raw) -> Entry:
    """Returns the entry that the raw values describe."""
    return Entry(
        id=raw["id"],
        title=raw["title"],
        question=raw["question"],
        answer=_sentences(raw["answer"]),
        more=_sentences(raw["more"]),
        next_step=raw["next_step"],
        evidence=Evidence(**raw["evidence"]),
        claims=MappingProxyType({claim["id"]: _claim(claim) for claim in raw["claims"]}),
        variants=tuple(_variant(variant) for variant in raw.get("variants", [])),
        follow_ups=tuple(raw["follow_ups"]),
        buttons=tuple(raw.get("buttons", ())),
        written=date.fromisoformat(raw["written"]),
        review_due=date.fromisoformat(raw["review_due"]),
        version=raw["version"],
        reviewer=raw["reviewer"],
        reviewed_on=_date(raw.get("reviewed_on")),
        safety_topic=raw.get("safety_topic", False),
        personal=raw.get("personal", False),
    )


def build_source(raw: Raw) -> Source:
    """Returns the source that the raw values describe."""
    return Source(**raw)


def build_premise(raw: Raw) -> Premise:
    """Returns the premise that the raw values describe; its wordings are read by the language room."""
    pairs = (name.partition("/") for name in raw["claims"])
    return Premise(raw["id"], raw["correction"], tuple((entry, claim) for entry, _, claim in pairs))


def build_safety(raw: Raw) -> Safety:
    """Returns safety.yml as values."""
    return Safety(
        numbers=MappingProxyType({country: _numbers(row) for country, row in raw["numbers"].items()}),
        short_line=raw["short_line"],
        boundary_line=raw["boundary_line"],
        replies=_scripts(raw["replies"]),
        reminders=MappingProxyType(dict(raw.get("reminders", {}))),
        after_danger=_patterns(raw.get("after_danger", {})),
        personal_data=tuple(map(re.compile, raw.get("personal_data", ()))),
        unreviewed_note=raw["unreviewed_note"],
        overdue_note=raw["overdue_note"],
        # a default here and elsewhere is for content of earlier revisions, which content-diff reads
        overdue_grace_days=raw.get("overdue_grace_days", 180),
        button_titles=MappingProxyType(dict(raw["button_titles"])),
    )


def build_smalltalk(raw: Raw) -> Smalltalk:
    """Returns smalltalk.yml as values."""
    return Smalltalk(
        replies=_scripts(raw["replies"]),
        notice_version=raw["notice"]["version"],
        notice=raw["notice"]["text"],
        starters=tuple(raw["starters"]),
        hours=MappingProxyType(dict(raw["hours"])),
        lists=MappingProxyType(dict(raw["lists"])),
        button_titles=MappingProxyType(dict(raw["button_titles"])),
    )


def build_clinic(raw: Raw) -> Clinic:
    """Returns clinic.yml as values."""
    return Clinic(
        **{
            **raw,
            "hours": MappingProxyType({day: _spans(spans) for day, spans in raw["hours"].items()}),
            "closures": tuple(_closure(closure) for closure in raw["closures"]),
            "links": MappingProxyType(dict(raw["links"])),
            "services_offered": tuple(raw["services_offered"]),
            "services_not_offered": tuple(raw["services_not_offered"]),
            "practitioners": tuple(Practitioner(**person) for person in raw["practitioners"]),
            "products": tuple(raw["products"]),
            "prices": tuple(Price(**price) for price in raw["prices"]),
            "prices_as_of": _date(raw["prices_as_of"]),
            "languages": tuple(raw["languages"]),
        }
    )


def _sentences(raw: list[Raw]) -> tuple[Sentence, ...]:
    return tuple(Sentence(**{**item, "claims": tuple(item.get("claims", ()))}) for item in raw)


def _claim(raw: Raw) -> Claim:
    return Claim(**{**raw, "sources": tuple(raw["sources"])})


def _variant(raw: Raw) -> Variant:
    return Variant(
        when=MappingProxyType({name: _either(value) for name, value in raw["when"].items()}),
        answer=_sentences(raw["answer"]) if "answer" in raw else None,
        more=_sentences(raw["more"]) if "more" in raw else None,
        next_step=raw.get("next_step"),
        evidence=Evidence(**raw["evidence"]) if "evidence" in raw else None,
    )


def _either(raw: str | list[str]) -> tuple[str, ...]:
    return (raw,) if isinstance(raw, str) else tuple(raw)


def _numbers(raw: Raw) -> Numbers:
    crisis = tuple(CrisisLine(**line) for line in raw["crisis"])
    return Numbers(**{**raw, "crisis": crisis, "verified_on": _date(raw["verified_on"])})


def _scripts(raw: Raw) -> Mapping[str, Script]:
    return MappingProxyType({name: _script(script) for name, script in raw.items()})


def _script(raw: Raw) -> Script:
    return Script(
        text=tuple(raw.get("text", ())),
        lead=raw.get("lead", ""),
        groups=MappingProxyType(dict(raw.get("groups", {}))),
        default=raw.get("default", ""),
        then=tuple(raw.get("then", ())),
        again=raw.get("again", ""),
        next_step=raw.get("next_step", ""),
        buttons=tuple(raw.get("buttons", ())),
    )


def _patterns(raw: Raw) -> Mapping[str, tuple[Pattern, ...]]:
    return MappingProxyType({name: tuple(map(re.compile, texts)) for name, texts in raw.items()})


def _closure(raw: Raw) -> Closure:
    return Closure(date.fromisoformat(raw["from"]), date.fromisoformat(raw["to"]), raw["why"])


def _spans(raw: list[list[str]]) -> tuple[tuple[time, time], ...]:
    return tuple((time.fromisoformat(opens), time.fromisoformat(closes)) for opens, closes in raw)


def _date(raw: str | None) -> date | None:
    return None if raw is None else date.fromisoformat(raw)
