"""Actions that run in the server's own process, good and bad ones, and an action server that hangs."""

import asyncio
import copy
import sys
import threading
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from rasa.core.actions.action import ActionExecutionRejection, RemoteAction
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.exceptions import RasaException
from rasa.utils.endpoints import ClientResponseError

from assistant.channels.reply_channel import ReplyChannel
from assistant.server import action_thread
from assistant.server.action_endpoint import InProcessActions, RemoteActions
from assistant.server.action_thread import ActionFailed, ActionThreads, plain_copy

SECRET = "secret words"
SECONDS = 0.5
BLOCKED_SECONDS = 0.5
PACKAGE = '''
import asyncio, logging, sys, threading, time
from rasa_sdk import Action
from rasa_sdk.interfaces import ActionExecutionRejection

BODIES = {
    "exception": "raise ValueError(text)",
    "system_exit": "sys.exit(text)",
    "keyboard_interrupt": "raise KeyboardInterrupt(text)",
    "recursion": "endless = lambda: endless() or text; endless()",
    "memory": "raise MemoryError(text)",
    "endless_loop": "while True: pass",
    "stubborn_loop": """
        while True:
            try:
                time.sleep(0.001)
            except Exception:
                pass""",
    "sleep": "time.sleep(4)",
    "lock": "lock = threading.Lock(); lock.acquire(); lock.acquire(timeout=4)",
    "await_for_ever": "await asyncio.Event().wait()",
    "await_stubbornly": """
        while True:
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                pass""",
    "huge_text": "dispatcher.utter_message(text='x' * 50_000_000)",
    "huge_list": "return [{'event': 'slot', 'name': 'a', 'value': list(range(2_000_000))}]",
    "endless_log": "while True: logging.getLogger('test').debug(str(sum(range(10_000))))",
    "wrong_event": """
        dispatcher.utter_message(json_message={'kind': 'smalltalk'})
        return [text, {'event': 'restart'}]""",
    "endless_events": "return iter(int, 1)",
    "no_json": "dispatcher.utter_message(json_message={'kind': object()})",
    "cyclic": "one = {}; one['one'] = one; dispatcher.utter_message(json_message=one)",
    "no_reply": "dispatcher.utter_message(json_message=text)",
    "number": "dispatcher.utter_message(json_message={'kind': 10 ** 100_000})",
    "stuck_task": """
        async def stuck():
            while True:
                try:
                    await asyncio.sleep(60)
                except asyncio.CancelledError:
                    pass
        self.task = asyncio.create_task(stuck())
        await asyncio.sleep(0)""",
    "reject": "raise ActionExecutionRejection(self.name(), text)",
    "greet": "dispatcher.utter_message(json_message={'kind': 'smalltalk'})",
    "spoil": """
        tracker.latest_message["text"] = tracker.events[0]["text"] = "spoiled"
        tracker.slots["area"] = domain["intents"] = "spoiled"
        dispatcher.utter_message(json_message={'kind': 'smalltalk'})""",
    "task": """
        async def fail():
            await asyncio.sleep(0)
            raise ValueError(text)
        self.tasks = [asyncio.create_task(asyncio.sleep(60)), asyncio.create_task(fail())]
        asyncio.get_running_loop().call_later(0.01, time.sleep, 4)
        dispatcher.utter_message(json_message={'kind': 'smalltalk'})""",
    "thread": """
        def fail():
            raise ValueError(text)
        threading.Thread(target=time.sleep, args=(4,)).start()
        threading.Thread(target=fail).start()
        dispatcher.utter_message(json_message={'kind': 'smalltalk'})""",
}
TEMPLATE = """
class {kind}(Action):
    def name(self):
        return "action_test_{kind}"

    async def run(self, dispatcher, tracker, domain):
        text = tracker.latest_message["text"]
        {body}
"""
for kind, body in BODIES.items():
    exec(TEMPLATE.format(kind=kind, body=body.strip()))


class Plain(Action):
    def name(self):
        return "action_test_plain"

    def run(self, dispatcher, tracker, domain):
        time.sleep(4)
'''
FAILING = {
    "exception": "ValueError",
    "system_exit": "SystemExit",
    "keyboard_interrupt": "KeyboardInterrupt",
    "recursion": "RecursionError",
    "memory": "MemoryError",
    "endless_loop": "ActionTimeout",
    "stubborn_loop": "ActionTimeout",
    "sleep": "ActionTimeout",
    "plain": "ActionTimeout",
    "lock": "ActionTimeout",
    "await_for_ever": "ActionTimeout",
    "await_stubbornly": "ActionTimeout",
    "huge_text": "ValueError",
    "huge_list": "ValueError",
    "endless_log": "ActionTimeout",
    "endless_events": "TypeError",
    "no_json": "TypeError",
    "cyclic": "ValueError",
    "no_reply": "TypeError",
    "number": "ValueError",
    "stuck_task": "ActionTimeout",
}


