"""What the channel writes to the log, and what it never writes."""

import asyncio
import logging

import aiohttp
import pytest
from structlog.testing import capture_logs

from tests.channels.conftest import RED_FLAG, Chat
from tests.channels.test_chat_errors import ID, JSON

SECRET = "zqsecret"


async def test_words_of_a_visitor_are_never_logged(
    chat: Chat, token: str, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """Answers, failures, refusals and dropped clients leave ids, types and places, and no text."""
    caplog.set_level(logging.DEBUG)
    for text in (f"boom {SECRET}", f"dropped boom {SECRET}"):
        chat.agent.failing.add(text)
    gate = chat.agent.hold(f"dropped boom {SECRET}")

    with capture_logs() as entries:
        await chat.say(token, f"hello {SECRET}")
        await chat.say(token, f"/{SECRET}")
        await chat.say(token, f"boom {SECRET}")
        await chat.say(token, f"{RED_FLAG} {SECRET}" + " " * 1000)
        await chat.say(f"bad {SECRET}", "hello")
        await chat.post(token, data=f'{{"text": {SECRET}', headers=JSON)
        await chat.post(token, json={"id": SECRET, "button": SECRET})
        await chat.request("POST", "/chat/session", json={"consent": SECRET})
        with pytest.raises(asyncio.TimeoutError):
            await chat.say(token, f"dropped boom {SECRET}", timeout=aiohttp.ClientTimeout(total=0.1))
        gate.set()
        await asyncio.sleep(0.1)

    conversation_id = chat.tokens.session(token).conversation_id
    for secret in (SECRET, token, conversation_id):
        assert secret not in str(entries)
        assert secret not in caplog.text
        assert secret not in "".join(capfd.readouterr())
    assert [entry["event"] for entry in entries].count("chat.turn.fail") == 2


async def test_failed_turn_is_logged_with_type_and_place(chat: Chat, token: str) -> None:
    """Who runs the server can find the fault without the visitor's words."""
    chat.agent.failing.add("boom")

    with capture_logs() as entries:
        await chat.say(token, "boom", ID)

    [entry] = [entry for entry in entries if entry["event"] == "chat.turn.fail"]
    assert (entry["error"], entry["message"], entry["log_level"]) == ("ValueError", ID, "error")
    assert "conftest.py" in entry["places"][-1]
    assert "handle_message" in entry["places"][-1]
    assert len(entry["conversation"]) == 12
