"""All that is wrong in a folder of content files, for people and tools that mend it.

More than a running server checks when a file changes: how hard the texts are to read takes seconds.
"""

from dataclasses import replace
from pathlib import Path
from statistics import median

from assistant.errors import ContentError
from assistant.knowledge.load import Examination, examine
from assistant.knowledge.readability import MEDIAN, MOST, Grades, correction_grades, grades, too_hard
from assistant.knowledge.wording import Wording

# One sentence cannot be cut, so it may be a little longer than those of an entry.
CORRECTION_MOST = 10.0


def validate(folder: Path) -> Examination:
    """Returns every problem and warning of every file of a folder, its overlay and its reading grades."""
    found = examine(folder)
    if found.knowledge is None:
        return found
    terms = Wording.load(folder / "schema" / "wording.yml").subject_terms
    read = list(grades(found.knowledge, terms))
    problems = [_too_hard(folder, one) for one in read if too_hard(one)]
    problems += [
        ContentError(
            f"reading grade {grade:.1f}; at most {CORRECTION_MOST}.", folder / "premises.yml", premise
        )
        for premise, grade in correction_grades(found.knowledge, terms)
        if grade > CORRECTION_MOST
    ]
    if (middle := median(one.whole for one in read)) > MEDIAN:
        message = (
            f"the median reading grade is {middle:.1f}; at most {MEDIAN}. Use shorter words and sentences."
        )
        problems.append(ContentError(message, folder / "topics"))
    return replace(found, problems=tuple(problems))


def _too_hard(folder: Path, found: Grades) -> ContentError:
    when = f" in the variant for {dict(found.when)}" if found.when else ""
    message = f"reading grade {found.answer:.1f} (answer), {found.whole:.1f} (all){when}; at most {MOST}."
    return ContentError(f"{message} Use shorter words and sentences.", folder / "topics", found.topic)
