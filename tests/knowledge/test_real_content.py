"""The content that patients read."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timezone

import pytest
import spacy

from assistant.channels.problem import KINDS, Problem
from assistant.knowledge import Knowledge, load, reply
from assistant.knowledge.report import content_report
from assistant.knowledge.validate import validate
from assistant.knowledge.wording import Wording
from assistant.language.red_flags import RedFlagDetector
from assistant.server.front import KnowledgeFront
from tests.knowledge.folder import REAL, ROOT

NOW = datetime(2026, 12, 1, 10, 0, tzinfo=timezone.utc)


@pytest.fixture(scope="module")
def real() -> Knowledge:
    """The content of data/knowledge, loaded once."""
    return load(REAL)


def test_real_content_has_no_problems() -> None:
    """What `make validate` checks holds."""
    assert [str(problem) for problem in validate(REAL).problems] == []


def test_no_reviewer_is_invented(real: Knowledge) -> None:
    """Whoever signs an entry stands in clinic.yml with a register number."""
    people = {person.name for person in real.clinic.practitioners}

    assert {entry.reviewer for entry in real.entries.values()} - {""} <= people


def test_every_sentence_is_told_with_its_sources(real: Knowledge) -> None:
    """Each answer, in each variant, has a source."""
    for entry in real.entries.values():
        for subjects in [{}, *(variant.when for variant in entry.variants)]:
            told = reply.answer(real, entry.id, subjects, now=NOW)
            assert bool(told["sources"]) != entry.id.startswith("clinic_"), entry.id


def test_every_emergency_begins_with_the_number(real: Knowledge) -> None:
    """For every group the first line holds the number of the clinic's country."""
    for group in [None, *real.safety.replies["emergency"].groups]:
        told = reply.emergency(real, group)
        assert real.numbers.emergency in told["text"].splitlines()[0], group
        assert told["buttons"][0]["url"] == f"tel:{real.numbers.emergency}", group


def test_level_of_evidence_for_cellulite_is_not_better_than_the_studies(real: Knowledge) -> None:
    """No good study shows that it removes cellulite, so no level above "none" may stand there."""
    assert real.entries["cellulite_effectiveness"].evidence.level in {"none", "contrary"}


def _in_each_country(real: Knowledge) -> Iterator[Knowledge]:
    for country in real.safety.numbers:
        yield replace(real, clinic=replace(real.clinic, country=country))


@pytest.mark.parametrize("again", [False, True])
@pytest.mark.parametrize("cannot_call", [False, True])
@pytest.mark.parametrize("level", ["now", "today", "days", "crisis", "safeguarding"])
def test_reply_to_danger_says_first_what_to_do(
    real: Knowledge, level: str, again: bool, cannot_call: bool
) -> None:
    """In each country and form: the number in the first line, one tap away, and that nobody reads along."""
    for abroad in _in_each_country(real):
        told = reply.red_flag(abroad, level, again=again, cannot_call=cannot_call)
        first, country = told["text"].splitlines()[0], abroad.clinic.country

        assert abroad.numbers.emergency in first and len(first) <= 100, (country, first)
        assert cannot_call or "your local" in first, (country, first)
        assert f"tel:{abroad.numbers.emergency}" in [button.get("url") for button in told["buttons"]]
        assert "nobody reads this chat live" in told["text"].lower(), country


def test_what_to_do_in_an_emergency_stands_in_the_first_300_characters(real: Knowledge) -> None:
    """Number and the group's sentence come before anything else, in each country."""
    script = real.safety.replies["emergency"]
    for abroad in _in_each_country(real):
        for group in [None, *script.groups]:
            first, second = reply.emergency(abroad, group)["text"].split("\n\n")[:2]
            assert len(first) + len(second) <= 300 and second == script.groups.get(
                group or "", script.default
            )


def test_who_cannot_call_is_told_how_else_in_each_country(real: Knowledge) -> None:
    """The sentence of the country, and that this program calls nobody."""
    for abroad in _in_each_country(real):
        text = reply.emergency(abroad, cannot_call=True)["text"]
        assert abroad.numbers.without_voice in text and "cannot call for you" in text


