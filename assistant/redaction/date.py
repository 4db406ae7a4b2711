"""Dates that fall on a day, dates of birth, and ages above 89 (45 CFR 164.514(b)(2)(i)(C))."""

import re
from collections.abc import Iterator

from assistant.redaction.span import Span

_MONTH = (
    r"(?:jan(?:uary|uar|vier)?|feb(?:ruary|ruar)?|février|mar(?:ch|s|zo)?|märz|apr(?:il)?|avril|abril|may"
    r"|mai|mayo"
    r"|june?|juni|juin|junio|july?|juli|juillet|julio|aug(?:ust)?|août|agosto|sept?(?:ember|embre|iembre)?"
    r"|o[ck]t(?:ober|obre|ubre)?|nov(?:ember|embre|iembre)?|de[cz](?:ember|embre|iembre)?|décembre|enero|ener"
    r"|febrero|gennaio|febbraio|marzo|aprile|maggio|giugno|luglio|settembre|ottobre|dicembre)"
)
_DAY = r"(?:0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th|er|\.)?"
_YEAR = r"(?:19|20)\d\d|'?\d\d"
_PATTERNS = (
    re.compile(r"(?<![\d.])\d{1,4}\s?[./-]\s?\d{1,2}\s?[./-]\s?(?:19|20)?\d\d(?!\d)"),
    re.compile(r"(?<!\d)(?:19|20)\d\d\s?[./-]\s?\d{1,2}\s?[./-]\s?\d{1,2}(?!\d)"),
    re.compile(
        rf"\b{_DAY}(?:\s+(?:of|de|di))?[\s.-]*{_MONTH}\b\.?(?:[\s,.'-]+(?:(?:of|de|del"
        rf"|di)\s+)?(?:{_YEAR})\b)?",
        re.I,
    ),
    re.compile(
        rf"\b{_MONTH}\.?\s+{_DAY}\b(?!\s*(?:weeks|days|months|sessions|times))(?:,?\s+(?:{_YEAR}))?", re.I
    ),
    re.compile(
        r"\b(?:born|dob|d\.\s?o\.\s?b\.?|date of birth|birth\s?(?:day|date)|geboren|geb\.|née? le"
        r"|nacid[oa]|nat[oa] il)\b"
        rf"[^.\n\d]{{0,18}}?(\d[\d\s./-]{{1,12}}\d|{_MONTH}\b(?:\s+\d{{4}})?)",
        re.IGNORECASE,
    ),
)
_AGE = re.compile(
    r"\b(9\d|1[0-2]\d)(?=\s?-?\s?(?:years?|yrs?|y/?o|yo)\b(?!\s+ago))"
    r"|\b(?:aged?|i'?m|i’m|i am|turning|she'?s|he'?s|she is|he is)\s+(9\d|1[01]\d)\b"
    r"(?!\s*(?:%|per\s?cent|kg|kilos?|lbs?|pounds|cm|sure|days|weeks|minutes))",
    re.IGNORECASE,
)


def find_dates(text: str) -> Iterator[Span]:
    """Yields the dates and the ages; months, years and durations alone stay."""
    for pattern in _PATTERNS:
        for found in pattern.finditer(text):
            yield Span(found.start(pattern.groups), found.end(pattern.groups), "date")
    for found in _AGE.finditer(text):
        group = 1 if found[1] else 2
        yield Span(found.start(group), found.end(group), "age")
