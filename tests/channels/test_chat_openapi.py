"""The description of the API: complete, and true of a running server."""

import asyncio
import json
import re
import uuid
from collections.abc import Callable
from dataclasses import fields
from datetime import datetime, timezone
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from jsonschema import Draft202012Validator, FormatChecker
from schemathesis import checks

from assistant.channels.chat_setting import ChatSettings
from assistant.channels.openapi import openapi_document
from assistant.channels.problem import KINDS
from assistant.knowledge import current, reply
from tests.channels.conftest import Answer, Chat, WordFront

CHECKS = [
    checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
]
# a stream has no end that could be waited for
STREAMS = {"/chat/events"}


class KnowledgeFront(WordFront):
    """A front with the words of the real knowledge files."""

    def info(self) -> dict:
        return reply.info(current())

    def welcome(self) -> list[dict]:
        return [reply.welcome(current())]


@pytest.fixture
async def real(start: Any) -> Chat:
    """A server with real words."""
    return await start(front=KnowledgeFront())


def fixed(schema: Any) -> Any:
    """Returns the schema with objects that hold no more than they name."""
    if isinstance(schema, list):
        return [fixed(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    copy = {key: fixed(value) for key, value in schema.items()}
    if "properties" in schema and "required" in schema and "messages" not in schema["properties"]:
        copy.setdefault("additionalProperties", False)
    return copy


@cache
def document() -> dict[str, Any]:
    """Returns the document, read once."""
    return openapi_document()


@cache
def strict_components() -> dict[str, Any]:
    """Returns the components with fixed schemas, but Session, which the answer of a start extends."""
    components = document()["components"]
    session = {"Session": components["schemas"]["Session"]}
    return {**components, "schemas": {**fixed(components["schemas"]), **session}}


def check(schema: dict, value: Any) -> None:
    """Asserts that the value fits a schema of the document, and holds nothing that it does not name."""
    whole = {**schema, "components": strict_components()}
    Draft202012Validator(whole, format_checker=FormatChecker()).validate(value)


def reference(name: str) -> dict:
    """Returns a reference to a schema of the document."""
    return {"$ref": f"#/components/schemas/{name}"}


def check_answer(answer: Answer, method: str, path: str) -> Answer:
    """Asserts that status, media type, headers and body of an answer are as the document says."""
    operation = document()["paths"][f"/chat/{path}"][method.lower()]
    told = operation["responses"][str(answer.status)]
    if "$ref" in told:
        told = document()["components"]["responses"][told["$ref"].rpartition("/")[2]]
    for name, header in told.get("headers", {}).items():
        assert not header.get("required") or name in answer.headers
    if "content" not in told:
        assert answer.body == b""
    else:
        check(told["content"][answer.headers["Content-Type"]]["schema"], answer.data)
    return answer


async def test_document_is_served(chat: Chat) -> None:
    """Tools read the document from the server that it describes, without a token."""
    answer = await chat.request("GET", "/chat/openapi.json")

    assert (answer.status, answer.headers["Content-Type"]) == (200, "application/json")
    assert answer.data == openapi_document()


async def test_each_route_and_method_is_described_and_no_other(start: Any) -> None:
    """The document and the server name the same routes."""
    found: list[set[tuple[str, str]]] = []

    def attach(app: Any) -> None:
        found.append(
            {
                (f"/{route.path}", method)
                for route in app.router.routes
                for method in route.methods
                if route.path.startswith("chat/") and method != "OPTIONS"
            }
        )

    def read(app: Any) -> None:
        app.register_listener(lambda app, loop: attach(app), "before_server_start")

    await start(attach=read)

    described = {(path, method.upper()) for path, item in document()["paths"].items() for method in item}
    assert found[0] == described


def test_references_of_the_document_lead_somewhere() -> None:
    """Each part that is named is there, and each part that is there is named."""
    named = set(re.findall(r'"#/components/(\w+/\w+)"', json.dumps(document())))

    there = {f"{kind}/{name}" for kind, parts in document()["components"].items() for name in parts}
    assert named == {name for name in there if not name.startswith("securitySchemes/")}


def test_each_status_of_a_problem_is_described_or_falls_under_the_default() -> None:
    """A client can rely on problem documents for every error."""
    for item in document()["paths"].values():
        for operation in item.values():
            statuses = set(operation["responses"]) - {"default"}
            assert {int(status) for status in statuses} <= {200, 201, 204, *(s for s, _ in KINDS.values())}
            assert operation["responses"]["default"] == {"$ref": "#/components/responses/Problem"}


@pytest.mark.parametrize(
    "make",
    [
        lambda knowledge, now: [reply.answer(knowledge, topic, now=now) for topic in knowledge.entries],
        lambda knowledge, now: [reply.emergency(knowledge), reply.crisis(knowledge)],
        lambda knowledge, now: [reply.urgent(knowledge, "today"), reply.urgent(knowledge, "days")],
        lambda knowledge, now: [reply.safeguarding(knowledge), reply.personal_advice(knowledge)],
        lambda knowledge, now: [reply.refusal(knowledge), reply.error(knowledge), reply.welcome(knowledge)],
        lambda knowledge, now: [reply.out_of_scope(knowledge), reply.fallback(knowledge)],
        lambda knowledge, now: [reply.handoff(knowledge, now), reply.handoff_after_failures(knowledge, now)],
        lambda knowledge, now: [reply.about_us(knowledge), reply.smalltalk(knowledge, "greet")],
    ],
)
def test_every_reply_of_the_knowledge_fits(make: Callable[[Any, datetime], list[dict]]) -> None:
    """What the knowledge files say has the form that the document describes, and no field more."""
    for one in make(current(), datetime.now(timezone.utc)):
        numbered = {**one, "seq": 1, "role": "assistant", "time": "2026-11-22T10:00:00.000Z"}
        check(reference("Reply"), numbered)


async def test_answers_of_a_running_server_fit(real: Chat) -> None:
    """The course of a whole conversation is as the document says, errors too."""
    check_answer(await real.request("GET", "/chat/info"), "GET", "info")
    started = await real.request("POST", "/chat/session")
    token = check_answer(started, "POST", "session").data["token"]
    check_answer(await real.say(token, "hello"), "POST", "messages")
    await real.post(token, json={"id": str(uuid.uuid4()), "button": "topic:pain"})
    for query in ("", "?after=1", "?after=x"):
        check_answer(await real.call("GET", f"history{query}", token), "GET", "history")
    for body in ({"seq": 1, "helpful": True, "comment": "good"}, {"seq": 0}):
        check_answer(await real.call("POST", "feedback", token, json=body), "POST", "feedback")
    check_answer(await real.call("POST", "session/renew", token), "POST", "session/renew")
    changed = await real.call("PATCH", "session", token, json={"consent": "keep"})
    kept = check_answer(changed, "PATCH", "session").data["token"]
    check_answer(await real.say(token, "hello"), "POST", "messages")
    check_answer(await real.say(kept, "a" * 1001), "POST", "messages")
    real.agent.failing.add("boom")
    check_answer(await real.say(kept, "boom"), "POST", "messages")
    check_answer(await real.call("DELETE", "conversation", kept), "DELETE", "conversation")
    check_answer(await real.call("GET", "events", kept), "GET", "events")


async def test_streamed_messages_and_problems_fit(real: Chat) -> None:
    """The data of each event has a schema too."""
    token = await real.open()
    await real.say(token, "hello")

    async with real.events(token) as stream:
        messages = [await stream.next() for _ in range(3)]
        await real.call("DELETE", "conversation", token)
        error = await stream.next()

    for message in messages:
        check(reference("Asked" if message.data["role"] == "user" else "Reply"), message.data)
    check(reference("Problem"), error.data)


async def test_requests_made_from_the_document_are_answered_as_it_says(real: Chat) -> None:
    """Whatever schemathesis thinks of from the document, the server keeps to it."""
    tokens = {path: await real.open() for path in document()["paths"]}

    def try_operation(operation: Any) -> None:
        headers = {"Authorization": f"Bearer {tokens[operation.path]}", "Accept": "application/json"}

        @settings(
            max_examples=15,
            deadline=None,
            database=None,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy())
        def send(case: Any) -> None:
            response = case.call(base_url=real.url, headers=headers, timeout=5)
            case.validate_response(response, checks=CHECKS)

        send()

    def run() -> None:
        for result in schemathesis.openapi.from_dict(document()).get_all_operations():
            operation = result.ok()
            if operation.path not in STREAMS:
                try_operation(operation)

    await asyncio.to_thread(run)


def test_prose_names_every_route_and_setting() -> None:
    """docs/chat-api.md has a section for each route and a row for each setting, and no other."""
    prose = Path("docs/chat-api.md").read_text(encoding="utf-8")
    limits = prose.split("## Limits and settings\n")[1].split("\n## ")[0]

    routes = {f"{method.upper()} {path}" for path, item in document()["paths"].items() for method in item}
    sections = set(re.findall(r"^### `(.*)`$", prose, re.MULTILINE))
    assert sections == routes - {"GET /chat/openapi.json"}
    rows = set(re.findall(r"^\| `(\w+)` \|", limits, re.MULTILINE))
    assert rows == {one.name for one in fields(ChatSettings)}
