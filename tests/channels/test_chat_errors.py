"""Every way in which the chat refuses a request, and what it then says."""

import json
import time
from typing import Any

import jwt
import pytest
from sanic import Sanic
from sanic.response import text as plain

from assistant.channels.session_token import SessionTokens
from tests.channels.conftest import KEY, RED_FLAG, Answer, Chat, WordFront

ID = "0b0e7d5a-8a52-4b77-9d39-0d2f5f2a9f10"
MARKER = "zqmarker"
JSON = {"Content-Type": "application/json"}


def check_problem(answer: Answer, status: int, kind: str) -> None:
    """Asserts that the answer is a problem document as all of ours are."""
    assert answer.status == status, answer.body
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert set(answer.data) - {"field"} == {"type", "title", "status", "detail", "emergency", "phone"}
    assert answer.data["type"] == f"urn:mesoguide:problem:{kind}"
    assert answer.data["status"] == status
    assert (answer.data["emergency"], answer.data["phone"]) == ("999", "+44 20 7946 0000")
    assert MARKER not in answer.body.decode() + str(answer.headers)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"nonsense " + MARKER.encode(),
        b"\xff\xfe{}",
        b'{"id": "\xc3\x28"}',
        b"[]",
        b'"text"',
        b"null",
        b"12",
        b'{"id": NaN}',
        b'{"id": -Infinity}',
        b'{"text": "a", "text": "b"}',
        b'{"x": {"a": 1, "a": 2}}',
        b'\xef\xbb\xbf{"id": 1}',
        b"[" * 16_000,
        b'{"a":' * 2_500 + b"1" + b"}" * 2_500,
        b"1" * 6_000,
    ],
    ids=lambda body: body[:12].decode("latin-1"),
)
async def test_body_that_is_no_json_object_is_refused(chat: Chat, token: str, body: bytes) -> None:
    """Only one unambiguous JSON object in UTF-8 is read."""
    answer = await chat.post(token, data=body, headers=JSON)

    check_problem(answer, 400, "bad-json")


@pytest.mark.parametrize(
    ("field", "fields"),
    [
        ("id", {"text": "hello"}),
        ("id", {"id": MARKER, "text": "hello"}),
        ("id", {"id": 5, "text": "hello"}),
        ("id", {"id": None, "text": "hello"}),
        ("id", {"id": ID + "0", "text": "hello"}),
        ("id", {"id": "{" + ID + "}", "text": "hello"}),
        ("id", {"id": ID + "\n", "text": "hello"}),
        ("id", {"id": [ID], "text": "hello"}),
        ("text", {"id": ID}),
        ("text", {"id": ID, "text": MARKER, "button": "topic:pain"}),
        ("text", {"id": ID, "text": ""}),
        ("text", {"id": ID, "text": "  \n\t "}),
        ("text", {"id": ID, "text": "\u200b\u202e\x00"}),
        ("text", {"id": ID, "text": "\ud800"}),
        ("text", {"id": ID, "text": None}),
        ("text", {"id": ID, "text": [MARKER]}),
        ("text", {"id": ID, "text": 7}),
        ("button", {"id": ID, "button": MARKER}),
        ("button", {"id": ID, "button": ""}),
        ("button", {"id": ID, "button": None}),
        ("button", {"id": ID, "button": {"id": "topic:pain"}}),
    ],
    ids=str,
)
async def test_bad_field_of_a_message_is_named(
    chat: Chat, token: str, field: str, fields: dict[str, Any]
) -> None:
    """A message with a wrong field is refused with the field's name, and no turn runs."""
    answer = await chat.post(token, data=json.dumps(fields).encode(), headers=JSON)

    check_problem(answer, 400, "bad-field")
    assert answer.data["field"] == field
    assert chat.agent.seen == []