@pytest.fixture(scope="module", autouse=True)
def _package(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A package of actions, most of which misbehave."""
    folder = tmp_path_factory.mktemp("package")
    (folder / "misbehaving_actions").mkdir()
    (folder / "misbehaving_actions" / "__init__.py").write_text(PACKAGE, encoding="utf-8")
    sys.path.insert(0, str(folder))
    yield
    sys.path.remove(str(folder))


@pytest.fixture(autouse=True)
async def _loop_is_never_blocked() -> AsyncIterator[None]:
    """Whatever an action does, the server's event loop goes on."""
    gaps = [0.0]

    async def watch() -> None:
        while True:
            before = time.monotonic()
            await asyncio.sleep(0.01)
            gaps.append(time.monotonic() - before)

    watching = asyncio.create_task(watch())
    yield
    watching.cancel()
    assert max(gaps) < BLOCKED_SECONDS


@pytest.fixture
def actions() -> InProcessActions:
    return InProcessActions("misbehaving_actions", seconds=SECONDS)


@pytest.fixture
def entries(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What the threads and the endpoint log as errors."""
    logged: list[dict[str, Any]] = []

    class Log:
        def error(self, event: str, **entry: Any) -> None:
            logged.append({"event": event, **entry})

    for module in ("action_thread", "action_endpoint"):
        monkeypatch.setattr(f"assistant.server.{module}.log", Log())
    return logged


def _call(kind: str) -> dict[str, Any]:
    tracker = {
        "sender_id": "e-1",
        "slots": {"area": "face"},
        "events": [{"event": "user", "text": SECRET}],
        "latest_message": {"text": SECRET},
        "paused": False,
    }
    return {"next_action": f"action_test_{kind}", "tracker": tracker, "domain": {"intents": ["greet"]}}


async def _greets_at_once(actions: InProcessActions) -> bool:
    started = time.monotonic()
    answer = await actions.request(json=_call("greet"))
    kinds = [response["custom"] for response in answer["responses"]]
    return kinds == [{"kind": "smalltalk"}] and time.monotonic() - started < SECONDS / 2


async def test_answer_has_the_form_of_an_action_server(actions) -> None:
    """The response holds events and responses, as Rasa expects over HTTP."""
    answer = await actions.request(json=_call("greet"))

    assert answer["events"] == [] and answer["responses"][0]["custom"] == {"kind": "smalltalk"}


@pytest.mark.parametrize("kind", FAILING)
async def test_failing_action_costs_its_turn_and_nothing_else(actions, entries, caplog, capfd, kind) -> None:
    """Rasa sees a failed action server, the log says what and where, and the next action answers at once."""
    started = time.monotonic()
    with pytest.raises(ClientResponseError) as error:
        await actions.request(json=_call(kind))
    took = time.monotonic() - started

    assert error.value.status == 500 and took < SECONDS + 0.4
    assert await _greets_at_once(actions)
    (entry,) = entries
    assert (entry["event"], entry["action"]) == ("action.run.failed", f"action_test_{kind}")
    assert entry["error"] == FAILING[kind] and entry["places"]
    assert SECRET not in f"{entries}{caplog.text}{capfd.readouterr()}{error.value}"


@pytest.mark.parametrize("kind", ["endless_loop", "await_for_ever"])
async def test_place_of_a_timeout_is_in_the_action(actions, entries, kind) -> None:
    """The log shows the line that never ended, or that waited."""
    with pytest.raises(ClientResponseError):
        await actions.request(json=_call(kind))

    assert any("in run" in place for place in entries[0]["places"][-2:])


@pytest.mark.parametrize(
    "kind", ["endless_loop", "stubborn_loop", "endless_log", "await_for_ever", "await_stubbornly"]
)
async def test_action_that_runs_python_is_ended(actions, entries, kind) -> None:
    """An endless loop uses no time after its turn, and its thread is not lost."""
    before = set(threading.enumerate())

    turn = asyncio.create_task(actions.request(json=_call(kind)))
    await asyncio.sleep(SECONDS / 3)
    (thread,) = set(threading.enumerate()) - before
    with pytest.raises(ClientResponseError):
        await turn
    await asyncio.sleep(1)

    assert not thread.is_alive()
    assert [entry["event"] for entry in entries] == ["action.run.failed"]


async def test_hundred_failures_in_a_row_leave_one_thread(actions, entries) -> None:
    """A thread outlives the errors of its actions, and no thread is started for each call."""
    before = threading.active_count()

    for kind in ("exception", "system_exit", "recursion", "greet") * 25:
        if kind == "greet":
            assert await _greets_at_once(actions)
            continue
        with pytest.raises(ClientResponseError):
            await actions.request(json=_call(kind))

    assert threading.active_count() - before == 1


async def test_blocked_thread_is_given_up_and_replaced(monkeypatch, entries) -> None:
    """Each lost thread is logged; too many of them refuse actions until they have ended."""
    monkeypatch.setattr(action_thread, "MAX_LOST", 1)
    threads = ActionThreads(seconds=0.05, grace=0.1)
    free = threading.Event()

    async def block() -> None:
        free.wait()

    async def answer() -> str:
        return "answer"

    for _ in range(2):
        assert await threads.run("action_good", answer) == "answer"
        with pytest.raises(ActionFailed, match="ActionTimeout"):
            await threads.run("action_block", block)
        await asyncio.sleep(0.3)

    assert [(entry["event"], entry["lost"]) for entry in entries] == [
        ("action.thread.lost", 1),
        ("action.thread.lost", 2),
    ]
    with pytest.raises(ActionFailed, match="ActionRefused"):
        await threads.run("action_good", answer)
    free.set()
    await asyncio.sleep(0.2)
    assert await threads.run("action_good", answer) == "answer"


async def test_abandoned_turn_ends_its_action(actions, entries) -> None:
    """A turn that is cancelled leaves no thread behind."""
    before = set(threading.enumerate())
    turn = asyncio.create_task(actions.request(json=_call("await_for_ever")))
    await asyncio.sleep(0.1)
    (thread,) = set(threading.enumerate()) - before

    turn.cancel()
    await asyncio.sleep(0.5)

    assert turn.cancelled() and not thread.is_alive()


async def test_many_actions_run_at_once(actions) -> None:
    """A slow action does not hold up the others."""
    slow = asyncio.create_task(actions.request(json=_call("sleep")))
    await asyncio.sleep(0.05)

    answers = await asyncio.gather(*(actions.request(json=_call("greet")) for _ in range(30)))

    assert not slow.done() and all(answer["responses"] for answer in answers)
    with pytest.raises(ClientResponseError):
        await slow


async def test_action_cannot_change_what_it_is_given(actions) -> None:
    """An action works on a copy of tracker and domain."""
    call = _call("spoil")
    before = copy.deepcopy(call)

    answer = await actions.request(json=call)

    assert answer["responses"] and call == before


@pytest.mark.parametrize("kind", ["task", "thread"])
async def test_what_an_action_starts_harms_no_other(actions, entries, caplog, capfd, kind) -> None:
    """Tasks end with their action, threads go on beside; their errors are logged without the message."""
    before = set(threading.enumerate())
    answer = await actions.request(json=_call(kind))
    for _ in range(3):
        assert await _greets_at_once(actions)

    assert answer["responses"]
    assert {entry["error"] for entry in entries} <= {"ValueError"}
    assert SECRET not in f"{entries}{caplog.text}{capfd.readouterr()}"
    assert all(thread.daemon for thread in set(threading.enumerate()) - before)


async def test_loop_is_kept_while_actions_leave_nothing_in_it() -> None:
    """An action that leaves a timer, a reader or a handler behind takes its loop with it."""
    threads = ActionThreads(SECONDS)

    async def loop_of(leave: Any = None) -> Any:
        async def work() -> str:
            loop = asyncio.get_running_loop()
            if leave:
                leave(loop)
            return str(id(loop))

        return await threads.run("action_test", work)

    plain = [await loop_of() for _ in range(3)]
    for leave in (
        lambda loop: loop.call_later(60, print),
        lambda loop: loop.call_soon(loop.call_soon, loop.call_soon, print),
        lambda loop: loop.set_exception_handler(None),
        lambda loop: loop.set_debug(True),
    ):
        await loop_of(leave)
        assert threads._idle[-1]._spare is None

    assert len(set(plain)) == 1


async def test_error_of_a_thread_is_logged_by_type_and_place(actions, entries) -> None:
    """Python would print its message."""
    await actions.request(json=_call("thread"))
    await asyncio.sleep(0.1)

    assert [(entry["event"], entry["error"]) for entry in entries] == [("action.thread.failed", "ValueError")]


async def test_wrong_event_is_left_out(actions, entries) -> None:
    """The reply reaches the patient, and the log says what was wrong without its content."""
    answer = await actions.request(json=_call("wrong_event"))

    assert answer["events"] == [{"event": "restart"}] and answer["responses"]
    assert entries == [{"event": "action.event.ignored", "action": "action_test_wrong_event", "count": 1}]


async def test_unknown_action_is_refused_as_over_http(actions) -> None:
    """Rasa sees the status that a separate action server would give."""
    with pytest.raises(ClientResponseError) as error:
        await actions.request(json=_call("unknown"))

    assert error.value.status == 404


@pytest.mark.parametrize(
    ("kind", "expected"), [("exception", RasaException), ("reject", ActionExecutionRejection)]
)
async def test_rasa_takes_its_path_for_a_failed_action_server(actions, entries, kind, expected) -> None:
    """Rasa's own caller understands each answer; a rejection stays one."""
    action = RemoteAction(f"action_test_{kind}", actions)
    tracker = DialogueStateTracker.from_events("e-1", [UserUttered(SECRET)])

    with pytest.raises(expected):
        await action.run(ReplyChannel(), None, tracker, Domain.empty())

    assert SECRET not in str(entries)


@pytest.mark.parametrize(
    "value",
    [
        float("nan"), 10**20, {1: "a"}, {"a"}, b"a", "\ud800", "a" * 200_000, {"a" * 200_000: 1},
        [[]] * 200_000, object(),
    ],
)  # fmt: skip
def test_value_that_is_no_json_does_not_leave_an_action(value) -> None:
    """Nor does one that JSON would write but nobody could read or hold."""
    with pytest.raises((TypeError, ValueError)):
        plain_copy({"a": [value]})


def test_plain_copy_shares_nothing() -> None:
    """JSON's kinds come out as they went in, tuples as lists."""
    value = {"a": [1, 2.5, None, True, "ü"], "b": {"c": ("d",)}}

    copied = plain_copy(value)
    value["a"].append(3)

    assert copied == {"a": [1, 2.5, None, True, "ü"], "b": {"c": ["d"]}}


async def test_action_server_that_hangs_is_given_up() -> None:
    """A separate action server has a time limit too."""
    taken = asyncio.Event()

    async def take(*_: object) -> None:
        taken.set()
        await asyncio.sleep(60)

    server = await asyncio.start_server(take, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    started = time.monotonic()

    with pytest.raises(asyncio.TimeoutError):
        await RemoteActions(f"http://127.0.0.1:{port}/webhook", seconds=0.2).request(json=_call("greet"))

    assert taken.is_set() and time.monotonic() - started < 2
    server.close()
