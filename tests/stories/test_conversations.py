"""Conversations through the real server and the real trained model."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conftest import Server

FIELDS = {"kind", "topic", "urgency"}


def _stories() -> list[Any]:
    files = sorted(Path(__file__).parent.glob("*.yml"))
    stories = [
        story for file in files for story in yaml.safe_load(file.read_text(encoding="utf-8"))["stories"]
    ]
    return [pytest.param(story, id=story["story"]) for story in stories]


@pytest.mark.parametrize("story", _stories())
def test_conversation(server: Server, story: dict[str, Any]) -> None:
    """Each turn is answered as the story says."""
    conversation = server.conversation()
    for step in story["steps"]:
        messages = conversation.press(step["press"]) if "press" in step else conversation.say(step["user"])
        first = messages[0]
        said = step.get("user", step.get("press"))
        for field in FIELDS & set(step):
            assert first[field] == step[field], (said, first)
        if "then" in step:
            assert messages[1]["kind"] == step["then"], (said, messages)
        for words in step.get("holds", []):
            whole = " ".join([first["text"], first["more"], first["next_step"]])
            assert words in whole, (said, whole)
        for words in step.get("lacks", []):
            assert words not in " ".join([first["text"], first["more"]]), (said, first)
        for button in step.get("offers", []):
            assert button in [offered["id"] for offered in first["buttons"]], (said, first["buttons"])
