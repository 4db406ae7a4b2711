"""Whether two neighbouring parts of a message are two questions."""

from pathlib import Path

import pytest

from assistant.language.logistic import Logistic
from assistant.language.question_judge import TOPIC, Asked, Judge, load_judge, signals
from assistant.language.questions import Part, parts_of

FILE = Path(__file__).parents[2] / "data" / "lookups" / "question_judge.yml"


def _asked(text: str, *intents: str) -> list[Asked]:
    """The parts of a text, each sure of one of the intents."""
    parts = parts_of(text)
    assert len(parts) == len(intents)
    return [Asked(part, intent, TOPIC, 0.9, 0.9) for part, intent in zip(parts, intents, strict=True)]


def _intents(judge: Judge, text: str, *intents: str) -> list[str]:
    return [one.intent for one in judge.questions(text, _asked(text, *intents), 0.3)]


@pytest.fixture(scope="module")
def judge() -> Judge:
    return load_judge(FILE)


def test_joined_questions_are_two(judge: Judge) -> None:
    assert _intents(judge, "How much is it and does it hurt?", "cost", "pain") == ["cost", "pain"]


def test_form_decides_where_the_topics_are_as_sure(judge: Judge) -> None:
    """A second question joined by "and" counts more than an item after a comma."""
    question = "Is it used on hips and does it hurt?"
    item = "Is it used on hips, thighs"

    likely = judge.probability(question, *_asked(question, "areas", "pain"))
    unlikely = judge.probability(item, *_asked(item, "areas", "fat"))

    assert likely > 0.6 > 0.4 > unlikely


def test_parts_of_one_topic_are_one_question() -> None:
    surely = Judge(Logistic(100.0, {}))

    assert _intents(surely, "Is it safe? Who says so?", "safe", "safe") == ["safe"]


def test_of_parts_that_are_one_question_the_surest_counts() -> None:
    never = Judge(Logistic(-100.0, {}))
    first, second = _asked("Is it safe? Who says so?", "safe", "evidence")
    unsure = Asked(first.part, first.intent, first.kind, 0.5, 0.5)

    assert never.questions("Is it safe? Who says so?", [unsure, second], 0.3) == [second]
    assert never.questions("", [], 0.3) == []


def test_signals_tell_form_and_joint() -> None:
    """A part knows its own form; the words between two parts belong to the pair."""
    text = "How much is it? Also, pain?"

    found = signals(text, *_asked(text, "cost", "pain"))

    assert found["before_asks"] and found["after_asks"] and found["sentences"] and found["joined_by_and"]
    assert not found["joined_by_comma"] and not found["after_begins"]
    assert signals("", *[Asked(Part(0, 0, False, False), "", "", 0.0, 0.0)] * 2)["before_words"] == 0
