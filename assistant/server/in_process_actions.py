"""Runs the custom actions in this process, through the call Rasa makes to an action server."""

import copy
import json
from collections.abc import Callable, Mapping
from typing import Any, Optional

import structlog
from rasa.utils.endpoints import ClientResponseError, EndpointConfig
from rasa_sdk.executor import ActionExecutor
from rasa_sdk.interfaces import ActionExecutionRejection, ActionNotFoundException

from assistant.channels.log_entry import failure

log = structlog.get_logger()


class InProcessActions(EndpointConfig):
    """An action endpoint without a network.

    An action that fails costs the turn its answer and nothing else: the error
    is logged without message text, and the patient gets the safe reply.

    Args:
        package: the package whose Action classes are registered.
        safe_reply: makes the reply for a failed action.
    """

    def __init__(self, package: str, safe_reply: Callable[[], Mapping[str, Any]]) -> None:
        """Imports the package and registers its actions."""
        super().__init__(url="in-process", enable_selective_domain=True)
        self._executor = ActionExecutor()
        self._executor.register_package(package)
        self._safe_reply = safe_reply

    async def request(
        self,
        method: str = "post",
        subpath: Optional[str] = None,
        content_type: Optional[str] = "application/json",
        compress: bool = False,
        **kwargs: Any,
    ) -> Optional[Any]:
        """Runs the action named in `json`; see parent class for the arguments."""
        # a copy, because an action may change the tracker it is given
        call = copy.deepcopy(kwargs["json"])
        name = call.get("next_action", "")
        try:
            return await self._executor.run(call)
        except (ActionExecutionRejection, ActionNotFoundException) as error:
            text = json.dumps({"action_name": name})
            status = 400 if isinstance(error, ActionExecutionRejection) else 404
            raise ClientResponseError(status, type(error).__name__, text) from error
        except Exception as error:  # whatever an action raises must not reach the patient
            log.error("action.run.failed", action=name, **failure(error))
            return {"events": [], "responses": [{"custom": dict(self._safe_reply())}]}
