"""A dispatcher, trackers, and the small knowledge folder as what the actions know."""

import importlib
from collections.abc import Callable
from datetime import datetime, timezone
from itertools import zip_longest
from pathlib import Path
from typing import Any

import pytest
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions import clock
from assistant.knowledge import Knowledge, current
from tests.knowledge.folder import change, make_folder

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=timezone.utc)


@pytest.fixture(autouse=True)
def _time(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is Monday, 2 March 2026, 10:00 in London."""
    monkeypatch.setattr(clock, "now", lambda: NOW)


@pytest.fixture(autouse=True)
def knowledge(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Knowledge:
    """The three sample entries, in data/knowledge under the working directory."""
    make_folder(tmp_path / "data" / "knowledge")
    monkeypatch.chdir(tmp_path)
    module = importlib.import_module("assistant.knowledge.current")
    monkeypatch.setattr(module, "_CURRENT", module.Current(module.FOLDER))
    return current()


@pytest.fixture
def knowledge_folder_offers(monkeypatch: pytest.MonkeyPatch) -> Callable[[bool], None]:
    """Says whether the sample clinic offers anything."""

    def change_to(offers: bool) -> None:
        module = importlib.import_module("assistant.knowledge.current")
        if not offers:
            change(module.FOLDER, "clinic.yml", "services_offered: [arthritis]", "services_offered: []")
        monkeypatch.setattr(module, "_CURRENT", module.Current(module.FOLDER))

    return change_to


@pytest.fixture
def dispatcher() -> CollectingDispatcher:
    """Keeps what actions utter."""
    return CollectingDispatcher()


@pytest.fixture
def tracker() -> Callable[..., Tracker]:
    """Makes trackers from an intent, slots, what was said before and further keys of the latest message.

    `before` are replies, and `asked` how the messages that they answer were understood.
    """

    def make(
        intent: str,
        slots: dict[str, Any] | None = None,
        before: tuple[Any, ...] = (),
        asked: tuple[Any, ...] = (),
        **message: Any,
    ) -> Tracker:
        latest = {"intent": {"name": intent, "confidence": 0.9}, "text": "secret words", **message}
        turns = [{"event": "user"}, {"event": "action"}]
        events = []
        for told, parsed in zip_longest(before, asked):
            said = {"event": "bot", "data": {"custom": told}}
            events += [{"event": "user", "parse_data": parsed or {}}, {"event": "action"}, said]
        return Tracker("id", slots or {}, latest, [*events, *turns], False, None, {}, None)

    return make


@pytest.fixture
def said(dispatcher: CollectingDispatcher) -> Callable[[], dict[str, Any]]:
    """Returns the one reply that was uttered."""

    def one() -> dict[str, Any]:
        assert len(dispatcher.messages) == 1
        return dispatcher.messages[0]["custom"]

    return one
