"""A filter as it stands in an address: `?topic=pain&reviewed=no&since=2026-11-01`."""

from collections.abc import Callable
from datetime import datetime, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from assistant.review.conversation_filter import BadFilter, ConversationFilter
from assistant.review.facet import LONGEST_VALUE, Property

# Names of properties that are chosen from lists, in the order of the form.
CHOICES = (
    "topic",
    "kind",
    "urgency",
    "channel",
    "language",
    "rating",
    "tag",
    "assignee",
    "intent",
    "by",
    "rule",
)
YES_NO = ("reviewed", "flagged")
NAMES = (*CHOICES, *YES_NO, "since", "until", "score_below", "turns_from", "turns_to", "first", "then")
MOST_VALUES = 20
LONGEST_NUMBER = 4

Pairs = list[tuple[str, str]]


def pairs_of(values: Callable[[str], list[str]]) -> Pairs:
    """Returns what of an address belongs to the filter, in one order."""
    return [(name, one[:LONGEST_VALUE]) for name in NAMES for one in values(name)[:MOST_VALUES]]


def as_query(pairs: Pairs, **more: object) -> str:
    """Returns the part of an address behind the question mark."""
    return urlencode([*pairs, *((name, str(value)) for name, value in more.items() if value is not None)])


def parse(pairs: Pairs, zone: str) -> ConversationFilter:
    """Returns the filter; raises BadFilter.

    Args:
        zone: time zone of the days; `until` is the last day that is within.
    """
    single = dict(pairs)
    facets: dict[str, tuple[str, ...]] = {}
    for name in CHOICES:
        chosen = tuple(value for key, value in pairs if key == name)
        if chosen:
            facets[name] = chosen
    without = []
    for name in YES_NO:
        if single.get(name) == "yes":
            facets[name] = ("yes",)
        elif single.get(name) == "no":
            without.append(Property(name, "yes"))
    below = _number(single, "score_below")
    return ConversationFilter(
        facets=facets,
        without=tuple(without),
        first=_property(single, "first"),
        then=_property(single, "then"),
        since=_day(single, "since", zone, 0),
        until=_day(single, "until", zone, 1),
        confidence_below=below / 100 if below is not None else None,
        turns_from=_number(single, "turns_from"),
        turns_to=_number(single, "turns_to"),
    )


def _number(single: dict[str, str], name: str) -> int | None:
    text = single.get(name, "")
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= LONGEST_NUMBER):
        raise BadFilter(f"{name} must be a whole number")
    return int(text)


def _day(single: dict[str, str], name: str, zone: str, later: int) -> float | None:
    text = single.get(name, "")
    if not text:
        return None
    try:
        day = datetime.strptime(text, "%Y-%m-%d") + timedelta(days=later)
        return day.replace(tzinfo=ZoneInfo(zone)).timestamp()
    except (ValueError, OverflowError):
        raise BadFilter(f"{name} must be a day") from None


def _property(single: dict[str, str], name: str) -> Property | None:
    """Returns what `topic:pain` means."""
    text = single.get(name, "")
    if not text:
        return None
    key, _, value = text.partition(":")
    return Property(key, value)