@pytest.mark.parametrize(
    ("field", "fields"),
    [
        ("consent", {"consent": MARKER}),
        ("consent", {"consent": True}),
        ("consent", {"consent": None}),
        ("consent", {"consent": ["keep"]}),
        ("improve", {"improve": "yes"}),
        ("improve", {"improve": 1}),
        ("notice", {"notice": 20261122}),
        ("notice", {"notice": "n" * 65}),
        ("notice", {"notice": f"<{MARKER}>"}),
        ("locale", {"locale": "not a locale"}),
        ("locale", {"locale": {}}),
    ],
    ids=str,
)
async def test_bad_field_of_a_session_is_named(chat: Chat, field: str, fields: dict[str, Any]) -> None:
    """A session with a wrong choice is refused with the field's name."""
    answer = await chat.request("POST", "/chat/session", json=fields)

    check_problem(answer, 400, "bad-field")
    assert answer.data["field"] == field


async def test_session_with_an_unknown_field_is_made(chat: Chat) -> None:
    """Fields that a later version may know are passed over."""
    assert await chat.open(json={"theme": "dark"})


def forged(key: str | None = KEY, algorithm: str = "HS256", **claims: Any) -> str:
    """Returns a token that is good but for what is given; a claim of None is left out."""
    now = int(time.time())
    usual = {"sub": "e-1", "aud": "chat", "iat": now, "exp": now + 60}
    given = {name: value for name, value in {**usual, **claims}.items() if value is not None}
    return jwt.encode(given, key, algorithm=algorithm)


def tampered() -> str:
    """Returns a good token whose conversation was changed after signing."""
    head, _, signature = forged().split(".")
    return ".".join((head, forged(sub="e-2").split(".")[1], signature))


NO_SESSION = {
    "nothing": None,
    "no scheme": forged(),
    "other scheme": f"Basic {forged()}",
    "no token": "Bearer",
    "garbage": f"Bearer {MARKER}",
    "not ASCII": b"Bearer \xc3\xa9\xff.a.b".decode("utf-8", "surrogateescape"),
    "other key": f"Bearer {forged('o' * 64)}",
    "expired": f"Bearer {forged(exp=int(time.time()) - 1)}",
    "issued long ago": f"Bearer {SessionTokens(KEY, 10, lambda: time.time() - 11).issue('e-1', {})}",
    "no algorithm": f"Bearer {forged(None, 'none')}",
    "no signature": f"Bearer {forged().rpartition('.')[0]}.",
    "other algorithm": f"Bearer {forged(algorithm='HS512')}",
    "other audience": f"Bearer {forged(aud='console')}",
    "no audience": f"Bearer {forged(aud=None)}",
    "no expiry": f"Bearer {forged(exp=None)}",
    "no conversation": f"Bearer {forged(sub=None)}",
    "tampered": f"Bearer {tampered()}",
}


def test_forged_tokens_are_forged_well() -> None:
    """The token from which the bad ones are made is itself good."""
    assert SessionTokens(KEY).session(forged()).conversation_id == "e-1"


@pytest.mark.parametrize("authorization", NO_SESSION.values(), ids=NO_SESSION)
async def test_message_without_a_good_token_is_refused(chat: Chat, authorization: str | None) -> None:
    """Only a token that this server signed for the chat and that still lives is accepted."""
    lines = ["POST /chat/messages HTTP/1.1", "Host: a", "Content-Type: application/json", "Connection: close"]
    if authorization:
        lines.append(f"Authorization: {authorization}")
    body = json.dumps({"id": ID, "text": MARKER})
    request = "\r\n".join([*lines, f"Content-Length: {len(body)}", "", body])

    answer = parsed(await chat.raw(request.encode("utf-8", "surrogateescape")))

    check_problem(answer, 401, "no-session")
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert chat.agent.seen == []


def parsed(response: bytes) -> Answer:
    """Returns a raw response as an answer."""
    head, _, body = response.partition(b"\r\n\r\n")
    status, *lines = head.decode().split("\r\n")
    headers = {name.title(): value for name, value in (line.split(": ", 1) for line in lines)}
    if "Www-Authenticate" in headers:
        headers["WWW-Authenticate"] = headers["Www-Authenticate"]
    return Answer(int(status.split()[1]), headers, body)


async def test_scheme_of_the_token_may_be_written_in_any_case(chat: Chat, token: str) -> None:
    """`bearer` is as good as `Bearer` (RFC 9110, section 11.1)."""
    answer = await chat.post(
        "", json={"id": ID, "text": "hello"}, headers={"Authorization": f"bearer {token}"}
    )

    assert answer.status == 200


