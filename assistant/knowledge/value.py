"""What stands for the {names} in texts."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from types import MappingProxyType

from assistant.knowledge.hours import closures_after, date_words, hours_words, local_time, week_words
from assistant.knowledge.model import Clinic, Knowledge, Numbers, Practitioner, Price
from assistant.knowledge.placeholder import fill


def values_of(clinic: Clinic, numbers: Numbers) -> Mapping[str, str]:
    """Returns what stands for each name that depends neither on the time nor on other files."""
    line = numbers.crisis[0]
    return MappingProxyType(
        {
            "emergency": numbers.emergency,
            "emergency_also": numbers.emergency_also,
            "urgent_name": numbers.urgent_name,
            "urgent": numbers.urgent,
            "crisis_name": line.name,
            "crisis_number": line.number,
            "without_voice": numbers.without_voice,
            "clinic": clinic.name,
            "phone": clinic.phone,
            "complications_phone": clinic.complications_phone or clinic.phone,
            "booking_url": clinic.links["booking"] or "",
            "email": clinic.email,
            "address": clinic.address,
            "directions": clinic.directions,
            "step_free_access": clinic.step_free_access,
            "privacy_contact": clinic.privacy_contact,
            "retention": clinic.retention,
            "chats_read_by": clinic.chats_read_by,
            "prices_as_of": date_words(clinic.prices_as_of) if clinic.prices_as_of else "",
        }
    )


def values_at(knowledge: Knowledge, now: datetime) -> dict[str, str]:
    """Returns what stands for every name at a time; `now` is aware.

    A list becomes the items of a Markdown list but for the first "- ", because it stands in a list item.
    """
    clinic, words = knowledge.clinic, knowledge.smalltalk.lists
    today = local_time(clinic, now).date()
    return {
        **values_of(clinic, knowledge.numbers),
        **hours_words(clinic, now, knowledge.smalltalk.hours),
        "week": _items(week_words(clinic, words, knowledge.smalltalk.hours)),
        "closures": _items(_closure_words(clinic, words, today)),
        "prices": _items(_price_words(price, words) for price in clinic.prices),
        "practitioners": _items(_practitioner_words(person, words) for person in clinic.practitioners),
        "products": _items(clinic.products),
        "services_offered": _items(knowledge.entries[topic].title for topic in clinic.services_offered),
        "services_not_offered": _items(
            knowledge.entries[topic].title for topic in clinic.services_not_offered
        ),
    }


def _items(texts: Iterable[str]) -> str:
    return "\n- ".join(texts)


def _closure_words(clinic: Clinic, words: Mapping[str, str], today: date) -> list[str]:
    return [
        fill(
            words["closed_day" if closure.first == closure.last else "closed_days"],
            {"first": date_words(closure.first), "last": date_words(closure.last), "why": closure.why},
        )
        for closure in closures_after(clinic, today)
    ]


def _price_words(price: Price, words: Mapping[str, str]) -> str:
    known = {"service": price.service, "price": price.price, "note": price.note}
    return fill(words["price_note" if price.note else "price"], known)


def _practitioner_words(person: Practitioner, words: Mapping[str, str]) -> str:
    known = {"name": person.name, "profession": person.profession}
    return fill(words["practitioner"], {**known, "register": person.register, "number": person.number})
