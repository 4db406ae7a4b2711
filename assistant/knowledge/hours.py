"""When the clinic is open, in its own time zone."""

import calendar
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from assistant.knowledge.model import Clinic, Closure, Span
from assistant.knowledge.placeholder import fill

# A clinic closed for longer than this has no next opening that we could promise.
_DAYS_AHEAD = 366


def is_open(clinic: Clinic, now: datetime) -> bool:
    """Returns whether the clinic is open; `now` is aware, ValueError otherwise."""
    here = local_time(clinic, now)
    return any(opens <= here.time() < closes for opens, closes in spans_on(clinic, here.date()))


def spans_on(clinic: Clinic, day: date) -> tuple[Span, ...]:
    """Returns the opening spans of a day in order, none on a closed day."""
    if any(closure.first <= day <= closure.last for closure in clinic.closures):
        return ()
    return tuple(sorted(clinic.hours[calendar.day_name[day.weekday()].lower()]))


def next_opening(clinic: Clinic, now: datetime) -> datetime | None:
    """Returns the next time the clinic opens after `now` (in its time zone), None if not within a year."""
    here = local_time(clinic, now)
    for days in range(_DAYS_AHEAD):
        day = here.date() + timedelta(days=days)
        for opens, _ in spans_on(clinic, day):
            if days > 0 or opens > here.time():
                return datetime.combine(day, opens, tzinfo=here.tzinfo)
    return None


def hours_words(clinic: Clinic, now: datetime, words: Mapping[str, str]) -> dict[str, str]:
    """Returns the values of {hours_today} and {next_opening}, put into `words` of smalltalk.yml."""
    today = local_time(clinic, now).date()
    return {
        "hours_today": _spans_words(spans_on(clinic, today), words),
        "next_opening": _opening_words(next_opening(clinic, now), today, words),
    }


def week_words(clinic: Clinic, lists: Mapping[str, str], hours: Mapping[str, str]) -> list[str]:
    """Returns the usual week, days with equal hours that follow each other in one text.

    Args:
        clinic: whose hours.
        lists: the words of lists in smalltalk.yml.
        hours: the words of opening hours there.
    """
    opening = [_spans_words(tuple(sorted(clinic.hours[day.lower()])), hours) for day in calendar.day_name]
    found = []
    for told, days in groupby(calendar.day_name, key=lambda day: opening[list(calendar.day_name).index(day)]):
        first, *later = days
        if later:
            found.append(fill(lists["days"], {"first": first, "last": later[-1], "hours": told}))
        else:
            found.append(fill(lists["day"], {"day": first, "hours": told}))
    return found


def closures_after(clinic: Clinic, today: date) -> list[Closure]:
    """Returns the closures that have not ended before `today`, the next one first."""
    return sorted((one for one in clinic.closures if one.last >= today), key=lambda one: one.first)


def clock_words(moment: time) -> str:
    """Returns a time as people write it: 9:00, 17:30."""
    return f"{moment.hour}:{moment.minute:02d}"


def date_words(day: date) -> str:
    """Returns a date as people write it: 22 November 2026."""
    return f"{day.day} {calendar.month_name[day.month]} {day.year}"


def local_time(clinic: Clinic, now: datetime) -> datetime:
    """Returns `now` in the clinic's time zone; ValueError if `now` has no time zone."""
    if now.tzinfo is None:
        raise ValueError(f"{now!r} has no time zone; give an aware time.")
    return now.astimezone(ZoneInfo(clinic.time_zone))


def _spans_words(spans: tuple[Span, ...], words: Mapping[str, str]) -> str:
    told = [
        fill(words["span"], {"opens": clock_words(opens), "closes": clock_words(closes)})
        for opens, closes in spans
    ]
    return words["join"].join(told) or words["closed_today"]


def _opening_words(opening: datetime | None, today: date, words: Mapping[str, str]) -> str:
    if opening is None:
        return words["next_unknown"]
    days = (opening.date() - today).days
    template = words["next_today" if days == 0 else "next_this_week" if days < 7 else "next_later"]
    values = {
        "time": clock_words(opening.time()),
        "weekday": calendar.day_name[opening.weekday()],
        "date": date_words(opening.date()),
    }
    return fill(template, values)
