"""What the chat channel asks of the rest of the assistant; the server hands it in."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Button:
    """A button that a visitor may press: its title, and the intent that a press stands for."""

    title: str
    intent: str


class Front(Protocol):
    """The words and safety rules that the channel needs but does not decide.

    A reply is a dictionary with the fields of a message in `docs/chat-api.md`
    without `seq`, `role` and `time`, which the channel adds. It is not changed.
    """

    def info(self) -> dict:
        """Returns the answer to `GET /chat/info`."""

    def welcome(self) -> list[dict]:
        """Returns the replies that open a conversation."""

    def error_fields(self) -> dict:
        """Returns `emergency` and `phone`, the two numbers that every error carries."""

    def button(self, button_id: str) -> Button | None:
        """Returns the button with this id, None for an unknown one."""

    def scan(self, text: str) -> list[dict]:
        """Returns the replies to a red flag in `text`, an empty list if there is none."""

    def error_reply(self) -> dict:
        """Returns the reply to a message that got no answer."""
