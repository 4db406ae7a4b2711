"""What a reviewer of the content wants to see on one page, as Markdown."""

from collections import Counter
from collections.abc import Iterator, Mapping
from statistics import median

from assistant.knowledge.model import Entry, Knowledge, Source
from assistant.knowledge.readability import MEDIAN, MOST, Grades, grades
from assistant.knowledge.review import NUMBERS_MONTHS, numbers_due, withdrawn_from
from assistant.knowledge.wording import Wording, word_count

_HOW_SEEN = {"abstract": "only its abstract", "outline": "only its outline", "secondary": "second-hand"}


def content_report(knowledge: Knowledge, wording: Wording) -> str:
    """Returns the page: numbers, grades, reviews due, and sources not read in full."""
    read = list(grades(knowledge, wording.subject_terms))
    return "\n".join(
        [
            "# Content report",
            "",
            "Made by `make content-report` from `data/knowledge`; not written by hand.",
            "",
            *_summary(knowledge, read),
            "",
            "## Reading grades",
            "",
            f"US school grades without the {len(wording.subject_terms)} subject terms of schema/wording.yml.",
            f"Flesch-Kincaid may be {MOST:.0f} for an answer and a whole entry, and {MEDIAN} in the median.",
            "SMOG is made for 30 sentences and more, so here it is only an indication.",
            "",
            "| entry | variant | words (answer + more) | answer | whole | SMOG |",
            "| --- | --- | --- | --- | --- | --- |",
            *(_grade_row(knowledge.entries[one.topic], one) for one in read),
            "",
            "## Reviews due",
            "",
            "After its due date an answer carries a caution. From the second date on it is not told,",
            "unless it is about safety.",
            "",
            "| due | not told from | entries | checked by a clinician |",
            "| --- | --- | --- | --- |",
            *_due_rows(knowledge),
            "",
            "## Telephone numbers",
            "",
            f"Due {NUMBERS_MONTHS} months after they were verified. Patients see them all the same.",
            "",
            "| country | verified on | due | source |",
            "| --- | --- | --- | --- |",
            *_number_rows(knowledge),
            "",
            "## Sources that we have not read in full",
            "",
            "| source | how it was read | title | claims that rest on it | claims that rest on it alone |",
            "| --- | --- | --- | --- | --- |",
            *_source_rows(knowledge),
            "",
        ]
    )


def _summary(knowledge: Knowledge, read: list[Grades]) -> Iterator[str]:
    entries = list(knowledge.entries.values())
    levels = Counter(entry.evidence.level for entry in entries)
    claims = sum(len(entry.claims) for entry in entries)
    yield f"- Entries: {len(entries)}, with {len(read) - len(entries)} variants and {claims} claims."
    yield f"- Evidence levels: {', '.join(f'{level} {count}' for level, count in sorted(levels.items()))}."
    yield f"- Signed by a clinician: {sum(bool(entry.reviewer) for entry in entries)}."
    whole, smog = [one.whole for one in read], [one.smog for one in read]
    yield f"- Flesch-Kincaid of whole entries: median {median(whole):.1f}, highest {max(whole):.1f}."
    yield f"- Flesch-Kincaid of answers: highest {max(one.answer for one in read):.1f}."
    yield f"- SMOG of whole entries: median {median(smog):.1f}, highest {max(smog):.1f}."


def _grade_row(entry: Entry, found: Grades) -> str:
    held = next((one for one in entry.variants if one.when == found.when), None)
    answer = entry.answer if held is None or held.answer is None else held.answer
    more = entry.more if held is None or held.more is None else held.more
    counts = " + ".join(str(sum(word_count(one.text) for one in part)) for part in (answer, more))
    when = "; ".join(f"{name}: {', '.join(ids)}" for name, ids in found.when.items())
    return f"| {entry.id} | {when} | {counts} | {found.answer:.1f} | {found.whole:.1f} | {found.smog:.1f} |"


def _due_rows(knowledge: Knowledge) -> Iterator[str]:
    due = Counter(
        (entry.review_due, str(withdrawn_from(knowledge, entry) or "never"), entry.reviewer or "nobody yet")
        for entry in knowledge.entries.values()
    )
    for (day, withdrawn, who), count in sorted(due.items()):
        yield f"| {day} | {withdrawn} | {count} | {who} |"


def _number_rows(knowledge: Knowledge) -> Iterator[str]:
    for country, numbers in knowledge.safety.numbers.items():
        due = numbers_due(numbers) or "now"
        yield f"| {country} | {numbers.verified_on or 'never'} | {due} | {numbers.source} |"


def _source_rows(knowledge: Knowledge) -> Iterator[str]:
    claims = [claim.sources for entry in knowledge.entries.values() for claim in entry.claims.values()]
    for source in _by_id(knowledge.sources):
        used = [sources for sources in claims if source.id in sources]
        if source.seen in _HOW_SEEN and used:
            alone = sum(sources == (source.id,) for sources in used)
            title = source.title.replace("|", "/")
            yield f"| {source.id} | {_HOW_SEEN[source.seen]} | {title} | {len(used)} | {alone} |"


def _by_id(sources: Mapping[str, Source]) -> list[Source]:
    return sorted(sources.values(), key=lambda one: (len(one.id.rstrip("abcdefgh")), one.id))
