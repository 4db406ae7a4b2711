"""What stands behind a button id: `topic:<id>`, `say:<intent>`, `link:<name>`, `tel:<name>`."""

import re
from collections.abc import Iterable
from typing import Any

from assistant.knowledge.model import Clinic, Knowledge, Numbers
from assistant.knowledge.placeholder import fill
from assistant.knowledge.value import values_of

Button = dict[str, Any]

LINKS = ("booking", "complaint", "prices", "aftercare", "crisis")
PHONES = ("emergency", "urgent", "crisis", "poison", "clinic", "complications")
# Buttons that reply.py adds by itself, so that they need a title whatever the files say.
ALWAYS_TITLED = (
    "say:request_human",
    "tel:clinic",
    "tel:emergency",
    "tel:urgent",
    "tel:crisis",
    "link:crisis",
    "link:booking",
)


def buttons(knowledge: Knowledge, ids: Iterable[str]) -> list[Button]:
    """Returns one button per id, in order and no id twice.

    An id whose number or address the clinic or its country does not have is left out.
    """
    found = (_button(knowledge, one) for one in dict.fromkeys(ids))
    return [button for button in found if button is not None]


def tel(number: str) -> str:
    """Returns the tel: address of a number, "" for none."""
    return f"tel:{re.sub(r'[^0-9+]', '', number)}" if number else ""


def _button(knowledge: Knowledge, one: str) -> Button | None:
    kind, _, name = one.partition(":")
    if kind == "topic":
        return {"id": one, "title": knowledge.entries[name].title, "topic": name}
    titles = {**knowledge.smalltalk.button_titles, **knowledge.safety.button_titles}
    title = fill(titles[one], values_of(knowledge.clinic, knowledge.numbers))
    if kind == "say":
        return {"id": one, "title": title}
    url = _link(name, knowledge) if kind == "link" else tel(_phone(name, knowledge.clinic, knowledge.numbers))
    return {"id": one, "title": title, "url": url} if url else None


def _link(name: str, knowledge: Knowledge) -> str | None:
    return knowledge.numbers.crisis[0].url if name == "crisis" else knowledge.clinic.links[name]


def _phone(name: str, clinic: Clinic, numbers: Numbers) -> str:
    return {
        "emergency": numbers.emergency,
        "urgent": numbers.urgent,
        "crisis": numbers.crisis[0].number,
        "poison": numbers.poison,
        "clinic": clinic.phone,
        "complications": clinic.complications_phone,
    }[name]
