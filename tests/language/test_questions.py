"""The questions of a message: where it is cut, and where it is not."""

import random

import pytest

from assistant.language.questions import MOST_PARTS, asks, bare_question, parts_of


def _texts(text: str) -> list[str]:
    return [text[part.start : part.end] for part in parts_of(text)]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("How much is it and does it hurt?", ["How much is it", "does it hurt?"]),
        ("what does it cost, how long does it last", ["what does it cost", "how long does it last"]),
        ("Is it safe? Who does it?", ["Is it safe?", "Who does it?"]),
        ("price, pain, downtime?", ["price", "pain", "downtime?"]),
        ("how long will it last nd wat does it cost", ["how long will it last", "wat does it cost"]),
        ("I wonder how many I need and if insurers pay", ["I wonder how many I need", "if insurers pay"]),
        ("a) does it sting b) is it legal", ["a) does it sting", "b) is it legal"]),
        ("Does it hurt, oh and are knees done there", ["Does it hurt", "are knees done there"]),
    ],
)  # fmt: skip
def test_joined_questions_are_parted(text: str, parts: list[str]) -> None:
    assert _texts(text) == parts


@pytest.mark.parametrize(
    "text",
    [
        "Is it safe or dangerous?",
        "Redness and swelling, how long do they last?",
        "My sister had it on her thighs and is delighted, how long until results show?",
        "If I am pregnant, is it safe?",
        "Dr. Lee said it hurts. Does it?",
        "How much is it",
        "hello",
        "",
        "?!",
    ],
)
def test_single_question_is_one_part_at_most(text: str) -> None:
    assert len(parts_of(text)) < 2


def test_what_is_told_stands_with_the_question_after_it() -> None:
    """The story says what the question is about."""
    text = "I have diabetes. Can I have it? And how much is it?"

    assert _texts(text) == ["I have diabetes. Can I have it?", "And how much is it?"]


def test_form_and_place_of_a_part_are_told() -> None:
    """A sentence of its own counts more than a clause, and a clause more than a word of a list."""
    own, clause, item = parts_of("Is it safe?")[0], *parts_of("Pain, and does it last?")[::-1]

    assert (own.asks, own.alone) == (True, True)
    assert (clause.asks, clause.alone) == (True, False)
    assert (item.asks, item.alone) == (False, False)


def test_bare_question_of_a_story() -> None:
    assert bare_question("I fell in 1999. My knee aches. Does it help?") == "Does it help?"
    assert bare_question("Does it help? Is it safe?") == ""
    assert bare_question("Does it help?") == ""


@pytest.mark.parametrize(
    "text", ["Does it hurt", "tell me about it", "so how much", "any bruises", "it does?"]
)
def test_forms_of_questions(text: str) -> None:
    assert asks(text)


@pytest.mark.parametrize("text", ["It hurt.", "My knee aches", "thanks a lot"])
def test_what_asks_nothing(text: str) -> None:
    assert not asks(text)


def test_any_text_gives_parts_inside_it_and_in_order() -> None:
    """No text breaks it, and no parts overlap."""
    chance = random.Random(1)
    signs = "aei ?.,;!and or/ \u2026'\")(1b) \u00e9\U0001f600how is it "
    for _ in range(3000):
        text = "".join(chance.choice(signs) for _ in range(chance.randrange(80)))
        parts = parts_of(text)
        ends = [edge for part in parts for edge in (part.start, part.end)]
        assert ends == sorted(ends) and len(parts) <= MOST_PARTS
        assert all(0 <= edge <= len(text) for edge in ends)


def test_more_parts_than_can_be_answered_are_left_whole() -> None:
    assert parts_of("Is it safe? " * (MOST_PARTS + 1)) == []
