"""What must hold for the buttons of the stored replies: each leads somewhere and has a title."""

from collections.abc import Iterable, Iterator

from assistant.errors import ContentError
from assistant.knowledge.button import ALWAYS_TITLED, LINKS, PHONES
from assistant.knowledge.check_entry import text_problems
from assistant.knowledge.model import Safety, Smalltalk
from assistant.knowledge.part import Part
from assistant.knowledge.placeholder import FROM_CLINIC, FROM_NUMBERS
from assistant.knowledge.wording import Wording


def button_problems(
    safety: tuple[Safety, Part],
    smalltalk: tuple[Smalltalk, Part],
    entries: Iterable[Part],
    topics: frozenset[str],
    wording: Wording,
) -> Iterator[ContentError]:
    """Yields buttons that lead nowhere or have no title, and titles that are not well worded."""
    titles = {*safety[0].button_titles, *smalltalk[0].button_titles}
    for content, part in (safety, smalltalk):
        for name, script in content.replies.items():
            for index, button in enumerate(script.buttons):
                if message := _wrong(button, titles, topics):
                    yield part.error(message, "replies", name, "buttons", index)
        for button, title in content.button_titles.items():
            yield from text_problems(
                title, part, ("button_titles", button), wording, FROM_NUMBERS + FROM_CLINIC
            )
    for part in entries:
        for index, button in enumerate(part.data.get("buttons", [])):
            if message := _wrong(button, titles, topics):
                yield part.error(message, "buttons", index)
    for button in ALWAYS_TITLED:
        if button not in titles:
            yield smalltalk[1].error(f"button {button!r} has no title. Add it.", "button_titles")


def _wrong(button: str, titles: set[str], topics: frozenset[str]) -> str:
    kind, _, name = button.partition(":")
    known = {"topic": sorted(topics), "link": list(LINKS), "tel": list(PHONES)}.get(kind)
    if known is not None and name not in known:
        return f"button {button!r} leads nowhere. After {kind}: may stand: {', '.join(known)}."
    if kind != "topic" and button not in titles:
        return f"button {button!r} has no title. Add it under button_titles."
    return ""
