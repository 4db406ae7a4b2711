"""Actions that run in the server's own process."""

import sys
import types
from typing import Any

import pytest
from rasa.utils.endpoints import ClientResponseError
from rasa_sdk import Action

from assistant.server.action_endpoint import InProcessActions


class Greet(Action):
    """Says hello and spoils what it was given."""

    def name(self) -> str:
        return "action_test_greet"

    def run(self, dispatcher, tracker, domain) -> list:
        tracker.latest_message["text"] = "spoiled"
        dispatcher.utter_message(json_message={"kind": "smalltalk"})
        return []


class Fail(Action):
    """Fails with the patient's words in the message."""

    def name(self) -> str:
        return "action_test_fail"

    def run(self, dispatcher, tracker, domain) -> list:
        raise ValueError(tracker.latest_message["text"])


@pytest.fixture
def actions(monkeypatch: pytest.MonkeyPatch) -> InProcessActions:
    package = types.ModuleType("test_actions_package")
    monkeypatch.setitem(sys.modules, "test_actions_package", package)
    return InProcessActions("test_actions_package")


def _call(name: str) -> dict[str, Any]:
    tracker = {"sender_id": "e-1", "slots": {}, "events": [], "latest_message": {"text": "secret words"}}
    return {"next_action": name, "tracker": {**tracker, "paused": False}, "domain": {}}


async def test_answer_has_the_form_of_an_action_server(actions) -> None:
    """The response holds events and responses, as Rasa expects over HTTP."""
    answer = await actions.request(json=_call("action_test_greet"))

    assert answer["events"] == [] and answer["responses"][0]["custom"] == {"kind": "smalltalk"}


async def test_action_cannot_change_the_tracker(actions) -> None:
    """An action works on a copy."""
    call = _call("action_test_greet")

    await actions.request(json=call)

    assert call["tracker"]["latest_message"]["text"] == "secret words"


async def test_failing_action_leaves_the_reply_to_the_channel(actions, caplog) -> None:
    """No reply and no error comes back, and the log does not quote the patient."""
    answer = await actions.request(json=_call("action_test_fail"))

    assert answer == {"events": [], "responses": []}
    assert "secret words" not in caplog.text


async def test_unknown_action_is_refused_as_over_http(actions) -> None:
    """Rasa sees the status that a separate action server would give."""
    with pytest.raises(ClientResponseError) as error:
        await actions.request(json=_call("action_unknown"))

    assert error.value.status == 404
