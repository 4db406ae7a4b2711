"""The {names} in texts and what stands for them."""

import re
from collections.abc import Iterable, Mapping

from assistant.knowledge.model import Sentence

_NAME = re.compile(r"\{([^{}]*)\}")

FROM_NUMBERS = (
    "emergency",
    "emergency_also",
    "urgent_name",
    "urgent",
    "crisis_name",
    "crisis_number",
    "without_voice",
)
FROM_CLINIC = (
    "clinic",
    "phone",
    "complications_phone",
    "booking_url",
    "email",
    "address",
    "directions",
    "step_free_access",
    "privacy_contact",
    "retention",
    "chats_read_by",
    "prices_as_of",
)
# Each stands alone in a list item and becomes several items.
LISTS = (
    "week",
    "closures",
    "prices",
    "practitioners",
    "products",
    "services_offered",
    "services_not_offered",
)
FROM_HOURS = ("hours_today", "next_opening")
# Only in the reply in place of an answer that is withdrawn.
FROM_ENTRY = ("topic_title", "review_due")


def names_in(text: str) -> list[str]:
    """Returns the names in braces, in order; a brace without a partner gives that brace."""
    rest = _NAME.sub("", text)
    return _NAME.findall(text) + [brace for brace in "{}" if brace in rest]


def fill(text: str, values: Mapping[str, str]) -> str:
    """Returns the text with each {name} replaced; raises KeyError for a name without a value."""
    return _NAME.sub(lambda match: values[match[1]], text)


def shown(sentences: Iterable[Sentence], values: Mapping[str, str]) -> tuple[Sentence, ...]:
    """Returns the sentences whose facts the clinic has, and those for facts that it lacks."""
    return tuple(
        sentence
        for sentence in sentences
        if all(values[name] for name in (*names_in(sentence.text), *filter(None, [sentence.needs])))
        and not (sentence.without and values[sentence.without])
    )
