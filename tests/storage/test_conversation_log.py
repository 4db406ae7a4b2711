"""What is written to the conversation log, and what can be read from it."""

import pytest

from assistant.storage.storage_error import ConversationErased, StorageFailed
from assistant.storage.turn_record import TurnRecord
from tests.storage.conftest import KEPT, PASSING, bytes_in, change, rows, said, texts

PAYLOAD = {"text": "hello", "button": "", "choices": {}}
EVENT = {"event": "action", "name": "utter", "timestamp": 1.0}


def _record(message_id: str = "m1", *replies: str, conversation_id: str = KEPT) -> TurnRecord:
    return TurnRecord(
        conversation_id, message_id, 5.0, {"text": "hello", "id": message_id}, [said(one) for one in replies]
    )


async def _ask(
    conversations, message_id: str = "m1", *replies: str, conversation_id: str = KEPT
) -> TurnRecord:
    record = _record(message_id, *(replies or ("hi",)), conversation_id=conversation_id)
    await conversations.receive(conversation_id, message_id, PAYLOAD)
    await conversations.commit(record, [EVENT, EVENT])
    return record


@pytest.mark.parametrize("conversation_id", [KEPT, PASSING])
async def test_message_goes_through_its_states(conversations, conversation_id) -> None:
    """A message is new, waiting, answered."""
    states = [await conversations.receive(conversation_id, "m1", PAYLOAD) for _ in range(2)]
    await conversations.commit(_record("m1", "hi", conversation_id=conversation_id), [])
    states.append(await conversations.receive(conversation_id, "m1", PAYLOAD))

    assert states == ["", "waiting", "answered"]
    assert texts(await conversations.answer(conversation_id, "m1")) == ["hi"]


async def test_changed_choices_are_written_and_told(conversations, database) -> None:
    """Consent that was withdrawn reaches the read model through the outbox."""
    await conversations.start(KEPT, {"improve": True}, [])

    await conversations.choose(KEPT, {"improve": False})

    assert rows(database, "SELECT choices FROM conversation") == [('{"improve": false}',)]
    assert ("choose",) in rows(database, "SELECT kind FROM outbox")


async def test_message_without_an_answer_waits(conversations) -> None:
    """What was received and not answered is there in the order of arrival, with all it needs."""
    for message_id in ("m1", "m2", "m3"):
        await conversations.receive(KEPT, message_id, {**PAYLOAD, "text": message_id})
    await conversations.commit(_record("m2", "hi"), [])

    waiting = await conversations.waiting(KEPT)

    assert [(one.message_id, one.payload["text"]) for one in waiting] == [("m1", "m1"), ("m3", "m3")]
    assert await conversations.answer(KEPT, "m1") is None


async def test_conversations_that_wait_are_found_after_a_while(conversations, clock) -> None:
    """A message that has only just come is not one that was left behind."""
    await conversations.receive(KEPT, "m1", PAYLOAD)
    clock.now += 1
    early = await conversations.conversations_waiting(2)
    clock.now += 2

    assert (early, await conversations.conversations_waiting(2)) == ([], [KEPT])


async def test_failed_message_may_come_again(conversations) -> None:
    """A failed turn leaves the message for staff to see; the same message is then answered."""
    await conversations.receive(KEPT, "m1", PAYLOAD)
    await conversations.fail(_record("m1"))
    seen = texts(await conversations.messages(KEPT))
    state = await conversations.receive(KEPT, "m1", PAYLOAD)
    await conversations.commit(_record("m1", "hi"), [])

    assert (seen, state) == (["hello"], "failed")
    assert await conversations.receive(KEPT, "m1", PAYLOAD) == "answered"


async def test_message_that_failed_is_in_the_history_once(conversations) -> None:
    """The answer to a repeated message does not bring the message again; numbers still rise."""
    await conversations.receive(KEPT, "m1", PAYLOAD)
    await conversations.fail(_record("m1"))
    await conversations.receive(KEPT, "m1", PAYLOAD)
    await conversations.commit(_record("m1", "hi"), [])

    messages = await conversations.messages(KEPT)

    assert texts(messages) == ["hello", "hi"] and messages[0]["seq"] < messages[1]["seq"]


async def test_message_is_answered_once(conversations) -> None:
    """A second commit of the same message writes nothing and hands out the first answer."""
    await _ask(conversations, "m1", "first")
    second = _record("m1", "second")

    assert await conversations.commit(second, [EVENT]) is None
    assert texts(second.messages) == ["first"]
    assert await conversations.last_event(KEPT) == 2


async def test_messages_are_numbered_without_gaps(conversations) -> None:
    """Numbers begin at 1 and rise by 1 over welcome, messages and answers."""
    await conversations.start(KEPT, {}, [said("welcome"), said("notice")])
    await _ask(conversations, "m1", "a", "b")
    await conversations.say(KEPT, "", [said("later")])

    messages = await conversations.messages(KEPT)

    assert [(one["seq"], one["role"], one["text"]) for one in messages] == [
        (1, "assistant", "welcome"),
        (2, "assistant", "notice"),
        (3, "user", "hello"),
        (4, "assistant", "a"),
        (5, "assistant", "b"),
        (6, "assistant", "later"),
    ]


