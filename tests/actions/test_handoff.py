"""The way to a person."""

from datetime import datetime, timezone

from actions import clock
from actions.clock import now as real_now
from actions.handoff import ActionOfferPerson


async def test_hours_are_told_while_open(dispatcher, tracker, said) -> None:
    """On Monday at ten the clinic is open."""
    events = await ActionOfferPerson().run(dispatcher, tracker("request_human"), {})

    assert said()["kind"] == "handoff" and said()["text"].startswith("Open today") and events == []


async def test_next_opening_is_told_while_closed(dispatcher, tracker, said, monkeypatch) -> None:
    """On Monday night the next opening is on Tuesday."""
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 3, 2, 22, 0, tzinfo=timezone.utc))

    await ActionOfferPerson().run(dispatcher, tracker("request_human"), {})

    assert "It opens Tuesday 9:00." in said()["text"]


def test_clock_is_aware() -> None:
    """Without a time zone the hours could not be told."""
    assert real_now().tzinfo is not None
