"""What stands around every action, whatever the message is about."""

from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.after_danger import answer_to_danger

Events = list[dict[str, Any]]
Run = Callable[[Any, CollectingDispatcher, Tracker, DomainDict], Awaitable[Events]]


def with_care(run: Run) -> Run:
    """Lets what is said to a reply about danger come before what the action does."""

    @wraps(run)
    async def run_with_care(
        self: Action, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> Events:
        events = answer_to_danger(dispatcher, tracker)
        return await run(self, dispatcher, tracker, domain) if events is None else events

    return run_with_care
