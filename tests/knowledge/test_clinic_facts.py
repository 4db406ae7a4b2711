"""Entries tell the clinic's own facts, and say where one is missing."""

from datetime import datetime, timezone
from pathlib import Path

import pytest

from assistant.knowledge import load, reply
from tests.knowledge.folder import change

MONDAY = datetime(2026, 3, 2, 10, 0, tzinfo=timezone.utc)
OLD = '{text: "Ask {clinic} what is in the syringe.", why: advice}'
WEEK = """- Monday: 9:00 to 12:00 and 13:30 to 17:00
- Tuesday to Friday: 9:00 to 17:00
- Saturday: 10:00 to 13:00
- Sunday: closed"""


def _more(folder: Path, *items: str) -> str:
    change(folder, "topics/method.yml", OLD, "\n      - ".join(items))
    return reply.answer(load(folder), "what_is", now=MONDAY)["more"]


@pytest.mark.parametrize(
    ("fact", "told"),
    [
        ("week", WEEK),
        ("closures", "- 25 December 2026 to 3 January 2027 (Holiday)"),
        ("practitioners", "- Dr Ada Sample, Doctor, GMC 0000000"),
        ("services_offered", "- Does it help arthritis?"),
    ],
)
def test_list_becomes_items(knowledge_folder: Path, fact: str, told: str) -> None:
    """Each item of clinic.yml stands on its own line."""
    assert _more(knowledge_folder, f'{{text: "{{{fact}}}", why: clinic, bullet: true}}') == told


def test_past_closure_is_not_told(knowledge_folder: Path) -> None:
    """Old holidays are of no use."""
    change(
        knowledge_folder, "clinic.yml", "from: 2026-12-25, to: 2027-01-03", "from: 2026-02-01, to: 2026-03-01"
    )

    head = '{text: "Closed:", why: clinic, needs: closures}'
    items = '{text: "{closures}", why: clinic, bullet: true}'

    assert _more(knowledge_folder, head, items, '{text: "End.", why: advice}') == "End."


@pytest.mark.parametrize(
    ("prices", "told"),
    [
        ("[]", "I do not have them: call 020 7946 0123."),
        (
            '[{service: Visit, price: "GBP 40"}, {service: Knee, price: "GBP 90", note: each}]',
            "As of 1 February 2026:\n\n- Visit: GBP 40\n- Knee: GBP 90 (each)",
        ),
    ],
)
def test_missing_fact_is_said_to_be_missing(knowledge_folder: Path, prices: str, told: str) -> None:
    """Prices are told with their date, or the phone number instead; none is invented."""
    new = f"prices: {prices}\nprices_as_of: 2026-02-01"
    change(knowledge_folder, "clinic.yml", "prices: []\nprices_as_of: null", new)

    more = _more(
        knowledge_folder,
        '{text: "As of {prices_as_of}:", why: clinic, needs: prices}',
        '{text: "{prices}", why: clinic, bullet: true}',
        '{text: "I do not have them: call {phone}.", why: clinic, without: prices}',
    )

    assert more == told


def test_country_of_the_clinic_chooses_a_variant(knowledge_folder: Path) -> None:
    """Nobody need name it, and another country's rule is not told."""
    here, there = "when: {country: [FR, GB]}", "when: {country: [FR]}"
    change(knowledge_folder, "topics/method.yml", "when: {condition: hand_arthritis}", here)
    told = reply.answer(load(knowledge_folder), "arthritis", now=MONDAY)
    change(knowledge_folder, "topics/method.yml", here, there)

    elsewhere = reply.answer(load(knowledge_folder), "arthritis", now=MONDAY)

    assert told["text"] == "No trial looked at hands." != elsewhere["text"]


def test_entry_without_claims_has_no_note_about_review(knowledge_folder: Path) -> None:
    """A clinician has nothing to check in an address."""
    file = knowledge_folder / "topics" / "method.yml"
    head, rest = file.read_text(encoding="utf-8").split("    claims:\n      - {id: what_1", 1)
    rest = "    claims: []\n    follow_ups" + rest.split("    follow_ups", 1)[1]
    file.write_text(head.replace("claims: [what_1]", "why: clinic") + rest, encoding="utf-8")

    told = reply.answer(load(knowledge_folder), "what_is", now=MONDAY)

    assert told["reviewed"] == {"on": None, "by": None, "note": ""} and told["sources"] == []
