"""Rules that name nothing but an intent and the action after it, found without replaying a conversation."""

import json
from typing import Any

from rasa.shared.core.constants import ACTION_LISTEN_NAME, PREVIOUS_ACTION, SHOULD_NOT_BE_SET, USER
from rasa.shared.core.events import (
    ActionExecuted,
    BotUttered,
    DefinePrevUserUtteredFeaturization,
    Event,
    SlotSet,
    UserUttered,
)
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.constants import ACTION_NAME, INTENT

KNOWN_EVENTS = (ActionExecuted, BotUttered, DefinePrevUserUtteredFeaturization, SlotSet, UserUttered)
"""Events that neither take others back nor change what a plain rule looks at, but as told below."""

Turn = tuple[str, str]
"""The previous action and the intent."""


class PlainRules:
    """The rules of a model in which each is of one of two kinds.

    - after listening, with an intent: an action;
    - after that action, with the same intent: another.

    Args:
        answers: by intent, the key of a rule of the first kind.
        sequels: by action and intent, the key of a rule of the second kind.
    """

    def __init__(self, answers: dict[str, str], sequels: dict[Turn, str]) -> None:
        """See class."""
        self._answers = answers
        self._sequels = sequels

    @classmethod
    def read(cls, lookup: dict[str, str]) -> "PlainRules | None":
        """Returns the rules of RulePolicy's lookup, None if there is another kind of rule."""
        answers: dict[str, str] = {}
        sequels: dict[Turn, str] = {}
        for key in lookup:
            turns = [_turn(state) for state in json.loads(key)]
            first, last = turns[0], turns[-1]
            if first is None or last is None or len(turns) > 2 or first[0] != ACTION_LISTEN_NAME:
                return None
            if len(turns) == 1:
                answers[first[1]] = key
            elif last[0] == ACTION_LISTEN_NAME or last[1] != first[1]:
                return None
            else:
                sequels[last] = key
        return cls(answers, sequels)

    def find(self, tracker: DialogueStateTracker) -> str | None:
        """Returns the key of the rule that applies, None if it needs Rasa's own search, or none applies.

        The conversation is read from its end: the latest action, the message before it, and the
        listening before that.
        """
        action: ActionExecuted | None = None
        message: UserUttered | None = None
        for event in reversed(tracker.events):
            if not _is_known(event):
                return None
            if isinstance(event, UserUttered) and message is None:
                message = event
            if not isinstance(event, ActionExecuted):
                continue
            if action is None:
                action = event
                if action.action_name == ACTION_LISTEN_NAME:
                    return self._answers.get(_intent(message) or "")
                if message is not None:
                    # the message has not been listened for
                    return None
                continue
            intent = _intent(message)
            if event.action_name != ACTION_LISTEN_NAME or intent is None:
                return None
            return self._sequels.get((action.action_name or "", intent))
        return None


def _turn(state: dict[str, Any]) -> Turn | None:
    """Returns what a plain state says, None for one that says more or less."""
    action, user = state.get(PREVIOUS_ACTION), state.get(USER)
    if len(state) != 2 or not action or not user or {*action, *user} != {ACTION_NAME, INTENT}:
        return None
    turn = action[ACTION_NAME], user[INTENT]
    return turn if all(isinstance(one, str) and one and one != SHOULD_NOT_BE_SET for one in turn) else None


def _is_known(event: Event) -> bool:
    return type(event) in KNOWN_EVENTS


def _intent(message: UserUttered | None) -> str | None:
    """Returns the message's intent, None where Rasa would look at its text."""
    if message is None or message.use_text_for_featurization:
        return None
    return message.intent_name
