"""Replies to messages in other languages."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from actions.other_language import ActionAnswerLanguage
from actions.safety import ActionReportEmergency, ActionReportSelfHarm

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def _languages(tmp_path: Path, knowledge: Any) -> None:
    """The real languages, in data/ under the working directory."""
    shutil.copy(ROOT / "data" / "languages.yml", tmp_path / "data")


async def test_notice_is_in_the_language_with_the_numbers(dispatcher, tracker, said) -> None:
    """Who writes Spanish reads in Spanish that only English is answered, and whom to call."""
    await ActionAnswerLanguage().run(dispatcher, tracker("other_language", language="es"), {})

    told = said()
    assert (told["kind"], told["lang"], told["urgency"]) == ("notice", "es", "none")
    assert told["text"].startswith("Solo respondo en inglés.") and "999" in told["text"]
    assert [button["id"] for button in told["buttons"]] == ["tel:emergency", "tel:clinic"]


@pytest.mark.parametrize("latest", [{}, {"language": None}, {"language": "nl"}])
async def test_language_without_texts_gets_the_fallback(dispatcher, tracker, said, latest: dict) -> None:
    """A model that knows a language more than the file does no harm."""
    await ActionAnswerLanguage().run(dispatcher, tracker("other_language", **latest), {})

    assert (said()["kind"], said()["lang"]) == ("fallback", "en")


@pytest.mark.parametrize(
    ("action", "intent", "kind", "english"),
    [
        (ActionReportEmergency, "report_emergency", "emergency", "Call 999 now."),
        (ActionReportSelfHarm, "report_self_harm", "crisis", "999"),
    ],
)
async def test_danger_is_answered_in_the_language_and_then_in_english(
    dispatcher, tracker, said, action: type, intent: str, kind: str, english: str
) -> None:
    """The short form with the number comes first; the English reply follows whole."""
    await action().run(dispatcher, tracker(intent, language="de"), {})

    told = said()
    first, rest = told["text"].split("\n\n", 1)
    assert (told["kind"], told["lang"], told["urgency"]) == (kind, "de", "now")
    assert "999" in first and "Niemand liest diesen Chat" in first and english in rest


async def test_danger_in_english_needs_no_languages(dispatcher, tracker, said, tmp_path: Path) -> None:
    """The English reply does not depend on the file of the languages."""
    (tmp_path / "data" / "languages.yml").unlink()

    await ActionReportEmergency().run(dispatcher, tracker("report_emergency", language="en"), {})

    assert (said()["kind"], said()["lang"]) == ("emergency", "en")
