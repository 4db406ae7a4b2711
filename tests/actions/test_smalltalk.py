"""Small talk by the name of the intent."""

import pytest

from actions.smalltalk import ActionMakeSmalltalk


@pytest.mark.parametrize(
    ("intent", "text"),
    [("greet", "Hello."), ("thank", "You are welcome."), ("ask_if_bot", "I am a computer program.")],
)
async def test_reply_has_the_name_of_the_intent(dispatcher, tracker, said, intent: str, text: str) -> None:
    """Each intent of small talk has a reply of its own."""
    await ActionMakeSmalltalk().run(dispatcher, tracker(intent), {})

    assert (said()["kind"], said()["text"]) == ("smalltalk", text)


async def test_intent_without_a_reply_gets_the_fallback(dispatcher, tracker, said) -> None:
    """A rule that sends another intent here does not end in an error."""
    await ActionMakeSmalltalk().run(dispatcher, tracker("sing"), {})

    assert said()["kind"] == "fallback"
