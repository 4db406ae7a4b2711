"""Numbers that identify somebody: telephones, cards, accounts, national and patient numbers."""

import re
from collections.abc import Iterator

from assistant.redaction.span import Span

_DIGIT_WORD = r"(?:zero|oh|nought|one|two|three|four|five|six|seven|eight|nine|double|triple)"
_LONG = re.compile(r"(?<![\w.,])(?:\+|00)?\s?\(?\d(?:[\s().\-/–]{0,3}\d){6,}")
_SPELLED = re.compile(rf"\b{_DIGIT_WORD}(?:[\s,-]+{_DIGIT_WORD}){{5,}}\b", re.IGNORECASE)
_CALLED = re.compile(
    r"\b(?:phone|tel|telephone|mobile|mob|cell|landline|call|text|ring|reach|whats\s?app|number|fax|contact"
    r"|handy|telefon|tél|teléfono|ext|extension)\b[^\d\n+]{0,20}(\+?\(?\d(?:[\s().\-–]{0,2}\d){3,})",
    re.IGNORECASE,
)
_FILED = re.compile(
    r"\b(?:mrn|nhs|ssn|sin|nino?|ni|national insurance|social security|passport|licen[cs]e|patient|hospital"
    r"|medical record|record|chart|case|file|policy|member(?:ship)?|insurance|account|acct|iban|tax|tin"
    r"|steuer(?:nummer)?|dni|nie|nif|insee|cpf|pesel|aadhaar|medicare|booking|ref(?:erence)?|order|invoice"
    r"|registration|id|identity|ausweis|reisepass|pps|card|sort code|cvv|pin)\b"
    r"(?:\s*(?:number|no\.?|nr\.?|num|id|code|card|is|was|[:#=-]))*\s*"
    r"([A-Za-z]{0,4}[-\s/]?\d[\w/-]{2,}(?:[ -]\d[\w/-]*)*)",
    re.IGNORECASE,
)
_SHAPES = (
    # British national insurance number, IBAN
    re.compile(r"\b[A-Za-z]{2}\s?\d{2}\s?\d{2}\s?\d{2}\s?[A-Da-d]\b"),
    re.compile(r"\b[A-Za-z]{2}\d{2}(?:[\s-]?[A-Za-z0-9]{4}){2,7}(?:[\s-]?[A-Za-z0-9]{1,4})?\b"),
    # letters before or behind a row of digits: identity cards, passports, patient and policy numbers
    re.compile(r"\b(?!(?:usd|eur|gbp|chf|aud|cad|mg|ml|mcg)\d)[A-Za-z]{1,4}[-/]?\d{4,}[A-Za-z]{0,2}\b", re.I),
    re.compile(r"\b\d{5,}[-/]?[A-Za-z]{1,3}\b(?<!mg)(?<!ml)(?<!kg)(?<!iu)", re.IGNORECASE),
    re.compile(r"\b(?:\d{1,3}\.){3}\d{1,3}\b"),
)
_MIXED = re.compile(r"\b[A-Za-z0-9]{7,}\b")
_YEARS = re.compile(r"(?:(?:19|20)\d\d[\s/–-]*)+")
_MIXED_DIGITS, _CALLED_DIGITS, _FILED_DIGITS = 4, 4, 3
_CARD_DIGITS = range(13, 20)


def find_numbers(text: str) -> Iterator[Span]:
    """Yields the numbers of seven digits or more, and shorter ones that are told to be somebody's."""
    for found in _LONG.finditer(text):
        if not _YEARS.fullmatch(found.group().strip()):
            yield Span(found.start(), found.end(), _kind(found.group()))
    for found in _SPELLED.finditer(text):
        yield Span(found.start(), found.end(), "phone")
    for found in _CALLED.finditer(text):
        if _digits(found[1]) >= _CALLED_DIGITS and not _YEARS.fullmatch(found[1]):
            yield Span(found.start(1), found.end(1), "phone")
    for found in _FILED.finditer(text):
        if _digits(found[1]) >= _FILED_DIGITS:
            yield Span(found.start(1), found.end(1), "id")
    for shape in _SHAPES:
        for found in shape.finditer(text):
            if _digits(found.group()) >= _MIXED_DIGITS:
                yield Span(found.start(), found.end(), "id")
    for found in _MIXED.finditer(text):
        digits = _digits(found.group())
        if _MIXED_DIGITS <= digits < len(found.group()):
            yield Span(found.start(), found.end(), "id")


def _digits(text: str) -> int:
    return sum(character.isdigit() for character in text)


def _kind(text: str) -> str:
    digits = [int(character) for character in text if character.isdigit()]
    if len(digits) in _CARD_DIGITS and _is_card(digits):
        return "card"
    return "phone" if text.strip().startswith(("+", "0", "(")) else "number"


def _is_card(digits: list[int]) -> bool:
    """Returns whether the check digit is right (ISO/IEC 7812-1, Luhn)."""
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[-2::-2]]
    return (sum(doubled) + sum(digits[-1::-2])) % 10 == 0