def test_who_may_be_overheard_is_told_to_delete_the_chat(real: Knowledge) -> None:
    """A violent partner may look at the phone."""
    assert "delete this chat" in reply.safeguarding(real, cannot_call=True)["text"]


def _not_answered(knowledge: Knowledge) -> dict[str, reply.Reply]:
    late = datetime(2040, 1, 1, tzinfo=timezone.utc)
    return {
        "personal_advice": reply.personal_advice(knowledge),
        "refusal": reply.refusal(knowledge),
        "out_of_scope": reply.out_of_scope(knowledge),
        "part_not_covered": reply.part_not_covered(knowledge),
        "clarify": reply.clarify(knowledge, ["cost", "pain"]),
        "fallback": reply.fallback(knowledge),
        "error": reply.error(knowledge),
        "two failures": reply.handoff_after_failures(knowledge, NOW),
        "withdrawn": reply.answer(knowledge, "cost", now=late),
    }


def test_short_line_stands_apart_in_what_is_not_answered(real: Knowledge) -> None:
    """Every error, limit, refusal and fallback ends with it, once, in at most 80 characters, everywhere."""
    for abroad in _in_each_country(real):
        line = reply.short_line(abroad)
        assert len(line) <= 80 and abroad.numbers.emergency in line
        for name, told in _not_answered(abroad).items():
            assert told["text"].endswith("\n\n" + line) and told["text"].count(line) == 1, name


def test_every_text_of_a_refusal_is_among_those_checked(real: Knowledge) -> None:
    """A reply that is added to safety.yml has to be put into the test above, or among the others."""
    others = {"emergency", "urgent_today", "urgent_days", "crisis", "safeguarding"}
    others |= {"only_asking", "personal_data"}
    others |= {name for name in real.safety.replies if name.startswith("cannot_call_")}

    assert set(real.safety.replies) - others == set(_not_answered(real)) - {"two failures"}


@pytest.mark.parametrize("kind", KINDS)
def test_problem_document_carries_the_short_line(real: Knowledge, kind: str) -> None:
    """So does every answer that is an error of the API, for each kind there is."""
    pipeline, detector = spacy.blank("en"), RedFlagDetector.load(ROOT / "data" / "lookups" / "red_flags.yml")
    front = KnowledgeFront(lambda: real, pipeline, detector)

    document = Problem(kind, "Do something.").document(front.error_fields())

    assert document["emergency"] == reply.short_line(real) and document["phone"] == real.clinic.phone


def test_who_speaks_is_told_truly(real: Knowledge) -> None:
    """The replies on who this is say that it is a program and that nobody reads along, and claim no more."""
    replies = real.smalltalk.replies
    asked = " ".join(replies["ask_if_bot"].text)

    assert "computer program, not a person" in asked and "Nobody reads this chat live" in asked
    for name in ("welcome", "greet", "ask_capabilities", "about_us_offers", "about_us_offers_not"):
        assert "computer program" in " ".join(replies[name].text), name
    for script in (*replies.values(), *real.safety.replies.values()):
        text = " ".join((script.lead, *script.text, script.again, *script.then)).lower()
        for claim in ("i feel", "i am a doctor", "i am a nurse", "i am human", "as a doctor", "my patients"):
            assert claim not in text


def test_welcome_says_what_it_is(real: Knowledge) -> None:
    """The first message says that a computer program speaks, and no doctor."""
    text = reply.welcome(real)["text"].lower()

    assert "computer program" in text and "not a doctor" in text


def test_content_report_is_that_of_the_content(real: Knowledge) -> None:
    """docs/content-report.md was made from these files; `make content-report` writes it anew."""
    page = content_report(real, Wording.load(REAL / "schema" / "wording.yml"))

    assert (ROOT / "docs" / "content-report.md").read_text(encoding="utf-8") == page
