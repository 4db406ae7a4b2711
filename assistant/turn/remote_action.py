"""Runs an action without what Rasa makes anew for each one."""

import json
from functools import lru_cache
from typing import Any

from jsonschema.exceptions import best_match
from jsonschema.protocols import Validator
from jsonschema.validators import validator_for
from rasa.core.actions.action import Action, ActionExecutionRejection, RemoteAction
from rasa.core.channels.channel import OutputChannel
from rasa.core.constants import (
    COMPRESS_ACTION_SERVER_REQUEST_ENV_NAME,
    DEFAULT_COMPRESS_ACTION_SERVER_REQUEST,
    DEFAULT_REQUEST_TIMEOUT,
)
from rasa.core.nlg import NaturalLanguageGenerator
from rasa.shared.constants import DOCS_BASE_URL
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import Event, SlotSet, deserialise_events
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.exceptions import RasaException
from rasa.utils.common import get_bool_env_variable
from rasa.utils.endpoints import ClientResponseError

# What rasa_sdk.events.SlotSet makes.
SLOT_EVENT = {"event", "timestamp", "name", "value"}


class QuickRemoteAction(RemoteAction):
    """A RemoteAction in less time; replaces two methods of rasa/core/actions/action.py (3.6.21).

    - `_validate_action_result` (line 699): its `jsonschema.validate` checks the schema itself
      against the schema of schemas each time;
    - `run` (line 748) searches all classes of events for each event, and asks Rasa's plugins,
      of which there are none.
    """

    async def run(
        self,
        output_channel: OutputChannel,
        nlg: NaturalLanguageGenerator,
        tracker: DialogueStateTracker,
        domain: Domain,
    ) -> list[Event]:
        """See parent class; an error other than a rejection leaves as it is."""
        if self.action_endpoint is None:
            raise RasaException(f"There is no endpoint that could run the action '{self.name()}'.")
        try:
            response: Any = await self.action_endpoint.request(
                json=self._action_call_format(tracker, domain),
                method="post",
                timeout=DEFAULT_REQUEST_TIMEOUT,
                compress=get_bool_env_variable(
                    COMPRESS_ACTION_SERVER_REQUEST_ENV_NAME, DEFAULT_COMPRESS_ACTION_SERVER_REQUEST
                ),
            )
        except ClientResponseError as error:
            if error.status != 400:
                raise RasaException(f"Failed to execute custom action '{self.name()}'") from error
            told = json.loads(error.text)
            raise ActionExecutionRejection(told["action_name"], told.get("error")) from error
        self._validate_action_result(response)
        uttered = await self._utter_responses(response.get("responses", []), output_channel, nlg, tracker)
        return [*uttered, *_events(response.get("events", []))]

    def _validate_action_result(self, result: dict[str, Any]) -> bool:
        if _is_plain(result):
            return True
        error = best_match(_validator().iter_errors(result))
        if error is None:
            return True
        error.message += (
            ". Failed to validate Action server response from API, make sure your response from the "
            f"Action endpoint is valid. For more information about the format visit {DOCS_BASE_URL}"
            "/custom-actions"
        )
        raise error


def quick(action: Action) -> Action:
    """Returns the action, a RemoteAction as a QuickRemoteAction."""
    if type(action) is RemoteAction:
        return QuickRemoteAction(action.name(), action.action_endpoint)
    return action


def _events(told: list[dict[str, Any]]) -> list[Event]:
    if all(_sets_slot(one) for one in told):
        return [SlotSet(one["name"], one["value"]) for one in told]
    return deserialise_events(told)


def _is_plain(result: Any) -> bool:
    """Returns whether the response is of the kind that nearly all have, which is valid.

    That is replies, and slots being set; the schema tries each event against all kinds of events.
    """
    if type(result) is not dict:
        return False
    events, responses = result.get("events"), result.get("responses")
    return (
        type(events) is list
        and type(responses) is list
        and all(type(one) is dict for one in responses)
        and all(_sets_slot(one) for one in events)
    )


def _sets_slot(event: Any) -> bool:
    return (
        type(event) is dict
        and event.keys() == SLOT_EVENT
        and event["event"] == "slot"
        and type(event["name"]) is str
        and event["timestamp"] is None
    )


@lru_cache(maxsize=1)
def _validator() -> Validator:
    schema = RemoteAction.action_response_format_spec()
    kind = validator_for(schema)
    kind.check_schema(schema)
    return kind(schema)
