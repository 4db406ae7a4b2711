"""Makes pages out of templates."""

from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from assistant.console.label import Labels
from assistant.console.markup import as_html

FOLDER = Path(__file__).parent / "templates"
MINUTE, HOUR, DAY = 60, 3600, 86_400


def make_view(labels: Labels, zone: Callable[[], str]) -> Environment:
    """Returns the templates with their filters.

    Args:
        zone: name of the clinic's time zone, which all times are shown in.
    """
    view = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    view.globals["label"] = labels

    def when(seconds: float | None) -> Markup:
        return Markup("–") if seconds is None else _time(seconds, zone(), "%-d %b %Y, %H:%M")

    def day(seconds: float) -> Markup:
        return _time(seconds, zone(), "%-d %b %Y")

    view.filters.update(when=when, day=day, lasting=lasting, percent=percent, said=as_html, many=many)
    return view


def lasting(seconds: float) -> str:
    """Returns a time that has passed, in its largest unit: `5 min`."""
    seconds = max(0, int(seconds))
    if seconds < HOUR:
        return f"{seconds // MINUTE} min"
    return f"{seconds // HOUR} h" if seconds < 2 * DAY else f"{seconds // DAY} days"


def percent(share: float) -> str:
    """Returns 0 to 1 as whole percent."""
    return f"{share * 100:.0f} %"


def many(counted: tuple[int, bool]) -> str:
    """Returns a number that counting may have ended at: `1,000+`."""
    return f"{counted[0]:,}" + ("+" if counted[1] else "")


def _time(seconds: float, zone: str, form: str) -> Markup:
    moment = datetime.fromtimestamp(seconds, timezone.utc)
    shown: Any = escape(moment.astimezone(ZoneInfo(zone)).strftime(form))
    return Markup('<time datetime="{}">{}</time>').format(moment.isoformat(timespec="seconds"), shown)
