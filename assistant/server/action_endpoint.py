"""Where Rasa's custom actions run: in this process, or in an action server."""

import json
import pickle
from collections.abc import Iterable
from typing import Any, Optional

import structlog
from rasa.utils.endpoints import ClientResponseError, EndpointConfig
from rasa_sdk import Tracker
from rasa_sdk.executor import ActionExecutor, CollectingDispatcher
from rasa_sdk.interfaces import ActionExecutionRejection
from rasa_sdk.utils import call_potential_coroutine

from assistant.channels.log_entry import failure
from assistant.server.action_thread import ActionFailed, ActionThreads

log = structlog.get_logger()

ACTION_SECONDS = 5.0
REMOTE_SECONDS = 3.0
REJECTED = "rejected"


class InProcessActions(EndpointConfig):
    """An action endpoint without a network, through the call Rasa makes to an action server.

    An action that fails costs the turn its answer and nothing else: the error
    is logged without message text, and Rasa is told what a failed action
    server would tell. The channel, which gets no reply, looks for a red flag
    and otherwise says that something went wrong.

    Args:
        package: the package whose Action classes are registered.
        seconds: how long an action may run.
    """

    def __init__(self, package: str, seconds: float = ACTION_SECONDS) -> None:
        """Imports the package and registers its actions."""
        super().__init__(url="in-process", enable_selective_domain=True)
        self._executor = ActionExecutor()
        self._executor.register_package(package)
        self._threads = ActionThreads(seconds)

    async def request(
        self,
        method: str = "post",
        subpath: Optional[str] = None,
        content_type: Optional[str] = "application/json",
        compress: bool = False,
        **kwargs: Any,
    ) -> Optional[Any]:
        """Runs the action named in `json`; see parent class for the arguments."""
        call = kwargs["json"]
        name = call.get("next_action", "")
        if name not in self._executor.actions:
            raise _refusal(404, name)
        try:
            # a copy, because an action may change what it is given; five times as fast as
            # deepcopy, and unlike marshal it keeps the numbers of NumPy
            copied = pickle.dumps(call, pickle.HIGHEST_PROTOCOL)
            answer = await self._threads.run(name, lambda: self._run(name, copied))
            if answer != REJECTED:
                answer["events"] = _only_events(name, answer["events"])
        except Exception as error:  # whatever goes wrong with an action must not reach the patient
            entry = error.entry if isinstance(error, ActionFailed) else failure(error)
            log.error("action.run.failed", action=name, **entry)
            raise _refusal(500, name) from None
        if answer == REJECTED:
            raise _refusal(400, name)
        return answer

    async def _run(self, name: str, copied: bytes) -> Any:
        # not `ActionExecutor.run`: it writes a line for each wrong event, be there a million
        call, dispatcher = pickle.loads(copied), CollectingDispatcher()
        tracker = Tracker.from_dict(call["tracker"])
        try:
            begun = self._executor.actions[name](dispatcher, tracker, call.get("domain", {}))
            events = await call_potential_coroutine(begun) or []
        except ActionExecutionRejection:
            return REJECTED
        for response in dispatcher.messages:
            if not isinstance(response.get("custom") or {}, dict):
                raise TypeError("A reply has to be a dictionary; see assistant/knowledge/reply.py.")
        # what is no plain JSON is refused by the thread
        return {"events": events, "responses": dispatcher.messages}


class RemoteActions(EndpointConfig):
    """A standard action server that is not waited for as long as Rasa would (300 s).

    Args:
        url: its webhook.
        seconds: how long it may take to answer.
    """

    def __init__(self, url: str, seconds: float = REMOTE_SECONDS) -> None:
        """See class."""
        super().__init__(url=url, enable_selective_domain=True)
        self._seconds = seconds

    async def request(self, *args: Any, **kwargs: Any) -> Optional[Any]:
        """See parent class; gives up when the time is over."""
        return await super().request(*args, **{**kwargs, "timeout": self._seconds})


def _only_events(action: str, returned: Iterable[Any]) -> list[dict[str, Any]]:
    events = [event for event in returned if isinstance(event, dict) and event.get("event")]
    ignored = len(list(returned)) - len(events)
    if ignored:
        log.error("action.event.ignored", action=action, count=ignored)
    return events


def _refusal(status: int, action: str) -> ClientResponseError:
    """Returns what Rasa raises when an action server answers with this status."""
    return ClientResponseError(status, "action", json.dumps({"action_name": action}))
