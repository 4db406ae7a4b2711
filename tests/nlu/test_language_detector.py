"""A message in another language gets its language and the right intent."""

import pytest
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY

from tests.nlu.conftest import Pipeline


@pytest.mark.parametrize(
    ("text", "language", "intent", "level"),
    [
        ("¿cuánto cuesta una sesión?", "es", "other_language", None),
        ("не могу дышать", "ru", "report_emergency", "now"),
        ("ich will nicht mehr leben", "de", "report_self_harm", "crisis"),
        ("how much is it", "en", "ask_cost", None),
        ("my throat is closing", "en", "report_emergency", "now"),
    ],
)
def test_language_and_danger_choose_the_intent(
    understand, text: str, language: str, intent: str, level: str | None
) -> None:
    """Danger in any language is reported; else another language is told apart from English."""
    message = understand(text)

    assert (message.get("language"), message.get(INTENT)["name"]) == (language, intent)
    assert message.get("decision")["level"] == level
    assert message.get(INTENT_RANKING_KEY)[0]["name"] == intent


def test_what_decided_is_written_down(understand) -> None:
    """Staff can see which language's words raised the alarm, and what was only a language."""
    assert understand("je n'arrive plus à respirer").get("decision")["rule"] == "language_fr"
    assert understand("bonjour").get("decision")["by"] == "language"


def test_misspelt_english_that_a_rule_reads_is_answered_in_english(pipeline: Pipeline, understand) -> None:
    """What looks like another language only because of its slips keeps the English reply."""
    message = understand("thoat swolen cannt brethe prperly")

    assert message.get(INTENT)["name"] == "report_emergency" and message.get("language") == "en"


def test_language_goes_out_with_the_message(understand) -> None:
    """Actions read it from the latest message; how it was found stays inside."""
    told = understand("bonjour").as_dict(only_output_properties=True)

    assert told["language"] == "fr" and "language_level" not in told
