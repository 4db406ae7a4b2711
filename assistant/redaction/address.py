"""Streets, postcodes, and the places where somebody says to live."""

import re
from collections.abc import Iterator

from assistant.redaction.span import Span

_NO_STREET = (
    r"(?!(?:weeks?|days?|months?|years?|yrs?|sessions?|times?|hours?|hrs?|minutes?|mins?|seconds?|treatments?"
    r"|injections?|in|on|at|the|a|an|my|per|to|for|and|or|is|was|from|with|mg|ml|kg|percent|people|women|men"
    r"|am|pm|more|of|out|by|it|i|if|after|before|this|that|all|any|no|not|different)\b)"
)
_STREET = (
    r"(?:street|str|st|road|rd|avenue|ave|av|lane|ln|drive|dr|close|court|ct|crescent|cres|place|pl|way"
    r"|square|sq"
    r"|terrace|boulevard|blvd|gardens|gdns|grove|hill|park|row|mews|walk|parade|highway|hwy|circle|cir"
    r"|quay|green"
    r"|view|rise|parkway|pkwy|alley|loop|trail)"
)
_OF = r"(?:(?:de|del|la|le|les|los|las|des|du|di|da|della|do|dos|das|san|santa|l['’]|d['’])\s*)*"
_ROAD = (
    r"(?:rue|avenue|av\.|boulevard|bd|place|chemin|allée|impasse|quai|calle|c/|avenida|avda\.?|plaza"
    r"|paseo|via"
    r"|viale|piazza|corso|rua|travessa|ul\.|ulica|aleja)"
)
_HOME = r"(?:(?:flat|apt\.?|apartment|unit|suite|room|house|no\.?|number)\s*\w{1,5}[,\s]+)?"
_WITHOUT_CASE = [
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"\b{_HOME}\d{{1,5}}\s?[a-z]?(?:[,\s]+)(?:{_NO_STREET}[^\W\d_][\w'’.-]*\s+){{1,3}}{_STREET}\b\.?",
        r"\b[^\W\d_]{3,}[\s-]?(?:straße|strasse|str\.|gasse|platz|allee|damm|ufer|weg|straat|laan|gatan|vej)"
        r"\s+\d{1,4}\s?[a-z]?\b",
        rf"\b\d{{1,4}}\s?(?:bis|ter)?,?\s+{_ROAD}\s+{_OF}[^\W\d_][\w'’.-]*(?:\s+[A-Z][\w'’.-]*)*",
        rf"\b{_ROAD}\s+{_OF}[^\W\d_][\w'’.-]*(?:\s+{_OF}[^\W\d_][\w'’.-]*)?,?\s*(?:n[ºo°]\.?\s*)?\d{{1,4}}\b",
        r"\b(?:gir\s?0aa|[a-pr-uwyz][a-hk-y]?\d[\da-hjkmnp-y]?\s?\d[abd-hjlnp-uw-z]{2})\b",
        r"\b[abceghj-nprstvxy]\d[a-z]\s?\d[a-z]\d\b",
        r"\b[ac-fhknprtv-y]\d{2}\s?(?=[a-z]*\d)[0-9ac-fhknprtv-y]{4}\b",
        r"\bp\.?\s?o\.?\s?box\s+\w+",
    )
]
_WITH_CASE = [
    re.compile(r"(?:\b[A-Z][^\W\d_]+,?\s+)?\b[A-Z]{2},?\s+\d{5}(?:-\d{4})?\b"),
    re.compile(r"\b[^\W\d_]{3,},\s+[a-z]{2}\s+\d{5}\b"),
    re.compile(
        r"\b(?:[A-Z]{1,2}-)?(?!(?:19|20)\d\d\s)\d{4,5}\s+[A-ZÄÖÜÉ][^\W\d_]{2,}(?:[\s-][A-ZÄÖÜ][^\W\d_]+)?"
    ),
]
_TOLD = (
    re.compile(
        r"\b(?:zip|post\s?code|postal|plz|eircode)\b[^\d\n]{0,14}?((?=\w*\d"
        r"|\w+\s\d)\w{2,5}(?:[ -]?\w{3,4})?)\b",
        re.I,
    ),
    re.compile(
        r"\b(?:i|we)(?:\s+(?:currently|now|still|both))?\s+live\s+(?:in|at|near|on)\s+(.+?)(?=[.,;!?\n]"
        r"|\s+(?:and|but|so|with"
        r"|is|do|can|where|which|because|if|what|how|for|since)\b|$)"
        r"|\b(?:my|home|our)\s+address(?:\s+is|:)?\s+(.+?)(?=[.;!?\n]|$)",
        re.IGNORECASE,
    ),
)
_NO_PLACE = re.compile(r"(?:a|an|the|constant|pain|fear|my|agony|hope)\b", re.IGNORECASE)
_LONGEST_PLACE = 60


def find_addresses(text: str) -> Iterator[Span]:
    """Yields the streets with a number, the postcodes, and places after "I live in"."""
    for pattern in (*_WITHOUT_CASE, *_WITH_CASE):
        for found in pattern.finditer(text):
            yield Span(found.start(), found.end(), "address")
    for pattern in _TOLD:
        for found in pattern.finditer(text):
            group = found.lastindex or 0
            if not _NO_PLACE.match(found[group]):
                yield Span(
                    found.start(group), min(found.end(group), found.start(group) + _LONGEST_PLACE), "address"
                )
