"""Times of a start and of a turn by part, in this process: `python -m benchmarks.turn_parts [--rasa]`."""

import argparse
import asyncio
import gc
import os
import sys
import tempfile
import time
import uuid
from collections import defaultdict
from collections.abc import Callable
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from assistant.server.without_tensorflow import keep_tensorflow_out
from assistant.settings import Settings

ROOT = Path(__file__).parents[2]
CONVERSATIONS = 30
QUESTIONS = (
    "what is mesotherapy",
    "does it hurt a lot",
    "how much does it cost",
    "can I do it while breastfeeding",
    "I have knee arthritis, will it help?",
)


def main() -> None:
    """Measures the start, then the turn, and prints both."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.turn_parts", description=__doc__)
    parser.add_argument("--rasa", action="store_true", help="with Rasa's own processor and runner")
    rasa_itself = parser.parse_args().rasa
    os.chdir(ROOT)
    with tempfile.TemporaryDirectory() as folder:
        os.environ["MESOGUIDE_STATE_DIR"] = folder
        agent = start(rasa_itself)
        asyncio.run(turns(agent))


def start(rasa_itself: bool) -> Any:
    """Starts as the server does, without HTTP; returns the agent."""
    clock = _Clock()
    gc.disable()
    if not rasa_itself:
        keep_tensorflow_out()
    settings = Settings.from_environment(ROOT)
    clock.tell("settings")
    from assistant.knowledge import current

    current()
    clock.tell("knowledge")
    import onnxruntime  # noqa: F401
    import spacy  # noqa: F401

    clock.tell("import spaCy, scikit-learn, onnxruntime")
    from assistant.server import agent as agent_module
    from assistant.server.action_endpoint import InProcessActions
    from assistant.server.app import create_app
    from assistant.server.front import KnowledgeFront
    from assistant.server.logs import configure_logs
    from assistant.server.steps import model_file

    configure_logs()
    clock.tell("import Rasa and the server")
    from assistant.language.shared import shared_detector, shared_pipeline

    language = shared_pipeline(ROOT / "models" / "spacy")
    clock.tell("spaCy pipeline with terms")
    detector = shared_detector(ROOT / "data" / "lookups" / "red_flags.yml")
    clock.tell("red-flag rules")
    actions = InProcessActions("actions")
    clock.tell("actions")
    if rasa_itself:
        from rasa.core.processor import MessageProcessor

        agent_module.TurnProcessor = MessageProcessor  # type: ignore[misc]
    agent = agent_module.load_agent(settings, model_file(ROOT), actions)
    clock.tell("trained model")
    create_app(settings, agent, KnowledgeFront(current, language, detector))
    asyncio.run(agent.parse_message(QUESTIONS[0]))
    gc.collect()
    gc.freeze()
    gc.enable()
    clock.tell("app and first message")
    clock.total()
    return agent


async def turns(agent: Any) -> None:
    """Prints the milliseconds of a turn by part, for chats in memory and kept ones."""
    parts = _Parts()
    _watch(parts)
    for kind, prefix in (("in memory", "e-"), ("kept", "k-")):
        # the first conversations fill the caches
        await _talk(agent, prefix, _Parts(), 5)
        parts.clear()
        whole = _Parts()
        await _talk(agent, prefix, whole, CONVERSATIONS)
        times = sorted(whole.times["turn"])
        print(
            f"\nA turn of a chat {kind}: median {median(times):.1f} ms, "
            f"p95 {quantiles(times, n=20)[-1]:.1f} ms, "
            f"processor {sum(whole.processor['turn']) / len(times):.1f} ms"
        )
        for name, values in sorted(parts.processor.items(), key=lambda pair: -sum(pair[1])):
            waited = sum(parts.times[name])
            print(f"  {name:50} {waited / len(times):6.2f} ms, processor {sum(values) / len(times):6.2f} ms")


async def _talk(agent: Any, prefix: str, whole: "_Parts", conversations: int) -> None:
    from rasa.core.channels.channel import UserMessage

    from assistant.channels.reply_channel import CHANNEL_NAME, ReplyChannel

    for _ in range(conversations):
        sender = prefix + uuid.uuid4().hex
        for text in QUESTIONS:
            message = UserMessage(
                text=text, output_channel=ReplyChannel(), sender_id=sender, input_channel=CHANNEL_NAME,
                message_id=uuid.uuid4().hex, metadata={},
            )  # fmt: skip
            with whole.timed("turn"):
                await agent.handle_message(message)


def _watch(parts: "_Parts") -> None:
    """Times what a turn calls; a part inside another counts in both."""
    from rasa.core.actions.action import RemoteAction
    from rasa.core.processor import MessageProcessor
    from rasa.engine.graph import GraphNode
    from rasa.shared.core.trackers import DialogueStateTracker

    from assistant.server.action_endpoint import InProcessActions
    from assistant.storage.tracker_store import ConversationTrackerStore
    from assistant.turn.processor import TurnProcessor
    from assistant.turn.remote_action import QuickRemoteAction

    call = GraphNode.__call__

    @wraps(call)
    def timed_node(self: Any, *inputs: Any) -> Any:
        with parts.timed(f"    graph: {self._node_name.removeprefix('run_').rsplit('.', 1)[-1]}"):
            return call(self, *inputs)

    GraphNode.__call__ = timed_node
    for kind, method, name in (
        (MessageProcessor, "parse_message", "understand"),
        (MessageProcessor, "_predict_next_with_tracker", "predict (twice)"),
        (MessageProcessor, "run_action_extract_slots", "extract slots"),
        (TurnProcessor, "run_action_extract_slots", "extract slots"),
        (MessageProcessor, "_run_action", "run and log actions (with the listening)"),
        (TurnProcessor, "_run_action", "run and log actions (with the listening)"),
        (MessageProcessor, "_log_action_on_tracker", "  log actions"),
        (TurnProcessor, "_log_action_on_tracker", "  log actions"),
        (RemoteAction, "_action_call_format", "  action: state of the tracker"),
        (InProcessActions, "request", "  action: run"),
        (RemoteAction, "_validate_action_result", "  action: validate"),
        (QuickRemoteAction, "_validate_action_result", "  action: validate"),
        (DialogueStateTracker, "copy", "  action: copy the tracker"),
        (ConversationTrackerStore, "retrieve", "store: read"),
        (ConversationTrackerStore, "save", "store: save"),
    ):
        if method in vars(kind):
            setattr(kind, method, parts.watched(vars(kind)[method], name))


class _Clock:
    """Prints what each part of the start took."""

    def __init__(self) -> None:
        self._first = self._last = time.perf_counter()
        self._processor = time.process_time()
        print("Start" + " " * 41 + "seconds  processor  resident MB")

    def tell(self, part: str) -> None:
        now, processor = time.perf_counter(), time.process_time()
        print(f"  {part:42} {now - self._last:8.2f} {processor - self._processor:10.2f} {_resident():12.0f}")
        self._last, self._processor = time.perf_counter(), time.process_time()

    def total(self) -> None:
        whole = f"{self._last - self._first:8.2f} {time.process_time():10.2f} {_resident():12.0f}"
        print(f"  {'all':42} {whole}")
        print(f"  TensorFlow loaded: {sys.modules.get('tensorflow') is not None}")


class _Parts:
    """Milliseconds of each call by part: as the clock says, and of this thread on the processor."""

    def __init__(self) -> None:
        self.times: dict[str, list[float]] = defaultdict(list)
        self.processor: dict[str, list[float]] = defaultdict(list)

    def clear(self) -> None:
        self.times.clear()
        self.processor.clear()

    @contextmanager
    def timed(self, name: str) -> Any:
        started, processor = time.perf_counter(), time.thread_time()
        yield
        self.processor[name].append((time.thread_time() - processor) * 1000)
        self.times[name].append((time.perf_counter() - started) * 1000)

    def watched(self, function: Callable, name: str) -> Callable:
        @wraps(function)
        async def later(*args: Any, **kwargs: Any) -> Any:
            with self.timed(name):
                return await function(*args, **kwargs)

        @wraps(function)
        def now(*args: Any, **kwargs: Any) -> Any:
            with self.timed(name):
                return function(*args, **kwargs)

        return later if asyncio.iscoroutinefunction(function) else now


def _resident() -> float:
    for line in Path("/proc/self/status").read_text(encoding="utf-8").splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    return 0.0


if __name__ == "__main__":
    main()
