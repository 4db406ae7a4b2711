"""The actions as Rasa finds and calls them: in this process, and under the standard action server."""

import inspect
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from rasa_sdk.executor import ActionExecutor

from actions import names
from tests.conftest import free_port

ROOT = Path(__file__).parents[2]
START_SECONDS = 30
CALLS = {
    names.ANSWER_TOPIC: ("ask_what_is", "answer"),
    names.REPORT_EMERGENCY: ("report_emergency", "emergency"),
    names.REPORT_URGENT: ("report_urgent", "urgent"),
    names.REPORT_SELF_HARM: ("report_self_harm", "crisis"),
    names.REPORT_SAFEGUARDING: ("report_safeguarding", "safeguarding"),
    names.REPEAT_ANSWER: ("repeat_answer", "smalltalk"),
    names.START_OVER: ("start_over", "smalltalk"),
    names.TELL_ABOUT_US: ("ask_about_us", "smalltalk"),
    names.DECLINE_ADVICE: ("ask_personal_advice", "personal_advice"),
    names.DECLINE_RECIPE: ("ask_recipe", "refusal"),
    names.DECLINE_TOPIC: ("neighbour_health", "out_of_scope"),
    names.ASK_REPHRASE: ("nlu_fallback", "fallback"),
    names.ANSWER_LANGUAGE: ("other_language", "fallback"),
    names.MAKE_SMALLTALK: ("greet", "smalltalk"),
    names.OFFER_PERSON: ("request_human", "handoff"),
}


def _call(action: str, intent: str) -> dict[str, Any]:
    latest = {"intent": {"name": intent, "confidence": 0.9}, "entities": [], "text": "secret words"}
    tracker = {"sender_id": "id", "slots": {}, "latest_message": latest, "events": [], "paused": False}
    return {"next_action": action, "sender_id": "id", "tracker": tracker, "domain": {}, "version": "3.6.21"}


@pytest.fixture
def executor() -> ActionExecutor:
    """The SDK's executor with our package."""
    executor = ActionExecutor()
    executor.register_package("actions")
    return executor


@pytest.fixture(scope="module")
def action_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """`python -m rasa_sdk --actions actions` on the loopback address, in the project's folder."""
    port = free_port()
    log = tmp_path_factory.mktemp("action_server") / "log"
    command = [sys.executable, "-W", "ignore", "-m", "rasa_sdk", "--actions", "actions", "--port", str(port)]
    environment = {**os.environ, "SANIC_HOST": "127.0.0.1"}
    with log.open("wb") as stream:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=stream, stderr=stream)
    url = f"http://127.0.0.1:{port}"
    deadline = time.monotonic() + START_SECONDS
    while not _healthy(url):
        if time.monotonic() > deadline or process.poll() is not None:
            process.kill()
            pytest.fail(f"the action server did not start:\n{log.read_text(encoding='utf-8')}")
        time.sleep(0.1)
    yield url
    process.terminate()
    process.wait(20)


def _ours(executor: ActionExecutor) -> dict[str, Any]:
    """Returns the actions of our package; other tests define some of their own."""
    return {name: run for name, run in executor.actions.items() if run.__module__.startswith("actions.")}


def _healthy(url: str) -> bool:
    try:
        return requests.get(f"{url}/health", timeout=2).ok
    except requests.ConnectionError:
        return False


def test_executor_finds_exactly_the_named_actions(executor: ActionExecutor) -> None:
    """Every constant is an action and every action is a constant; Rasa's own are not counted."""
    constants = {value for value in vars(names).values() if str(value).startswith("action_")}

    assert set(_ours(executor)) == set(CALLS) == constants


@pytest.mark.parametrize("action", CALLS)
async def test_action_runs_in_this_process(executor: ActionExecutor, action: str) -> None:
    """The executor needs no server; the reply is one custom message."""
    intent, kind = CALLS[action]

    answer = await executor.run(_call(action, intent))

    assert answer is not None
    assert [response["custom"]["kind"] for response in answer["responses"]] == [kind]


@pytest.mark.parametrize("action", CALLS)
def test_action_runs_under_the_standard_action_server(action_server: str, action: str) -> None:
    """The same over HTTP, with the real content."""
    intent, kind = CALLS[action]

    answer = requests.post(f"{action_server}/webhook", json=_call(action, intent), timeout=10)

    assert answer.status_code == 200, answer.text
    assert [response["custom"]["kind"] for response in answer.json()["responses"]] == [kind]


def test_actions_are_short(executor: ActionExecutor) -> None:
    """A turn that needs thirty lines hides a service."""
    lines = {
        name: len(inspect.getsource(type(run.__self__)).splitlines()) for name, run in _ours(executor).items()
    }

    assert {name: count for name, count in lines.items() if count >= 30} == {}
