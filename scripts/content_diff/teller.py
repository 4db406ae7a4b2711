"""Whole turns through the trained model and the actions, with a content that is handed in."""

import logging
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import structlog

from assistant.knowledge import Knowledge
from assistant.knowledge.current import using
from assistant.server.without_tensorflow import keep_tensorflow_out
from assistant.settings import Settings

Reply = dict[str, Any]


class Teller:
    """The agent of the server, without its web and with a memory of its own.

    Args:
        root: the project's folder, which must be the working directory.
    """

    def __init__(self, root: Path) -> None:
        """Loads the trained model; raises ModelError where there is none that loads."""
        # what the actions and Rasa log is of no use here, and standard output is for the page
        logging.captureWarnings(True)
        logging.disable(logging.CRITICAL)
        structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
        keep_tensorflow_out()
        from assistant.server.action_endpoint import InProcessActions
        from assistant.server.agent import load_agent
        from assistant.server.steps import model_file

        self._state = tempfile.TemporaryDirectory()
        settings = replace(Settings.from_environment(root), state_dir=Path(self._state.name))
        self._agent = load_agent(settings, model_file(root), InProcessActions("actions"))
        self._conversations = self._names()

    async def tell(self, knowledge: Knowledge, turns: Sequence[str]) -> list[list[Reply]]:
        """Returns the replies to each message of a new conversation."""
        from rasa.core.channels.channel import UserMessage

        from assistant.channels.message_text import as_plain_text
        from assistant.channels.reply_channel import ReplyChannel
        from assistant.language.text import clean

        name, told = next(self._conversations), []
        with using(knowledge):
            for text in turns:
                channel = ReplyChannel()
                await self._agent.handle_message(UserMessage(as_plain_text(clean(text)), channel, name))
                told.append(channel.replies)
        return told

    @staticmethod
    def _names() -> Iterator[str]:
        number = 0
        while True:
            number += 1
            yield f"content-diff-{number}"
