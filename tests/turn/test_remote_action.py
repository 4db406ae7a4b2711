"""Responses of actions are judged as Rasa judges them."""

from typing import Any

import pytest
from jsonschema import ValidationError
from rasa.core.actions.action import ActionListen, RemoteAction

from assistant.turn.remote_action import QuickRemoteAction, quick

RESPONSES: list[Any] = [
    {"events": [], "responses": []},
    {"events": [], "responses": [{"text": "hello", "custom": {"kind": "answer"}}]},
    {"events": [{"event": "slot", "name": "topic", "value": "cost", "timestamp": None}], "responses": []},
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
