"""Wordings that speak for an intent: the shipped file, and broken ones."""

from pathlib import Path

import pytest

from assistant.errors import ContentError
from assistant.language.cues import load_cues

FILE = Path(__file__).parents[2] / "data" / "lookups" / "cues.yml"


@pytest.mark.parametrize(
    ("intent", "text"),
    [
        ("ask_personal_advice", "Should I get my thighs done?"),
        ("ask_personal_advice", "what do YOU think, go for it?"),
        ("ask_personal_advice", "Is this rash cellulitis?"),
        ("ask_personal_advice", "I want to skip my tablets that morning"),
        ("ask_recipe", "where can I buy the vials"),
        ("ask_recipe", "What is the mixing ratio?"),
    ],
)
def test_a_cue_speaks_for_its_intent(intent: str, text: str) -> None:
    assert load_cues(FILE).speaks_for(intent, text)


@pytest.mark.parametrize("text", ["How long do the bruises last?", "Who invented it?", ""])
def test_other_questions_have_no_cue(text: str) -> None:
    cues = load_cues(FILE)
    assert not any(cues.speaks_for(intent, text) for intent in cues.patterns)


def test_an_intent_without_cues_is_never_spoken_for() -> None:
    assert not load_cues(FILE).speaks_for("ask_pain", "should I get it")


def test_a_broken_expression_is_told_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "cues.yml"
    file.write_text("cues:\n  ask_recipe:\n    - 'fine'\n    - '(open'\n", encoding="utf-8")
    with pytest.raises(ContentError, match=r"cues\.yml:4, entry 'ask_recipe': .*no regular expression"):
        load_cues(file)
