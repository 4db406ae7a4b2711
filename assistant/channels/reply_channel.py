"""Collects what one turn says, as replies in the form that the chat API uses."""

from typing import Any

from rasa.core.channels.channel import OutputChannel

CHANNEL_NAME = "web"


class ReplyChannel(OutputChannel):
    """Output channel of one turn.

    Args:
        replies: the list that what is said is added to.

    Attributes:
        replies: what was said so far, in order.
    """

    def __init__(self, replies: list[dict] | None = None) -> None:
        self.replies: list[dict] = [] if replies is None else replies

    @classmethod
    def name(cls) -> str:
        """See parent class."""
        return CHANNEL_NAME

    async def send_response(self, recipient_id: str, message: dict[str, Any]) -> None:
        """Takes one utterance; the parent sends one that has text and payload twice."""
        if message.get("custom"):
            await self.send_custom_json(recipient_id, message["custom"])
        elif message.get("text"):
            await self.send_text_message(recipient_id, message["text"])

    async def send_custom_json(self, recipient_id: str, json_message: dict[str, Any], **kwargs: Any) -> None:
        """Takes a reply as it is."""
        self.replies.append(dict(json_message))

    async def send_text_message(self, recipient_id: str, text: str, **kwargs: Any) -> None:
        """Makes a plain utterance a reply of kind smalltalk."""
        self.replies.append(plain_reply(text))


def plain_reply(text: str) -> dict:
    """Returns a reply with this text and nothing else."""
    return {
        "kind": "smalltalk",
        "urgency": "none",
        "topic": None,
        "premise": None,
        "text": text,
        "more": "",
        "next_step": "",
        "evidence": None,
        "sources": [],
        "reviewed": None,
        "buttons": [],
        "lang": "en",
    }
