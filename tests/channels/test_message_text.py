"""Text on its way to Rasa."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rasa.core.channels.channel import UserMessage
from rasa.shared.core.training_data.story_reader.yaml_story_reader import YAMLStoryReader
from rasa.shared.nlu.training_data.message import Message

from assistant.channels.message_text import as_plain_text, without_surrogates


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("hello", "hello"),
        ("/greet", "greet"),
        (" / /greet", "greet"),
        ("\u200b\u00a0//greet", "greet"),
        ("and/or", "and/or"),
        ("/", "?"),
        (" \u2028/ ", "?"),
        ("💉 hurts", "💉 hurts"),
    ],
)
def test_text_begins_with_a_word(typed: str, text: str) -> None:
    """Slashes and what does not show are taken from the start only; nothing left becomes a question mark."""
    assert as_plain_text(typed) == text


@given(st.one_of(st.text(), st.text("/ \u200b\ufeff\x1c\x85a{@", max_size=8)))
def test_rasa_reads_no_intent_in_plain_text(typed: str) -> None:
    """Rasa's own reader leaves any text of ours alone, after its own stripping."""
    text = UserMessage(as_plain_text(without_surrogates(typed))).text
    message = Message({"text": text})

    assert text
    assert YAMLStoryReader.unpack_regex_message(message) is message
    assert not text.startswith("/")


def test_rasa_reads_an_intent_in_what_was_typed() -> None:
    """The step is needed: without it Rasa takes the text for an intent."""
    message = Message({"text": UserMessage(" /greet").text})

    assert YAMLStoryReader.unpack_regex_message(message).get("intent") == {"name": "greet", "confidence": 1.0}


@given(st.text(st.characters()))
def test_text_without_surrogates_is_utf8(text: str) -> None:
    """What is left can always be encoded, and nothing but halves of characters is lost."""
    left = without_surrogates(text)

    assert left == "".join(character for character in text if not "\ud800" <= character <= "\udfff")
    left.encode("utf-8")
