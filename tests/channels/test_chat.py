"""The ways of a chat that goes well."""

import asyncio
import json
import re
import uuid
from datetime import datetime, timezone

from tests.channels.conftest import RED_FLAG, Chat


async def test_info_needs_no_token(chat: Chat) -> None:
    """Anyone can read what the front tells about the clinic."""
    answer = await chat.request("GET", "/chat/info")

    assert (answer.status, answer.data) == (200, {"clinic": "Example Clinic", "emergency": "999"})


async def test_session_starts_with_a_token_and_the_numbered_welcome(chat: Chat) -> None:
    """A session without a body gives a token, its life in seconds and the welcome with seq, role and time."""
    answer = await chat.request("POST", "/chat/session")

    assert answer.status == 201
    assert answer.data["expires_in"] == 7200
    assert [(m["seq"], m["role"], m["text"]) for m in answer.data["messages"]] == [
        (1, "assistant", "Hello."),
        (2, "assistant", "A computer program."),
    ]
    said_at = datetime.fromisoformat(answer.data["messages"][0]["time"].replace("Z", "+00:00"))
    assert abs((datetime.now(timezone.utc) - said_at).total_seconds()) < 60


async def test_conversation_id_tells_the_consent_and_is_random(chat: Chat) -> None:
    """Conversations are ephemeral unless kept, and their ids hold 128 random bits."""
    ids = [
        chat.tokens.session(await chat.open(json=body)).conversation_id
        for body in ({}, {"consent": "ephemeral"}, {"consent": "keep"})
    ]

    assert [re.sub("[0-9a-f]{32}$", "*", i) for i in ids] == ["e-*", "e-*", "k-*"]
    assert len(set(ids)) == 3


async def test_choices_reach_the_turn(chat: Chat) -> None:
    """What the visitor chose at the start is in the metadata of each message."""
    choices = {"consent": "keep", "improve": True, "notice": "2026-11-22", "locale": "en-GB"}
    token = await chat.open(json=choices)

    await chat.say(token, "hello")

    assert chat.agent.seen[0].metadata == choices


async def test_message_gets_the_answer_of_one_turn(chat: Chat, token: str) -> None:
    """A text goes to Rasa as it is and its replies come back numbered on."""
    message_id = str(uuid.uuid4())

    answer = await chat.say(token, "Does it hurt?", message_id)

    assert answer.status == 200
    assert answer.headers["Content-Type"] == "application/json"
    [message] = answer.data["messages"]
    assert (message["seq"], message["role"], message["kind"]) == (4, "assistant", "answer")
    assert message["text"] == "You said: Does it hurt?"
    [seen] = chat.agent.seen
    assert (seen.text, seen.input_channel, seen.message_id) == ("Does it hurt?", "web", message_id)
    assert seen.sender_id == chat.tokens.session(token).conversation_id
    assert seen.parse_data is None


async def test_button_goes_to_rasa_with_its_intent(chat: Chat, token: str) -> None:
    """A press carries its intent as parse data, so that nothing has to be understood."""
    await chat.post(token, json={"id": str(uuid.uuid4()), "button": "topic:pain"})

    [seen] = chat.agent.seen
    assert seen.text == "Does it hurt?"
    assert seen.parse_data == {
        "text": "Does it hurt?",
        "intent": {"name": "ask_pain", "confidence": 1.0},
        "intent_ranking": [{"name": "ask_pain", "confidence": 1.0}],
        "entities": [],
        "decision": {"by": "button", "rule": None, "level": None, "group": None, "score": 1.0},
    }


async def test_typed_slash_is_text(chat: Chat, token: str) -> None:
    """Nothing that a visitor types reaches Rasa as an intent."""
    for text in ("/greet", "  //greet", "\u200b/greet", "／greet", "/ /greet", "/", "///"):
        assert (await chat.say(token, text)).status == 200

    assert [message.text for message in chat.agent.seen] == ["greet"] * 5 + ["?"] * 2


async def test_half_characters_are_removed(chat: Chat, token: str) -> None:
    """A lone surrogate, which JSON allows, does not reach Rasa."""
    body = json.dumps({"id": str(uuid.uuid4()), "text": "a\ud800b"})

    await chat.post(token, data=body, headers={"Content-Type": "application/json"})

    assert chat.agent.seen[0].text == "ab"


async def test_turn_without_a_word_gets_the_error_reply(chat: Chat, token: str) -> None:
    """A visitor never gets an empty answer."""
    answer = await chat.say(token, "say nothing")

    assert [message["kind"] for message in answer.data["messages"]] == ["error"]


async def test_messages_of_a_conversation_are_answered_in_order(chat: Chat, token: str) -> None:
    """Turns of one conversation run one at a time as they arrive; numbers go on without a gap."""
    first = chat.agent.hold("0")
    answers = []
    for number in range(6):
        answers.append(asyncio.create_task(chat.say(token, str(number))))
        await asyncio.sleep(0.02)

    first.set()
    messages = [(await answer).data["messages"][0] for answer in answers]

    assert [message["text"] for message in messages] == [f"You said: {number}" for number in range(6)]
    assert [message["seq"] for message in messages] == [4, 6, 8, 10, 12, 14]
    assert chat.agent.most_running == 1


async def test_conversations_do_not_wait_for_each_other(chat: Chat, token: str) -> None:
    """A slow turn of one visitor leaves the others alone."""
    slow = chat.agent.hold("slow")
    waiting = asyncio.create_task(chat.say(token, "slow"))
    await asyncio.sleep(0.02)

    answer = await chat.say(await chat.open(), "quick")

    assert answer.texts == ["You said: quick"]
    assert not waiting.done()
    slow.set()
    await waiting


async def test_red_flag_in_an_ordinary_message_is_left_to_the_turn(chat: Chat, token: str) -> None:
    """The channel itself answers a red flag only where no turn does."""
    answer = await chat.say(token, f"I {RED_FLAG}")

    assert answer.texts == [f"You said: I {RED_FLAG}"]


async def test_routes_forbid_caching_and_sniffing(chat: Chat, token: str) -> None:
    """Every response, errors too, says no-store and nosniff and varies by origin."""
    answers = [
        await chat.request("GET", "/chat/info"),
        await chat.request("POST", "/chat/session"),
        await chat.say(token, "hello"),
        await chat.say("wrong", "hello"),
        await chat.request("GET", "/chat/nowhere"),
        await chat.request("OPTIONS", "/chat/messages"),
    ]

    for answer in answers:
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Vary"] == "Origin"
