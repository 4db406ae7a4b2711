"""Small talk by the name of the intent, and the course of the conversation."""

import pytest

from actions.smalltalk import ActionMakeSmalltalk, ActionRepeatAnswer, ActionStartOver, ActionTellAboutUs


@pytest.mark.parametrize(
    ("intent", "text"),
    [
        ("greet", "Hello."),
        ("thank", "You are welcome."),
        ("ask_if_bot", "I am a computer program."),
        # the clinic has no mail address, so the sentence with it is left out
        ("ask_privacy", "30 minutes Nobody."),
    ],
)
async def test_reply_has_the_name_of_the_intent(dispatcher, tracker, said, intent: str, text: str) -> None:
    """Each intent of small talk has a reply of its own."""
    await ActionMakeSmalltalk().run(dispatcher, tracker(intent), {})

    assert (said()["kind"], said()["text"]) == ("smalltalk", text)


async def test_intent_without_a_reply_gets_the_fallback(dispatcher, tracker, said) -> None:
    """A rule that sends another intent here does not end in an error."""
    await ActionMakeSmalltalk().run(dispatcher, tracker("sing"), {})

    assert said()["kind"] == "fallback"


@pytest.mark.parametrize("intent", ["affirm", "deny"])
async def test_yes_and_no_offer_what_follows_the_topic(dispatcher, tracker, said, intent: str) -> None:
    """After an answer its follow-ups are offered again."""
    await ActionMakeSmalltalk().run(dispatcher, tracker(intent, {"topic": "what_is"}), {})

    assert [button["id"] for button in said()["buttons"]] == ["topic:arthritis"]


async def test_other_small_talk_leaves_the_topic_alone(dispatcher, tracker, said) -> None:
    """Who says thanks is not pushed on."""
    await ActionMakeSmalltalk().run(dispatcher, tracker("thank", {"topic": "what_is"}), {})

    assert said()["buttons"] == []


@pytest.mark.parametrize(("offered", "words"), [(True, "which offers it"), (False, "does not offer")])
async def test_whose_chat_it_is(dispatcher, tracker, said, knowledge_folder_offers, offered, words) -> None:
    """The reply names the clinic and whether it offers mesotherapy."""
    knowledge_folder_offers(offered)

    await ActionTellAboutUs().run(dispatcher, tracker("ask_about_us"), {})

    assert "Sample Clinic" in said()["text"] and words in said()["text"]


async def test_repeat_says_the_latest_reply_as_it_was(dispatcher, tracker, said) -> None:
    """Word for word, with its buttons."""
    replies = ({"kind": "answer", "text": "first"}, {"kind": "answer", "text": "second", "buttons": [1]})

    await ActionRepeatAnswer().run(dispatcher, tracker("repeat_answer", before=replies), {})

    assert said() == replies[1]


async def test_repeat_at_the_beginning(dispatcher, tracker, said) -> None:
    """Before any reply it says so."""
    await ActionRepeatAnswer().run(dispatcher, tracker("repeat_answer"), {})

    assert said()["text"] == "I have said nothing yet."


async def test_start_over_forgets_the_subject(dispatcher, tracker, said) -> None:
    """The slots are emptied."""
    events = await ActionStartOver().run(dispatcher, tracker("start_over", {"topic": "what_is"}), {})

    assert said()["text"] == "We start again." and [event["event"] for event in events] == ["reset_slots"]
