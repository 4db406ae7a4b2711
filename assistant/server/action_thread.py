"""Runs actions in threads that can be given up, so that none of them holds up the server."""

import asyncio
import contextlib
import ctypes
import logging
import math
import queue
import sys
import threading
import traceback
from collections.abc import Callable, Coroutine, Iterator
from types import CoroutineType, FrameType
from typing import Any

import structlog

from assistant.channels.log_entry import PLACES, failure

log = structlog.get_logger()

GRACE_SECONDS = 1.0
PAUSE_SECONDS = 0.02
MAX_LOST = 16
MAX_BUSY = 64
MAX_IDLE = 16
# the longest answer of the knowledge has about 6,000
MAX_CHARACTERS = 100_000
MAX_DEPTH = 20
MAX_NUMBER = 2**53
# An interruption right after one of their locks is taken would leave it taken for the whole process.
LOCKING_FILES = {logging.__file__, "<frozen importlib._bootstrap>"}

Work = Callable[[], Coroutine[Any, Any, Any]]


class ActionInterrupted(BaseException):
    """Raised inside an action that runs too long; `except Exception` does not catch it."""


class ActionFailed(Exception):
    """An action gave no answer.

    Attributes:
        entry: kind and places of the failure for the log, see `failure`.
    """

    def __init__(self, error: str, places: list[str]) -> None:
        super().__init__(error)
        self.entry: dict[str, Any] = {"error": error, "places": places}


class ActionThreads:
    """Threads that are kept from one action to the next; not a sandbox.

    An action's thread and event loop are its own while it runs; a loop in which it left
    something behind is not used again. A thread that runs too long is interrupted and never used again.

    Args:
        seconds: how long an action may run.
        grace: how long it may take to end after that before it is given up.
    """

    def __init__(self, seconds: float, grace: float = GRACE_SECONDS) -> None:
        self._seconds = seconds
        self._tries = math.ceil(grace / PAUSE_SECONDS)
        self._idle: list[_ActionThread] = []
        self._lost: list[_ActionThread] = []
        self._busy = 0
        # Python's own hook prints the message of the error, which may quote a visitor
        threading.excepthook = _log_thread

    async def run(self, action: str, work: Work) -> Any:
        """Returns a plain copy of what the coroutine of `work` returns, or raises ActionFailed."""
        self._refuse_if_full()
        thread = self._idle.pop() if self._idle else _ActionThread()
        done = asyncio.get_running_loop().create_future()
        thread.begin(action, work, done)
        self._busy += 1
        try:
            await asyncio.wait((done,), timeout=self._seconds)
            places = [] if done.done() else thread.places()
        finally:
            self._busy -= 1
            if not done.done():
                self._stop(thread, self._tries)
            elif len(self._idle) < MAX_IDLE:
                self._idle.append(thread)
            else:
                thread.end()
        if not done.done():
            raise ActionFailed("ActionTimeout", places)
        answer, entry = done.result()
        if entry:
            raise ActionFailed(**entry)
        return answer

    def _refuse_if_full(self) -> None:
        self._lost = [thread for thread in self._lost if thread.is_alive()]
        for thread in self._lost:
            thread.interrupt()
        if len(self._lost) > MAX_LOST or self._busy >= MAX_BUSY:
            raise ActionFailed("ActionRefused", [f"{len(self._lost)} threads lost, {self._busy} busy"])

    def _stop(self, thread: "_ActionThread", tries: int) -> None:
        """Interrupts a thread until it ends: an action may catch one interruption."""
        thread.end()
        if not thread.is_alive():
            return
        if tries:
            thread.interrupt()
            asyncio.get_running_loop().call_later(PAUSE_SECONDS, self._stop, thread, tries - 1)
        else:
            self._lost.append(thread)
            places = thread.places()
            log.error("action.thread.lost", action=thread.action, lost=len(self._lost), places=places)