@pytest.mark.parametrize("path", ["/chat", "/chat/", "/chat/" + MARKER, "/chat/info/more", "/chat//info"])
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
async def test_unknown_path_is_not_found(chat: Chat, method: str, path: str) -> None:
    """Whatever is not a route under /chat gets a problem document."""
    check_problem(await chat.request(method, path), 404, "not-found")


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("POST", "/chat/info", "GET, OPTIONS"),
        ("GET", "/chat/session", "OPTIONS, PATCH, POST"),
        ("DELETE", "/chat/messages", "OPTIONS, POST"),
        ("TRACE", "/chat/messages", "OPTIONS, POST"),
        ("PROPFIND", "/chat/info", "GET, OPTIONS"),
    ],
)
async def test_wrong_method_is_told_the_right_ones(chat: Chat, method: str, path: str, allow: str) -> None:
    """A method that a path does not know gets 405 with Allow, one that Sanic does not know too."""
    answer = await chat.request(method, path)

    check_problem(answer, 405, "method-not-allowed")
    assert answer.headers["Allow"] == allow


async def test_path_outside_the_chat_keeps_its_own_errors(start) -> None:
    """The server's other pages answer errors as they did, also with handlers added after the channel."""

    def attach(app: Sanic) -> None:
        app.error_handler.add(Exception, lambda request, exception: plain("ours", status=418))

    chat = await start(attach=attach)

    assert (await chat.request("GET", "/chatter")).body == b"ours"
    assert (await chat.request("GET", "/nowhere")).status == 418
    check_problem(await chat.request("GET", "/chat/nowhere"), 404, "not-found")
    assert b"<!DOCTYPE" in (await (await start()).request("GET", "/nowhere")).body


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/x-www-form-urlencoded"},
        {"Content-Type": "application/json-" + MARKER},
        {"Content-Type": "application/json; charset=latin-1"},
        {"Content-Type": "application/json", "Content-Encoding": "gzip"},
    ],
    ids=str,
)
async def test_other_content_type_is_refused(chat: Chat, token: str, headers: dict[str, str]) -> None:
    """Only plain JSON in UTF-8 is read, which also keeps other sites' forms out."""
    body = json.dumps({"id": ID, "text": "hello"}).encode()

    check_problem(await chat.post(token, data=body, headers=headers), 415, "wrong-content-type")
    check_problem(
        await chat.request("POST", "/chat/session", data=body, headers=headers), 415, "wrong-content-type"
    )


async def test_content_type_may_carry_the_charset(chat: Chat, token: str) -> None:
    """`application/json; charset=UTF-8` is what many clients send."""
    headers = {"Content-Type": 'Application/JSON; charset="UTF-8"'}

    assert (await chat.post(token, data=json.dumps({"id": ID, "text": "a"}), headers=headers)).status == 200


async def test_text_over_the_limit_is_refused(chat: Chat, token: str) -> None:
    """A thousand characters pass, one more does not; the text as cleaned counts as well."""
    assert (await chat.say(token, "é" * 1000)).status == 200
    check_problem(await chat.say(token, "é" * 1001), 413, "text-too-long")
    check_problem(await chat.say(token, "a" + " " * 1000), 413, "text-too-long")
    check_problem(await chat.say(token, "\ufdfa" * 900), 413, "text-too-long")
    assert len(chat.agent.seen) == 1


async def test_long_text_with_a_red_flag_is_answered(chat: Chat, token: str) -> None:
    """An emergency told at length gets its reply, the same again for the same id, and no turn."""
    text = "so much to tell " * 90 + RED_FLAG

    answer = await chat.say(token, text, ID)

    assert answer.status == 200
    assert [(m["kind"], m["seq"], m["role"]) for m in answer.data["messages"]] == [
        ("emergency", 3, "assistant")
    ]
    assert (await chat.say(token, text, ID)).data == answer.data
    assert chat.agent.seen == []


