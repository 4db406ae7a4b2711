"""What the chat channel needs to know of content, read from the knowledge at each call."""

from collections.abc import Callable

from spacy.language import Language

from assistant.channels.front import Button
from assistant.knowledge import Knowledge, reply
from assistant.language.red_flags import RedFlagDetector
from assistant.language.text import clean


class KnowledgeFront:
    """Implements `assistant.channels.front.Front`.

    Args:
        read: the knowledge as it stands now.
        language: the spaCy pipeline that red flags are looked for with.
        detector: the red-flag rules.
    """

    def __init__(self, read: Callable[[], Knowledge], language: Language, detector: RedFlagDetector) -> None:
        """See class."""
        self._read = read
        self._language = language
        self._detector = detector

    def info(self) -> dict:
        """Returns the body of `GET /chat/info`."""
        return reply.info(self._read())

    def welcome(self) -> list[dict]:
        """Returns the replies that open a session."""
        return [reply.welcome(self._read())]

    def error_fields(self) -> dict:
        """Returns what every problem document carries."""
        info = self.info()
        return {"emergency": info["short_line"], "phone": info["phone"]}

    def error_reply(self) -> dict:
        """Returns the reply for a turn that brought none."""
        return reply.error(self._read())

    def button(self, button_id: str) -> Button | None:
        """Returns title and intent of a button that replies carry, or None."""
        kind, _, name = button_id.partition(":")
        knowledge = self._read()
        if kind == "topic" and name in knowledge.entries:
            return Button(knowledge.entries[name].title, f"ask_{name}")
        if kind == "say":
            title = reply.say_title(knowledge, name)
            return Button(title, name) if title else None
        return None

    def scan(self, text: str) -> list[dict]:
        """Returns the safety reply for a text with a red flag, else nothing."""
        flags = self._detector.detect(self._language(clean(text)))
        return [reply.red_flag(self._read(), flag.level, flag.group) for flag in flags[:1]]
