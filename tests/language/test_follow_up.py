"""How a message goes on with the one before it."""

from pathlib import Path

import pytest

from assistant.errors import ContentError
from assistant.language.follow_up import FollowUps, load_follow_ups, read_together

FILE = Path(__file__).parents[2] / "data" / "lookups" / "follow_ups.yml"


@pytest.fixture(scope="module")
def follow_ups() -> FollowUps:
    return load_follow_ups(FILE)


@pytest.mark.parametrize(
    ("text", "manner"),
    [
        ("and for my knee?", "opening"),
        ("ok what about men", "opening"),
        ("why?", "why"),
        ("how come", "why"),
        ("no, I meant my face", "correction"),
        ("sorry, I was asking about the price", "correction"),
        ("new question, is it legal", "jump"),
        ("knees?", "fragment"),
        ("do they fade by themselves", "pointing"),
    ],
)
def test_manner(follow_ups: FollowUps, text: str, manner: str) -> None:
    found = follow_ups.manner(text)

    assert found is not None and found.name == manner


@pytest.mark.parametrize(
    "text",
    [
        "How long do bruises last after mesotherapy on the thighs",
        "and I would also like to know in which countries a doctor must do mesotherapy by law",
    ],
)
def test_own_question_stands_alone(follow_ups: FollowUps, text: str) -> None:
    assert follow_ups.manner(text) is None


def test_correction_is_cut_off(follow_ups: FollowUps) -> None:
    """What is meant is read without the words that say that something else was meant."""
    correction = follow_ups.manner("no, I meant my face")
    opening = follow_ups.manner("and my face?")

    assert correction is not None and correction.rest("no, I meant my face") == "my face"
    assert correction.rest("no") == ""
    assert opening is not None and opening.rest("and my face?") == ""


def test_context_decides_between_what_the_message_leaves_open(follow_ups: FollowUps) -> None:
    """Alone the message is about arthritis; after a question on sessions it is about sessions."""
    opening, jump = follow_ups.manner("and for arthritis?"), follow_ups.manner("another question: arthritis")
    alone = {"ask_arthritis": 0.8, "ask_number_of_sessions": 0.1}
    together = {"ask_arthritis": 0.1, "ask_number_of_sessions": 0.9}
    assert opening is not None and jump is not None

    in_context = read_together(opening, alone, together, "ask_number_of_sessions")
    explicit = read_together(jump, alone, together, "ask_number_of_sessions")

    assert max(in_context, key=in_context.__getitem__) == "ask_number_of_sessions"
    assert max(explicit, key=explicit.__getitem__) == "ask_arthritis"
    assert sum(in_context.values()) == pytest.approx(1)


def test_topic_of_the_latest_answer_stays_after_why(follow_ups: FollowUps) -> None:
    """ "Why?" names nothing, and so keeps what was talked about."""
    why = follow_ups.manner("why?")
    assert why is not None

    shares = read_together(why, {"ask_cost": 0.3, "ask_pain": 0.2}, {}, "ask_pain")

    assert max(shares, key=shares.__getitem__) == "ask_pain"


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (("'\\w'", "'(open'"), "no regular expression"),
        (("context: 1\n", "context: much\n"), "expected a number"),
        (("manner: why", "name: why"), "unknown key"),
    ],
)
def test_broken_file_is_told_with_its_line(tmp_path: Path, change: tuple[str, str], found: str) -> None:
    text = FILE.read_text(encoding="utf-8")
    assert change[0] in text
    broken = tmp_path / "follow_ups.yml"
    broken.write_text(text.replace(*change), encoding="utf-8")

    with pytest.raises(ContentError, match=found) as error:
        load_follow_ups(broken)
    assert error.value.line > 0
