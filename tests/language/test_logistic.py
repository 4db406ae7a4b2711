"""Fitted weights in a file."""

from pathlib import Path

import pytest

from assistant.errors import ContentError
from assistant.language.going_on import Choice, load_going_on, signals
from assistant.language.logistic import Logistic, load_logistic

LOOKUPS = Path(__file__).parents[2] / "data" / "lookups"
SURE = {"kind": "topic", "score": 0.95, "likeliest": 0.99, "uncovered": 0.0, "alone": 0.01}
UNSURE = {"kind": "not_covered", "score": 0.2, "likeliest": 0.3, "uncovered": 0.1, "alone": 0.2}


def test_signals_raise_or_lower_the_chance() -> None:
    model = Logistic(-1.0, {"for": 2.0, "against": -3.0})

    assert model.probability({"for": 0.5, "against": 0.0}) == 0.5
    assert (
        model.probability({"for": 1.0, "against": 0.0})
        > 0.5
        > model.probability({"for": 1.0, "against": 1.0})
    )


def test_what_is_sure_alone_goes_on_less_than_what_is_not() -> None:
    """The weights that are shipped know how sure a message is of its own topic."""
    model = load_going_on(LOOKUPS / "going_on.yml")
    context = {"together": 0.9, "both": 0.8, "answered": True}

    sure = Choice(text="is it ok with lupus", manner="pointing", **SURE, **context)
    unsure = Choice(text="and for my knee?", manner="opening", **UNSURE, **context)

    assert model.probability(signals(sure)) < 0.3 < model.probability(signals(unsure))


@pytest.mark.parametrize("name", ["going_on.yml", "question_judge.yml"])
@pytest.mark.parametrize(
    ("change", "found"),
    [
        (("bias: ", "bias: much"), "expected a number"),
        (("weights:\n", "weights:\n  odd: 1\n"), "unknown key"),
    ],
)
def test_broken_file_is_told(tmp_path: Path, name: str, change: tuple[str, str], found: str) -> None:
    text = (LOOKUPS / name).read_text(encoding="utf-8")
    assert change[0] in text
    broken = tmp_path / name
    broken.write_text(text.replace(*change), encoding="utf-8")
    names = [line.split(":")[0].strip() for line in text.split("weights:\n")[1].splitlines()]

    with pytest.raises(ContentError, match=found):
        load_logistic(broken, names)