async def test_conversation_is_opened_once(conversations) -> None:
    """A conversation that exists is not welcomed again."""
    await conversations.start(KEPT, {}, [said("welcome")])

    assert await conversations.start(KEPT, {}, [said("welcome")]) == []


async def test_messages_after_a_number(conversations) -> None:
    """A client gets what it does not have yet, and no more than it asked for."""
    for number in range(5):
        await _ask(conversations, f"m{number}", f"answer {number}")

    assert [one["seq"] for one in await conversations.messages(KEPT, after=7)] == [8, 9, 10]
    assert [one["seq"] for one in await conversations.messages(KEPT, after=7, most=2)] == [8, 9]


async def test_each_write_has_a_row_in_the_outbox(conversations, database) -> None:
    """The outbox names the events and messages of each write, without a text."""
    await conversations.start(KEPT, {}, [said("welcome")])
    await _ask(conversations)
    await conversations.rate(KEPT, 1, True, "thanks")

    found = rows(
        database, "SELECT kind, first_event, last_event, first_seq, last_seq FROM outbox ORDER BY id"
    )

    assert found == [("start", 1, 0, 1, 1), ("commit", 1, 2, 2, 3), ("rate", 0, 0, 1, 1)]


async def test_latest_rating_counts(conversations, database) -> None:
    """A visitor may rate an answer again, but not a message of their own or one that is not there."""
    await _ask(conversations)

    rated = [await conversations.rate(KEPT, seq, helpful, "") for seq, helpful in ((2, True), (2, False))]
    refused = [await conversations.rate(KEPT, seq, True, "") for seq in (1, 9)]

    assert (rated, refused) == ([True, True], [False, False])
    assert rows(database, "SELECT seq, helpful FROM feedback") == [(2, 0)]


@pytest.mark.parametrize("conversation_id", [KEPT, PASSING])
async def test_erased_conversation_takes_nothing_more(conversations, conversation_id) -> None:
    """After erasing nothing can be read, received, said, added or rated."""
    await _ask(conversations, conversation_id=conversation_id)
    await conversations.erase(conversation_id)

    with pytest.raises(ConversationErased):
        await conversations.receive(conversation_id, "m2", PAYLOAD)
    assert await conversations.commit(_record("m1", "x", conversation_id=conversation_id), [EVENT]) is None
    assert await conversations.append(conversation_id, [EVENT]) is None
    assert [one["seq"] for one in await conversations.say(conversation_id, "", [said("x")])] == [0]
    assert not await conversations.rate(conversation_id, 2, True, "")
    assert await conversations.is_erased(conversation_id)
    assert await conversations.messages(conversation_id) == []
    assert await conversations.answer(conversation_id, "m1") is None
    assert (await conversations.load(conversation_id)).events == []


async def test_erased_text_is_in_no_file(conversations, state, database) -> None:
    """No byte of the text is left, nor in the journal; what stays is the mark."""
    secret = "my knee is bright orange"
    await conversations.receive(KEPT, "m1", {**PAYLOAD, "text": secret})
    await conversations.commit(_record("m1", secret), [{**EVENT, "text": secret}])
    await conversations.rate(KEPT, 2, True, secret)
    assert secret.encode() in bytes_in(state)

    await conversations.erase(KEPT)

    assert secret.encode() not in bytes_in(state)
    assert rows(database, "SELECT conversation_id FROM erased") == [(KEPT,)]
    assert rows(database, "SELECT kind FROM outbox") == [("erase",)]


async def test_copy_goes_on_as_the_old_conversation(conversations) -> None:
    """A visitor who decides to keep a chat keeps what was said and remembered, all of it."""
    await conversations.start(PASSING, {}, [said("welcome")])
    for number in range(300):
        await _ask(conversations, f"m{number}", f"answer {number}", conversation_id=PASSING)

    await conversations.copy(PASSING, KEPT, {"consent": "keep"})

    old, new = [await conversations.messages(one, most=1000) for one in (PASSING, KEPT)]
    assert len(old) == 601 and new == old
    assert (await conversations.load(KEPT)).events == (await conversations.load(PASSING)).events


async def test_write_that_the_database_refuses_is_no_outage(conversations, database, state) -> None:
    """A number that is taken fails that write alone; nothing waits, the next conversation is served."""
    await _ask(conversations)
    change(database, "UPDATE conversation SET last_seq = 0, last_event = 0")
    await conversations.receive(KEPT, "m2", PAYLOAD)

    with pytest.raises(StorageFailed):
        await conversations.commit(_record("m2", "hi"), [EVENT])

    assert list((state / "spool").iterdir()) == []
    await _ask(conversations, conversation_id="k-2")
