"""What must hold for clinic.yml beyond its shape."""

import re
from collections.abc import Iterator
from datetime import time
from zoneinfo import available_timezones

from assistant.errors import ContentError
from assistant.knowledge.model import Clinic
from assistant.knowledge.part import Part

# Ranges that regulators keep for fiction (Ofcom; 555-01xx in North America): right in a demo only.
_FICTION = re.compile(r"^(?:\+44|0)(?:1632960|2079460|7700900)|55501\d\d$")


def clinic_problems(
    clinic: Clinic, part: Part, topics: frozenset[str], countries: frozenset[str] | None
) -> Iterator[ContentError]:
    """Yields what is wrong in clinic.yml; `countries` is None where safety.yml could not be used."""
    if clinic.time_zone not in available_timezones():
        message = f"time zone {clinic.time_zone!r} does not exist. Write one such as Europe/London."
        yield part.error(message, "time_zone")
    if countries is not None and clinic.country not in countries:
        known = ", ".join(sorted(countries - {"default"}))
        message = f"country {clinic.country!r} has no numbers in safety.yml. It knows: {known}."
        yield part.error(message, "country")
    if clinic.prices and clinic.prices_as_of is None:
        yield part.error("prices stand there without prices_as_of. Write their date.", "prices_as_of")
    yield from _hours_problems(clinic, part)
    for name in ("services_offered", "services_not_offered"):
        for index, topic in enumerate(getattr(clinic, name)):
            if topic not in topics:
                message = f"topic {topic!r} does not exist. The topics are: {', '.join(sorted(topics))}."
                yield part.error(message, name, index)
    for name in ("phone", "complications_phone"):
        number = re.sub(r"[^0-9+]", "", getattr(clinic, name))
        if not clinic.demo and _FICTION.search(number):
            message = f"{number!r} is a made-up number, but demo is false. Write the clinic's own."
            yield part.error(message, name)


def _hours_problems(clinic: Clinic, part: Part) -> Iterator[ContentError]:
    for weekday, spans in clinic.hours.items():
        last = time.min
        for index, (opens, closes) in enumerate(spans):
            if opens >= closes:
                message = f"{weekday} opens at {opens:%H:%M} but closes at {closes:%H:%M}. Swap them."
                yield part.error(message, "hours", weekday, index)
            if index and opens < last:
                message = f"{weekday} opens at {opens:%H:%M}, before it closes at {last:%H:%M}. Sort them."
                yield part.error(message, "hours", weekday, index)
            last = closes
    for index, closure in enumerate(clinic.closures):
        if closure.first > closure.last:
            message = f"the closure ends on {closure.last}, before it begins on {closure.first}."
            yield part.error(message, "closures", index)
