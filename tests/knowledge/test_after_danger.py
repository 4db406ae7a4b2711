"""What people say to a reply about danger is understood in many wordings."""

from pathlib import Path

import pytest
import yaml

from assistant.knowledge import Knowledge, load
from assistant.knowledge.after_danger import cannot_call, cannot_speak, only_asking, plain_words, tells_event
from tests.knowledge.folder import REAL

CASES = yaml.safe_load((Path(__file__).parent / "after_danger_cases.yml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def real() -> Knowledge:
    """The content of data/knowledge."""
    return load(REAL)


@pytest.mark.parametrize(
    ("meaning", "text"),
    [(meaning, text) for meaning, texts in CASES.items() if meaning != "sign" for text in texts],
)
def test_meaning(real: Knowledge, meaning: str, text: str) -> None:
    """Each wording has its meaning, and no other that would come before it."""
    found = {
        "cannot_call": cannot_call(real.safety, text),
        "cannot_speak": cannot_speak(real.safety, text),
        "event": tells_event(real.safety, text),
        "only_asking": only_asking(real.safety, text) is not None,
    }

    assert next((name for name, holds in found.items() if holds), "none") == meaning


@pytest.mark.parametrize("text", CASES["sign"])
def test_sign_of_illness_is_no_missing_phone(real: Knowledge, text: str) -> None:
    """In a message about danger only words that can mean nothing else count."""
    assert not cannot_call(real.safety, text)


def test_words_beside_the_wording_are_counted(real: Knowledge) -> None:
    """A question of its own is told by its words."""
    assert only_asking(real.safety, "No, I'm only asking!") == 1
    assert only_asking(real.safety, "how much does it cost, just asking") == 5


def test_signs_and_capitals_do_not_matter() -> None:
    """Apostrophes of all kinds go, other signs become blanks."""
    assert plain_words("I CAN’T -- call!!") == "i cant call"
