"""Personal data in a message is noticed."""

from pathlib import Path

import pytest
import yaml

from assistant.knowledge import Knowledge, load, reply
from assistant.knowledge.personal_data import holds_personal_data
from tests.knowledge.folder import REAL

CASES = yaml.safe_load((Path(__file__).parent / "personal_data_cases.yml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def real() -> Knowledge:
    """The content of data/knowledge."""
    return load(REAL)


@pytest.mark.parametrize("text", CASES["holds"])
def test_personal_data_is_found(real: Knowledge, text: str) -> None:
    """Mail, telephone, card and birth are told in many ways."""
    assert holds_personal_data(real.safety, text)


@pytest.mark.parametrize("text", CASES["lacks"])
def test_other_numbers_are_left_alone(real: Knowledge, text: str) -> None:
    """Ages, prices, years, doses and the numbers of helplines are nobody's data."""
    assert not holds_personal_data(real.safety, text)


def test_notice_says_not_to_write_it(real: Knowledge) -> None:
    """It names what is meant and that it is not needed."""
    told = reply.personal_data(real)

    assert told["kind"] == "notice" and told["urgency"] == "none"
    assert "do not write personal data" in told["text"] and "do not need it" in told["text"]
