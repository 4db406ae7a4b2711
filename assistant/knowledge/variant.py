"""Which text of an entry holds for the subject that is talked about."""

from collections.abc import Mapping
from dataclasses import replace

from assistant.knowledge.model import Entry


def for_subject(entry: Entry, subjects: Mapping[str, str]) -> Entry:
    """Returns the entry with the fields of its most specific variant that holds, the first on a tie.

    Args:
        entry: any entry.
        subjects: slot (condition, treatment, area) to canonical id.
    """
    holding = [variant for variant in entry.variants if variant.when.items() <= subjects.items()]
    if not holding:
        return entry
    best = max(holding, key=lambda variant: len(variant.when))
    given = {name: getattr(best, name) for name in ("answer", "more", "next_step", "evidence")}
    return replace(entry, **{name: value for name, value in given.items() if value is not None})
