"""Checks the response of an action with a validator that is made once."""

from functools import lru_cache
from typing import Any

from jsonschema.exceptions import best_match
from jsonschema.protocols import Validator
from jsonschema.validators import validator_for
from rasa.core.actions.action import Action, RemoteAction
from rasa.shared.constants import DOCS_BASE_URL


class QuickRemoteAction(RemoteAction):
    """A RemoteAction that does not read its schema anew for each response.

    Replaces `_validate_action_result` (rasa/core/actions/action.py, line 699 of 3.6.21), whose
    `jsonschema.validate` checks the schema itself against the schema of schemas each time.
    """

    def _validate_action_result(self, result: dict[str, Any]) -> bool:
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


@lru_cache(maxsize=1)
def _validator() -> Validator:
    schema = RemoteAction.action_response_format_spec()
    kind = validator_for(schema)
    kind.check_schema(schema)
    return kind(schema)
