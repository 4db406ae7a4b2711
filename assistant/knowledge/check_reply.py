"""What must hold for the stored replies of safety.yml and smalltalk.yml beyond their shape."""

from collections.abc import Iterator, Mapping

from assistant.errors import ContentError
from assistant.knowledge.check_entry import text_problems
from assistant.knowledge.document import Step
from assistant.knowledge.model import Clinic, Safety, Script, Smalltalk
from assistant.knowledge.part import Part
from assistant.knowledge.placeholder import FROM_CLINIC, FROM_ENTRY, FROM_HOURS, FROM_NUMBERS, fill, names_in
from assistant.knowledge.value import values_of
from assistant.knowledge.wording import Wording, word_count

SHORT_LINE_CHARACTERS = 80
EMERGENCY_CHARACTERS = 300
# The first line of a reply to danger is read before all else, on a small screen too.
FIRST_LINE_CHARACTERS = 100
WELCOME_WORDS = 60

_USUAL = FROM_NUMBERS + FROM_CLINIC
# Replies whose first line must tell the emergency number, whatever else they say.
_NUMBER_FIRST = (
    "emergency",
    "urgent_today",
    "urgent_days",
    "crisis",
    "safeguarding",
    "cannot_call_emergency",
    "cannot_call_urgent",
    "cannot_call_crisis",
    "cannot_call_safeguarding",
)
_WITH_HOURS = ("request_human_open", "request_human_closed", "two_failures")

# The placeholders of the words of opening hours and of lists.
_WORD_NAMES = {
    "span": {"opens", "closes"},
    "next_today": {"time"},
    "next_this_week": {"weekday", "time"},
    "next_later": {"weekday", "date", "time"},
    "day": {"day", "hours"},
    "days": {"first", "last", "hours"},
    "closed_day": {"first", "why"},
    "closed_days": {"first", "last", "why"},
    "practitioner": {"name", "profession", "register", "number"},
    "price": {"service", "price"},
    "price_note": {"service", "price", "note"},
}

Text = tuple[tuple[Step, ...], str]


def safety_problems(safety: Safety, part: Part, wording: Wording) -> Iterator[ContentError]:
    """Yields what is wrong in the texts of safety.yml."""
    for name, script in safety.replies.items():
        placeholders = _USUAL + FROM_ENTRY if name == "withdrawn" else _USUAL
        for path, text in _texts(script):
            yield from text_problems(text, part, ("replies", name, *path), wording, placeholders)
    for name in _NUMBER_FIRST:
        path, text = next(_texts(safety.replies[name]))
        if "{emergency}" not in text:
            message = "the first line lacks {emergency}. Put the emergency number there."
            yield part.error(message, "replies", name, *path)
    if "{emergency}" not in safety.short_line:
        yield part.error("the short line lacks {emergency}. Put the number there.", "short_line")
    yield from text_problems(safety.short_line, part, ("short_line",), wording, FROM_NUMBERS)
    for kind, text in safety.reminders.items():
        yield from text_problems(text, part, ("reminders", kind), wording, _USUAL)
    for country, numbers in safety.numbers.items():
        path = ("numbers", country, "without_voice")
        yield from text_problems(numbers.without_voice, part, path, wording, ())
    yield from text_problems(safety.boundary_line, part, ("boundary_line",), wording, _USUAL)
    yield from text_problems(safety.unreviewed_note, part, ("unreviewed_note",), wording, ())
    yield from text_problems(safety.overdue_note, part, ("overdue_note",), wording, ("review_due",))


def filled_problems(safety: Safety, clinic: Clinic, part: Part) -> Iterator[ContentError]:
    """Yields replies of safety.yml that a country's numbers leave with a gap or make too long."""
    for country, numbers in safety.numbers.items():
        values = values_of(clinic, numbers)
        for name, script in safety.replies.items():
            for path, text in _texts(script):
                for gap in (one for one in names_in(text) if values.get(one) == ""):
                    message = f"{{{gap}}} has no value for {country}. Add it under numbers, or reword."
                    yield part.error(message, "replies", name, *path)
        if (length := len(_filled(safety.short_line, values))) > SHORT_LINE_CHARACTERS:
            message = f"{length} characters for {country}; at most {SHORT_LINE_CHARACTERS}. Shorten it."
            yield part.error(message, "short_line")
        for name in _NUMBER_FIRST:
            path, text = next(_texts(safety.replies[name]))
            if (length := len(_filled(text, values))) > FIRST_LINE_CHARACTERS:
                message = f"{length} characters for {country}; at most {FIRST_LINE_CHARACTERS}. Shorten it."
                yield part.error(message, "replies", name, *path)
        emergency = safety.replies["emergency"]
        for path, text in _texts(emergency):
            length = len(_filled(f"{emergency.lead} {text}", values))
            if path[0] in ("groups", "default") and length > EMERGENCY_CHARACTERS:
                message = f"with the lead {length} characters for {country}; at most {EMERGENCY_CHARACTERS}."
                yield part.error(message, "replies", "emergency", *path)


def smalltalk_problems(
    smalltalk: Smalltalk, part: Part, topics: frozenset[str], wording: Wording
) -> Iterator[ContentError]:
    """Yields what is wrong in smalltalk.yml."""
    for name, script in smalltalk.replies.items():
        placeholders = _USUAL + FROM_HOURS if name in _WITH_HOURS else _USUAL
        for path, text in _texts(script):
            yield from text_problems(text, part, ("replies", name, *path), wording, placeholders)
    yield from text_problems(smalltalk.notice, part, ("notice", "text"), wording, _USUAL)
    count = sum(word_count(text) for text in smalltalk.replies["welcome"].text)
    if count > WELCOME_WORDS:
        yield part.error(f"welcome has {count} words; at most {WELCOME_WORDS}.", "replies", "welcome", "text")
    for index, topic in enumerate(smalltalk.starters):
        if topic not in topics:
            names = ", ".join(sorted(topics))
            yield part.error(f"starter {topic!r} does not exist. The topics are: {names}.", "starters", index)
    for block, texts in (("hours", smalltalk.hours), ("lists", smalltalk.lists)):
        for name, text in texts.items():
            for wrong in set(names_in(text)) - _WORD_NAMES.get(name, set()):
                yield part.error(f"{{{wrong}}} is not known in {name}.", block, name)


def _texts(script: Script) -> Iterator[Text]:
    """Yields each text of a script with its path, in the order in which it is shown."""
    if script.lead:
        yield ("lead",), script.lead
    yield from ((("groups", group), text) for group, text in script.groups.items())
    if script.default:
        yield ("default",), script.default
    yield from ((("text", index), text) for index, text in enumerate(script.text))
    yield from ((("then", index), text) for index, text in enumerate(script.then))
    if script.again:
        yield ("again",), script.again
    if script.next_step:
        yield ("next_step",), script.next_step


def _filled(text: str, values: Mapping[str, str]) -> str:
    """Fills what is known; an unknown name is reported by another check and stays."""
    return fill(text, {name: values.get(name, name) for name in names_in(text)})
