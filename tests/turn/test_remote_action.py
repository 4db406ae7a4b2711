"""Responses of actions are judged as Rasa judges them."""

import json
from typing import Any

import pytest
from jsonschema import ValidationError
from rasa.core.actions.action import ActionListen, RemoteAction
from rasa.core.channels.channel import CollectingOutputChannel
from rasa.core.nlg import TemplatedNaturalLanguageGenerator
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.exceptions import RasaException
from rasa.utils.endpoints import ClientResponseError, EndpointConfig

from assistant.turn.remote_action import QuickRemoteAction, quick

RESPONSES: list[Any] = [
    {"events": [], "responses": []},
    {"events": [], "responses": [{"text": "hello", "custom": {"kind": "answer"}}]},
    {"events": [{"event": "slot", "name": "topic", "value": "cost", "timestamp": None}], "responses": []},
    {"events": [{"event": "slot", "name": 5, "value": "cost", "timestamp": None}], "responses": []},
    {"events": [{"event": "slot", "name": "topic", "value": "cost", "timestamp": "now"}], "responses": []},
    {"events": [{"event": "slot", "name": "thème", "value": {"a": [1, None, "😀"]}}], "responses": []},
    {"events": [{"event": "reset_slots"}, {"event": "restart"}, {"event": "session_started"}]},
    {"events": [{"event": "followup", "name": "action_listen"}]},
    {},
    {"events": [{"event": "slot"}]},
    {"events": [{"event": "no_such_event"}]},
    {"events": [{}], "responses": []},
    {"events": {}, "responses": []},
    {"events": [], "responses": {}},
    {"events": [], "responses": ["text"]},
    [],
    None,
    "text",
]


def _judged(action: RemoteAction, response: Any) -> tuple[Any, ...]:
    try:
        return (action._validate_action_result(response),)
    except ValidationError as error:
        return error.message, list(error.absolute_path), error.validator


@pytest.mark.parametrize("response", RESPONSES)
def test_judges_as_rasa_does(response: Any) -> None:
    """Accepted and refused alike, with the same message and place."""
    rasa, ours = RemoteAction("action_test", None), QuickRemoteAction("action_test", None)

    assert _judged(ours, response) == _judged(rasa, response)


def test_only_plain_remote_actions_are_exchanged() -> None:
    """An action of Rasa's own stays as it is; a remote one keeps name and endpoint."""
    listen = ActionListen()

    exchanged = quick(RemoteAction("action_test", None))

    assert quick(listen) is listen
    assert isinstance(exchanged, QuickRemoteAction) and exchanged.name() == "action_test"


class Answering(EndpointConfig):
    """An endpoint that answers at once, or fails."""

    def __init__(self, answer: Any) -> None:
        super().__init__(url="http://action")
        self._answer = answer

    async def request(self, *_: Any, **__: Any) -> Any:
        if isinstance(self._answer, Exception):
            raise self._answer
        return json.loads(json.dumps(self._answer))


RUNS: list[Any] = [
    *[one for one in RESPONSES if isinstance(one, dict)],
    ClientResponseError(400, "action", '{"action_name": "action_test", "error": "not now"}'),
    ClientResponseError(500, "action", '{"action_name": "action_test"}'),
]


async def _run(kind: type[RemoteAction], answer: Any) -> Any:
    tracker = DialogueStateTracker.from_events("someone", [UserUttered("hello")], [])
    nlg = TemplatedNaturalLanguageGenerator({})
    try:
        events = await kind("action_test", Answering(answer)).run(
            CollectingOutputChannel(), nlg, tracker, Domain.empty()
        )
    except (RasaException, ValidationError) as error:
        return type(error), str(error)
    return [{**event.as_dict(), "timestamp": 0} for event in events]


@pytest.mark.parametrize("answer", RUNS)
async def test_runs_as_rasa_does(answer: Any) -> None:
    """The same events for every answer, and the same error for every failure."""
    assert await _run(QuickRemoteAction, answer) == await _run(RemoteAction, answer)
