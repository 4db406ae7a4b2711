"""Which text of an entry holds for the subject that is talked about."""

from collections.abc import Collection, Mapping
from dataclasses import replace

from assistant.knowledge.model import Entry, Variant

Subjects = Mapping[str, Collection[str]]


def for_subject(entry: Entry, subjects: Subjects) -> Entry:
    """Returns the entry with the fields of its most specific variant that holds, the first on a tie.

    Args:
        entry: any entry.
        subjects: subject (condition, treatment, area, substance, product,
            medicine, country) to the canonical ids that are talked about.
    """
    holding = [variant for variant in entry.variants if _holds(variant, subjects)]
    if not holding:
        return entry
    best = max(holding, key=lambda variant: len(variant.when))
    given = {name: getattr(best, name) for name in ("answer", "more", "next_step", "evidence")}
    return replace(entry, **{name: value for name, value in given.items() if value is not None})


def _holds(variant: Variant, subjects: Subjects) -> bool:
    return all(not set(ids).isdisjoint(subjects.get(name, ())) for name, ids in variant.when.items())
