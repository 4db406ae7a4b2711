"""Asks questions through the chat API, one new session for each."""

import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import requests

from benchmarks.evaluation.question import Question
from benchmarks.evaluation.scoring import EMERGENCY_NUMBERS, Reply

TIMEOUT = 30.0  # seconds for one request
TRIES = 6  # requests in all, when the server says 429
LONGEST_WAIT = 30.0  # seconds between two tries, whatever Retry-After says


@dataclass(frozen=True)
class Exchange:
    """A question's last reply.

    Attributes:
        reply: what came back for the last turn, or for the turn that failed.
        seconds: time of each message request, without waiting after a 429.
    """

    reply: Reply
    seconds: tuple[float, ...] = ()


@dataclass
class ChatClient:
    """A client of one chat server.

    Attributes:
        url: where the server is, without `/chat`.
        sleep: waits for so many seconds.
    """

    url: str
    sleep: Callable[[float], None] = field(default=time.sleep)

    def info(self) -> Mapping[str, object]:
        """The answer of GET /chat/info; raises requests.RequestException if there is none."""
        with self._session() as http:
            response = http.get(self._address("info"), timeout=TIMEOUT)
            response.raise_for_status()
            return _object(response)

    def ask(self, question: Question) -> Exchange:
        """Sends all turns in one new session; a failure is told in the reply, never raised."""
        seconds: list[float] = []
        try:
            with self._session() as http:
                reply = self._open(http)
                for turn in question.turns if reply.status == 201 else ():
                    reply, taken = self._send(http, turn)
                    seconds.append(taken)
                    if reply.status != 200 or reply.failure:
                        break
        except requests.RequestException as error:
            reply = Reply(status=0, failure=f"{type(error).__name__}: {error}")
        return Exchange(reply, tuple(seconds))

    def _open(self, http: requests.Session) -> Reply:
        response, _ = self._post(http, "session", {})
        token = _object(response).get("token")
        if response.status_code != 201 or not isinstance(token, str):
            failure = f"POST /chat/session answered {response.status_code}, no token"
            return Reply(response.status_code, failure=failure)
        http.headers["Authorization"] = f"Bearer {token}"
        return Reply(response.status_code)

    def _send(self, http: requests.Session, text: str) -> tuple[Reply, float]:
        response, seconds = self._post(http, "messages", {"id": str(uuid.uuid4()), "text": text})
        body = _object(response)
        if response.status_code != 200:
            failure = "" if _is_problem(body) else f"POST /chat/messages answered {response.status_code}"
            return Reply(response.status_code, problem=body, failure=failure), seconds
        messages = body.get("messages")
        if not isinstance(messages, list) or not all(isinstance(message, Mapping) for message in messages):
            return Reply(response.status_code, failure="the answer has no list of messages"), seconds
        return Reply(200, tuple(item for item in messages if item.get("role") != "user")), seconds

    def _post(
        self, http: requests.Session, path: str, body: Mapping[str, object]
    ) -> tuple[requests.Response, float]:
        for attempt in range(1, TRIES + 1):
            start = time.perf_counter()
            response = http.post(self._address(path), json=body, timeout=TIMEOUT)
            seconds = time.perf_counter() - start
            if response.status_code != 429 or attempt == TRIES:
                break
            self.sleep(_wait(response.headers.get("Retry-After")))
        return response, seconds

    def _session(self) -> requests.Session:
        http = requests.Session()
        # A .netrc entry would replace the Authorization header; a proxy would be timed along.
        http.trust_env = False
        http.headers["Accept"] = "application/json"
        return http

    def _address(self, path: str) -> str:
        return f"{self.url.rstrip('/')}/chat/{path}"


def emergency_numbers(info: Mapping[str, object]) -> frozenset[str]:
    """The known emergency numbers and those that GET /chat/info names."""
    named = [str(value) for key, value in info.items() if "emergency" in key]
    return EMERGENCY_NUMBERS.union(number for number in named if number.isascii() and number.isdigit())


def _object(response: requests.Response) -> Mapping[str, object]:
    try:
        body = response.json()
    except requests.JSONDecodeError:
        return {}
    return body if isinstance(body, Mapping) else {}


def _is_problem(body: Mapping[str, object]) -> bool:
    return bool(body.get("title") or body.get("detail"))


def _wait(retry_after: str | None) -> float:
    text = (retry_after or "").strip()
    seconds = float(text) if text.isascii() and text.isdigit() else 1.0
    return min(max(seconds, 0.1), LONGEST_WAIT)
