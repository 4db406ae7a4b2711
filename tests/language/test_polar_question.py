"""What only asks whether something is so."""

import pytest

from assistant.language.polar_question import only_asks


@pytest.mark.parametrize(
    "text",
    [
        "Is it natural?",
        "it's natural?",
        "and does it work for everyone",
        "Has the FDA approved it for legs?",
        "The fat, it goes to the liver?",
    ],
)
def test_question_for_yes_or_no_states_nothing(text: str) -> None:
    assert only_asks(text)


@pytest.mark.parametrize(
    "text",
    [
        "It's natural, right?",
        "It's natural, isn’t it?",
        "It is natural.",
        "As it's natural, can I have it daily?",
        "Why is it natural?",
        "It's all natural. Does it hurt?",
        "is it sore, since it's natural",
        "",
    ],
)
def test_statement_reason_and_nod_are_more_than_a_question(text: str) -> None:
    assert not only_asks(text)