class _ActionThread(threading.Thread):
    def __init__(self) -> None:
        # threads that an action starts are daemons too, and do not hold up the end of the server
        super().__init__(name="action", daemon=True)
        self.action = ""
        self._work: queue.SimpleQueue[tuple[Work, asyncio.Future] | None] = queue.SimpleQueue()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._coroutine: Any = None
        self._spare: asyncio.SelectorEventLoop | None = None
        self.start()

    def begin(self, action: str, work: Work, done: asyncio.Future) -> None:
        """Runs the work; `done` gets the answer and the log entry of a failure, one of them None."""
        self.action = action
        self._work.put((work, done))

    def end(self) -> None:
        """Ends the thread when its work ends."""
        self._work.put(None)

    def interrupt(self) -> None:
        """Raises ActionInterrupted at the next Python instruction, unless a lock could stay taken."""
        code = next((frame.f_code for frame in self._frames()), None)
        if code and code.co_filename in LOCKING_FILES:
            return
        raised, ident = ctypes.py_object(ActionInterrupted), ctypes.c_ulong(self.ident or 0)
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ident, raised)
        loop = self._loop
        if loop is not None:
            with contextlib.suppress(RuntimeError):  # it was closed meanwhile
                loop.call_soon_threadsafe(loop.stop)

    def places(self) -> list[str]:
        """Returns where the thread is, or what its coroutine waits for, innermost last."""
        frames: list[FrameType] = []
        step = self._coroutine
        while isinstance(step, CoroutineType) and step.cr_frame and not step.cr_running:
            frames.append(step.cr_frame)
            step = step.cr_await
        frames = frames or [*self._frames()][::-1]
        steps = ((frame, frame.f_lineno) for frame in frames[-PLACES:])
        stack = traceback.StackSummary.extract(steps, lookup_lines=False)
        return [f"{step.filename}:{step.lineno} in {step.name}" for step in stack]

    def _frames(self) -> Iterator[FrameType]:
        """Yields where the thread is, innermost first."""
        frame = sys._current_frames().get(self.ident or 0)
        while frame is not None:
            yield frame
            frame = frame.f_back

    def run(self) -> None:
        """See parent class."""
        with contextlib.suppress(ActionInterrupted):
            while begun := self._work.get():
                work, done = begun
                outcome = self._outcome(work)
                with contextlib.suppress(RuntimeError):  # the server's loop has ended
                    done.get_loop().call_soon_threadsafe(done.set_result, outcome)
                del begun, work, done, outcome
        if self._spare is not None:
            self._spare.close()

    def _outcome(self, work: Work) -> tuple[Any, dict[str, object] | None]:
        loop = self._loop = self._spare or _new_loop()
        self._spare = None
        try:
            self._coroutine = work()
            try:
                answer = loop.run_until_complete(self._coroutine)
            finally:
                _cancel_left(loop)
            return plain_copy(answer), None
        except BaseException as error:  # SystemExit too must not end more than the action
            return None, failure(error)
        finally:
            self._coroutine = self._loop = None
            if _is_untouched(loop):
                self._spare = loop
            else:
                loop.close()


def _new_loop() -> asyncio.SelectorEventLoop:
    """Returns the event loop of this thread from now on."""
    # uvloop's C code is no place to be interrupted in
    loop = asyncio.SelectorEventLoop()
    loop.set_exception_handler(_log_task)
    asyncio.set_event_loop(loop)
    return loop


def _is_untouched(loop: asyncio.SelectorEventLoop) -> bool:
    """Returns whether an action left nothing in the loop, so that the next one may have it."""
    state = vars(loop)
    return not (
        loop.is_closed()
        or state["_exception_handler"] is not _log_task
        or state["_task_factory"]
        or state["_debug"]
        or state["_ready"]
        or state["_scheduled"]
        or state["_default_executor"]
        or state["_asyncgens"]
        or len(state["_selector"].get_map()) > 1
    )


def plain_copy(value: Any) -> Any:
    """Returns a copy that holds what JSON can hold and nothing else.

    Raises TypeError for another kind of value, and ValueError for one that is
    too large, nested too deep or not finite.
    """
    left = MAX_CHARACTERS

    def spend(size: int) -> None:
        nonlocal left
        left -= size
        if left < 0:
            raise ValueError("The value is too large to leave an action.")

    def copy(part: Any, depth: int) -> Any:
        kind = type(part)
        if kind is str:
            spend(len(part))
            return part if part.isascii() else _whole(part)
        if part is None or kind is bool:
            return part
        if depth > MAX_DEPTH:
            raise ValueError("The value is nested too deep to leave an action.")
        if kind is dict:
            spend(len(part))
            return {copy(_key(key), depth): copy(one, depth + 1) for key, one in part.items()}
        if kind is list or kind is tuple:
            spend(len(part))
            return [copy(one, depth + 1) for one in part]
        return copy(_plain(part), depth + 1) if kind not in (int, float) else _number(part)

    return copy(value, 0)


def _key(key: Any) -> str:
    if not isinstance(key, str):
        raise TypeError(f"A key of type {type(key).__name__} cannot leave an action; use a string.")
    return key


def _whole(text: str) -> str:
    text.encode("utf-8")  # refuses halves of characters
    return text


def _number(number: float) -> float:
    if not abs(number) <= MAX_NUMBER:
        raise ValueError("The number is too large to leave an action, or not finite.")
    return number


def _plain(value: Any) -> Any:
    """Returns the value of a plain type that one of a derived type stands for, as JSON does."""
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, dict):
        return dict(value)
    if isinstance(value, (list, tuple)):
        return list(value)
    if isinstance(value, int):
        return int.__int__(value)
    if isinstance(value, float):
        return float.__float__(value)
    raise TypeError(f"A value of type {type(value).__name__} cannot leave an action; return plain JSON.")


def _cancel_left(loop: asyncio.AbstractEventLoop) -> None:
    left = asyncio.all_tasks(loop)
    for task in left:
        task.cancel()
    if left:
        loop.run_until_complete(asyncio.wait(left))


def _log_task(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Takes the place of asyncio's entry, which shows the error's message."""
    error = context.get("exception")
    if error is not None and not isinstance(error, ActionInterrupted):
        log.error("action.task.failed", **failure(error))


def _log_thread(args: threading.ExceptHookArgs) -> None:
    if args.exc_value is not None:
        log.error("action.thread.failed", **failure(args.exc_value))
