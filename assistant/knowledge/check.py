"""All checks that a schema cannot say, over whatever could be read."""

from collections.abc import Iterator

from assistant.errors import ContentError
from assistant.knowledge.build import build_clinic, build_entry, build_premise, build_safety, build_smalltalk
from assistant.knowledge.check_button import button_problems
from assistant.knowledge.check_clinic import clinic_problems
from assistant.knowledge.check_entry import KnownNames, entry_problems
from assistant.knowledge.check_premise import premise_problems
from assistant.knowledge.check_reply import filled_problems, safety_problems, smalltalk_problems
from assistant.knowledge.collect import Parts
from assistant.knowledge.wording import Wording


def check(parts: Parts, wording: Wording) -> Iterator[ContentError]:
    """Yields what is wrong in the parts; a check whose files could not be read is left out."""
    files = parts.files
    clinic = build_clinic(files["clinic"].data) if "clinic" in files else None
    safety = build_safety(files["safety"].data) if "safety" in files else None
    smalltalk = build_smalltalk(files["smalltalk"].data) if "smalltalk" in files else None
    topics = _frozen(parts.seen["topics"])
    people = None if clinic is None else frozenset(person.name for person in clinic.practitioners)
    known = KnownNames(topics, _frozen(parts.seen["sources"]), people)
    for part in parts.items["topics"].values():
        yield from entry_problems(build_entry(part.data), part, known, wording)
    for part in parts.items["premises"].values():
        yield from premise_problems(build_premise(part.data), part, parts.items["topics"], topics, wording)
    if safety is not None:
        yield from safety_problems(safety, files["safety"], wording)
    if safety is not None and clinic is not None:
        yield from filled_problems(safety, clinic, files["safety"])
    if topics is None:
        return
    if clinic is not None:
        countries = None if safety is None else frozenset(safety.numbers)
        yield from clinic_problems(clinic, files["clinic"], topics, countries)
    if smalltalk is not None:
        yield from smalltalk_problems(smalltalk, files["smalltalk"], topics, wording)
    if smalltalk is not None and safety is not None:
        pairs = (safety, files["safety"]), (smalltalk, files["smalltalk"])
        yield from button_problems(*pairs, parts.items["topics"].values(), topics, wording)


def cautions(parts: Parts) -> Iterator[ContentError]:
    """Yields what is no error but waits for a person: nobody has signed, a number is not verified."""
    for part in parts.items["topics"].values():
        if part.data["claims"] and not part.data["reviewer"]:
            yield part.error("nobody has reviewed this entry yet.", "reviewer")
    if "safety" in parts.files:
        for country, numbers in parts.files["safety"].data["numbers"].items():
            if numbers["verified_on"] is None:
                message = f"nobody has verified the numbers of {country} yet."
                yield parts.files["safety"].error(message, "numbers", country, "verified_on")


def _frozen(names: set[str] | None) -> frozenset[str] | None:
    return None if names is None else frozenset(names)
