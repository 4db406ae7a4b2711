"""Replies to messages in other languages than English."""

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions import message, names
from actions.around import with_care
from actions.fallback import utter_failure
from assistant.knowledge import current, language, reply


class ActionAnswerLanguage(Action):
    """Says, in the patient's language, that only English is answered."""

    def name(self) -> str:
        """See parent class."""
        return names.ANSWER_LANGUAGE

    @with_care
    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[dict[str, Any]]:
        """Utters the notice with the numbers to call; an unknown language gets the fallback."""
        texts = _texts(tracker)
        if texts is None:
            return utter_failure(dispatcher, tracker, reply.fallback)
        dispatcher.utter_message(json_message=language.notice(current(), texts))
        return []


def before(tracker: Tracker, told: reply.Reply) -> reply.Reply:
    """Returns the reply to danger with its short form in the patient's language first."""
    texts = _texts(tracker)
    return told if texts is None else language.with_short_form(current(), texts, told)


def _texts(tracker: Tracker) -> language.LanguageTexts | None:
    """Returns the texts for the message; English, which needs no file to be read, has none."""
    code = message.language(tracker)
    return None if code == names.ENGLISH else language.current_languages().get(code)
