"""What a list of conversations is to hold; can be kept as JSON."""

import json
from dataclasses import asdict, dataclass, field

from assistant.review.facet import NAMES, Property


class BadFilter(ValueError):
    """A filter that is not as it must be; the message names what is wrong."""


@dataclass(frozen=True)
class ConversationFilter:
    """Conditions that all hold; the empty filter takes every conversation.

    Attributes:
        facets: for each name the values of which one at least is there (`topic`: pain or cost).
        without: properties of which none is there.
        first, then: two properties, of which the first is there before a last `then`.
        since, until: bounds of the newest message, seconds since 1970; `until` is not within.
        confidence_below, confidence_from: bounds of the lowest score.
        turns_from, turns_to: bounds of the number of the visitor's messages, both within.
    """

    facets: dict[str, tuple[str, ...]] = field(default_factory=dict)
    without: tuple[Property, ...] = ()
    first: Property | None = None
    then: Property | None = None
    since: float | None = None
    until: float | None = None
    confidence_below: float | None = None
    confidence_from: float | None = None
    turns_from: int | None = None
    turns_to: int | None = None

    def __post_init__(self) -> None:
        named = [*self.facets, *(one.name for one in self.without)]
        named += [one.name for one in (self.first, self.then) if one is not None]
        for name in named:
            if name not in NAMES:
                raise BadFilter(f"{name!r} is no property. Known are: {', '.join(NAMES)}.")
        if (self.first is None) != (self.then is None):
            raise BadFilter("Of an order, both `first` and `then` are needed.")
        if any(not values for values in self.facets.values()):
            raise BadFilter("A facet needs at least one value.")

    def to_json(self) -> str:
        """Returns the filter as one line."""
        given = {key: value for key, value in asdict(self).items() if value not in (None, (), {})}
        return json.dumps(given, ensure_ascii=False, sort_keys=True)

    @classmethod
    def from_json(cls, line: str) -> "ConversationFilter":
        """Returns the filter of such a line; raises BadFilter."""
        try:
            values = json.loads(line)
            values["facets"] = {name: tuple(some) for name, some in values.get("facets", {}).items()}
            values["without"] = tuple(Property(**one) for one in values.get("without", ()))
            for key in ("first", "then"):
                if key in values:
                    values[key] = Property(**values[key])
            return cls(**values)
        except BadFilter:
            raise
        except (ValueError, TypeError, AttributeError) as error:
            raise BadFilter(f"not a filter ({type(error).__name__})") from None