async def test_red_flag_whose_turn_gives_no_answer_is_answered(start) -> None:
    """An emergency gets its reply when the turn fails, when it is too slow and when it says nothing."""
    chat = await start(turn_seconds=0.1)
    token = await chat.open()
    chat.agent.failing.add(f"boom {RED_FLAG}")
    chat.agent.hold(f"hang {RED_FLAG}")

    failed = await chat.say(token, f"boom {RED_FLAG}")
    slow = await chat.say(token, f"hang {RED_FLAG}")
    chat.agent.hold(f"hang {RED_FLAG}").set()
    silent = await chat.say(token, f"say nothing {RED_FLAG}")

    assert [(answer.status, answer.texts) for answer in (failed, slow, silent)] == [(200, ["Call 999."])] * 3


async def test_failing_turn_is_a_problem(chat: Chat, token: str) -> None:
    """When Rasa fails the visitor still gets the numbers to call."""
    chat.agent.failing.add(f"boom {MARKER}")

    check_problem(await chat.say(token, f"boom {MARKER}"), 500, "failed")


class BrokenFront(WordFront):
    """A front whose words are missing."""

    def info(self) -> dict:
        raise KeyError(MARKER)

    def welcome(self) -> list[dict]:
        raise KeyError(MARKER)

    def scan(self, text: str) -> list[dict]:
        raise KeyError(MARKER)


async def test_failing_front_is_a_problem(start) -> None:
    """A fault on our side is told as 500, and a scan that fails leaves the refusal as it is."""
    chat = await start(front=BrokenFront())

    check_problem(await chat.request("GET", "/chat/info"), 500, "failed")
    check_problem(await chat.request("POST", "/chat/session"), 500, "failed")
    check_problem(await chat.say(chat.tokens.issue("e-1", {}), "a" * 1001), 413, "text-too-long")


@pytest.mark.parametrize("path", ["/chat/session", "/chat/nowhere", "/chat/info"])
@pytest.mark.parametrize(
    ("lines", "status", "kind"),
    [
        ("Content-Length: abc", 400, "bad-request"),
        ("Content-Length: -5\r\n\r\nabc", 400, "bad-request"),
        ("Content-Length: +5\r\n\r\nabc", 400, "bad-request"),
        ("Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}", 400, "bad-request"),
        ("Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}", 400, "bad-request"),
        ("Transfer-Encoding: gzip", 400, "bad-request"),
        ("Expect: nonsense\r\nContent-Length: 2", 417, "expectation-failed"),
        ("No colon", 400, "bad-request"),
    ],
)
async def test_malformed_http_is_a_problem(chat: Chat, path: str, lines: str, status: int, kind: str) -> None:
    """What is given up on before a route is looked for is answered with the numbers all the same."""
    answer = parsed(await chat.raw(f"POST {path} HTTP/1.1\r\nHost: a\r\n{lines}\r\n\r\n".encode()))

    check_problem(answer, status, kind)
    assert (await chat.request("GET", "/chat/info")).status == 200


async def test_body_in_bad_chunks_is_a_problem(chat: Chat) -> None:
    """A body whose chunks cannot be read is refused and the connection ends."""
    head = b"POST /chat/session HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"

    check_problem(parsed(await chat.raw(head + b"zz\r\nabc")), 400, "bad-request")


async def test_endless_body_to_another_page_does_not_stop_the_server(start) -> None:
    """A length below 0 to any path of the server is refused; Sanic alone would read for ever."""

    def attach(app: Sanic) -> None:
        app.add_route(lambda request: plain("page"), "/page", methods=["POST"])

    chat = await start(attach=attach)

    response = await chat.raw(b"POST /page HTTP/1.1\r\nHost: a\r\nContent-Length: -5\r\n\r\nabc")

    assert parsed(response).status == 400
    assert (await chat.request("GET", "/chat/info")).status == 200


async def test_path_of_nothing_but_slashes_is_a_problem(chat: Chat) -> None:
    """Sanic's router strips one slash per call and runs into Python's recursion limit."""
    answer = parsed(
        await chat.raw(b"GET /chat" + b"/" * 4000 + b" HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    )

    check_problem(answer, 400, "bad-request")
