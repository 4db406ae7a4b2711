"""What Rasa utters, as replies; and what Rasa takes from a pressed button."""

from types import SimpleNamespace
from typing import Any

import pytest
from rasa.core.channels.channel import UserMessage
from rasa.core.processor import MessageProcessor
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import BotUttered
from rasa.shared.core.trackers import DialogueStateTracker

from assistant.channels.reply_channel import ReplyChannel, plain_reply

REPLY = {**plain_reply("It can."), "kind": "answer", "topic": "pain"}


@pytest.mark.parametrize(
    ("text", "data", "replies"),
    [
        (None, {"custom": REPLY}, [REPLY]),
        ("It can.", {"custom": REPLY}, [REPLY]),
        ("Hello.\n\nHow are you?", {}, [plain_reply("Hello.\n\nHow are you?")]),
        ("Yes?", {"buttons": [{"title": "Yes", "payload": "/affirm"}]}, [plain_reply("Yes?")]),
        (None, {"image": "https://clinic.example/a.png"}, []),
        ("", {"custom": {}}, []),
    ],
)
async def test_utterance_becomes_one_reply(
    text: str | None, data: dict[str, Any], replies: list[dict]
) -> None:
    """A payload is taken once and whole, also beside a text; a plain text becomes smalltalk in one piece."""
    channel = ReplyChannel()

    await channel.send_response("e-1", BotUttered(text, data).message())

    assert channel.replies == replies


async def test_rasa_takes_the_parse_data_of_a_press_as_it_is() -> None:
    """The processor runs no pipeline on it; also our own key reaches the latest message."""
    processor = MessageProcessor.__new__(MessageProcessor)
    processor.domain = Domain.empty()
    processor.graph_runner = SimpleNamespace()
    decision = {"by": "button", "rule": None, "level": None, "group": None, "score": 1.0}
    intent = {"name": "ask_pain", "confidence": 1.0}
    parse_data = {"text": "Pain", "intent": intent, "entities": [], "decision": decision}
    tracker = DialogueStateTracker("e-1", [])

    await processor._handle_message_with_tracker(UserMessage("Pain", parse_data=parse_data), tracker)

    assert tracker.latest_message.intent == intent
    assert tracker.current_state()["latest_message"]["decision"] == decision
