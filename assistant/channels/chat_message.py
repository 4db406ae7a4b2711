"""What a visitor sends: a text or the press of a button."""

import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from assistant.channels.message_text import without_surrogates
from assistant.channels.problem import Problem

UUID = re.compile(r"[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}", re.IGNORECASE | re.ASCII)


@dataclass(frozen=True)
class ChatMessage:
    """A message as it was sent.

    Attributes:
        id: the client's id, a UUID in its usual spelling.
        text: the cleaned text, "" for a button.
        button: id of the pressed button, "" for a text.
        characters: length of the text, of the longer one before and after
            cleaning, which may shorten it (blanks) or lengthen it (ligatures).
    """

    id: str
    text: str = ""
    button: str = ""
    characters: int = 0


def read_message(fields: dict[str, Any], clean: Callable[[str], str]) -> ChatMessage:
    """Returns the message in a JSON object; raises Problem naming the first field that is wrong."""
    message_id = fields.get("id")
    if not isinstance(message_id, str) or not UUID.fullmatch(message_id):
        raise Problem("bad-field", "Send a new UUID as id with each message.", field="id")
    message_id = str(uuid.UUID(message_id))
    if ("text" in fields) == ("button" in fields):
        raise Problem("bad-field", "Send either text or button.", field="text")
    if "button" in fields:
        button = fields["button"]
        if not isinstance(button, str) or not button:
            raise Problem("bad-field", "Send the id of a button as a string.", field="button")
        return ChatMessage(message_id, button=button)
    text = fields["text"]
    if not isinstance(text, str):
        raise Problem("bad-field", "Send the text as a string.", field="text")
    cleaned = clean(without_surrogates(text))
    if not cleaned.strip():
        raise Problem("bad-field", "Send a text that is not empty.", field="text")
    return ChatMessage(message_id, text=cleaned, characters=max(len(text), len(cleaned)))
