"""What must hold for the correction of a premise beyond its shape."""

from collections.abc import Iterator, Mapping

from assistant.errors import ContentError
from assistant.knowledge.check_entry import text_problems
from assistant.knowledge.model import Premise
from assistant.knowledge.part import Part
from assistant.knowledge.wording import Wording, sentences


def premise_problems(
    premise: Premise,
    part: Part,
    entries: Mapping[str, Part],
    topics: frozenset[str] | None,
    wording: Wording,
) -> Iterator[ContentError]:
    """Yields what is wrong in a correction.

    Args:
        premise: the value.
        part: where it was written.
        entries: the entries whose shape is right.
        topics: every entry id, None where a file could not be read, so that no id is called unknown.
        wording: what texts for patients keep to.
    """
    if len(sentences(premise.correction)) != 1:
        yield part.error("the correction must be one sentence.", "correction")
    yield from text_problems(premise.correction, part, ("correction",), wording, ())
    for term in wording.unexplained(premise.correction):
        message = f"{term!r} is not explained. Put plain words in brackets after it."
        yield part.error(message, "correction")
    for index, (entry, claim) in enumerate(premise.claims):
        if topics is not None and entry not in topics:
            message = f"topic {entry!r} does not exist. The topics are: {', '.join(sorted(topics))}."
            yield part.error(message, "claims", index)
        elif entry in entries:
            known = [row["id"] for row in entries[entry].data["claims"]]
            if claim not in known:
                message = f"claim {claim!r} of {entry} does not exist. The claims are: {', '.join(known)}."
                yield part.error(message, "claims", index)
