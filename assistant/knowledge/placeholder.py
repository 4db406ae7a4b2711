"""The {names} in texts and what stands for them."""

import re
from collections.abc import Mapping
from types import MappingProxyType

from assistant.knowledge.model import Clinic, Numbers

_NAME = re.compile(r"\{([^{}]*)\}")

FROM_NUMBERS = ("emergency", "emergency_also", "urgent_name", "urgent", "crisis_name", "crisis_number")
FROM_CLINIC = ("clinic", "phone", "complications_phone", "booking_url")
FROM_HOURS = ("hours_today", "next_opening")


def names_in(text: str) -> list[str]:
    """Returns the names in braces, in order; a brace without a partner gives that brace."""
    rest = _NAME.sub("", text)
    return _NAME.findall(text) + [brace for brace in "{}" if brace in rest]


def fill(text: str, values: Mapping[str, str]) -> str:
    """Returns the text with each {name} replaced; raises KeyError for a name without a value."""
    return _NAME.sub(lambda match: values[match[1]], text)


def values_of(clinic: Clinic, numbers: Numbers) -> Mapping[str, str]:
    """Returns what stands for each name that does not depend on the time."""
    line = numbers.crisis[0]
    return MappingProxyType(
        {
            "emergency": numbers.emergency,
            "emergency_also": numbers.emergency_also,
            "urgent_name": numbers.urgent_name,
            "urgent": numbers.urgent,
            "crisis_name": line.name,
            "crisis_number": line.number,
            "clinic": clinic.name,
            "phone": clinic.phone,
            "complications_phone": clinic.complications_phone or clinic.phone,
            "booking_url": clinic.links["booking"] or "",
        }
    )
