"""Where Rasa's custom actions run: in this process, or in an action server."""

import copy
import json
from typing import Any, Optional

import structlog
from rasa.utils.endpoints import ClientResponseError, EndpointConfig
from rasa_sdk.executor import ActionExecutor
from rasa_sdk.interfaces import ActionExecutionRejection, ActionNotFoundException

from assistant.channels.log_entry import failure

log = structlog.get_logger()

REMOTE_SECONDS = 3


class InProcessActions(EndpointConfig):
    """An action endpoint without a network, through the call Rasa makes to an action server.

    An action that fails costs the turn its answer and nothing else: the error
    is logged without message text, and the channel, which gets no reply, looks
    for a red flag and otherwise says that something went wrong.

    Args:
        package: the package whose Action classes are registered.
    """

    def __init__(self, package: str) -> None:
        """Imports the package and registers its actions."""
        super().__init__(url="in-process", enable_selective_domain=True)
        self._executor = ActionExecutor()
        self._executor.register_package(package)

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
            status = 400 if isinstance(error, ActionExecutionRejection) else 404
            text = json.dumps({"action_name": name})
            raise ClientResponseError(status, type(error).__name__, text) from error
        except Exception as error:  # whatever an action raises must not reach the patient
            log.error("action.run.failed", action=name, **failure(error))
            return {"events": [], "responses": []}


class RemoteActions(EndpointConfig):
    """A standard action server that is not waited for as long as Rasa would (300 s).

    Args:
        url: its webhook.
    """

    def __init__(self, url: str) -> None:
        """See class."""
        super().__init__(url=url, enable_selective_domain=True)

    async def request(self, *args: Any, **kwargs: Any) -> Optional[Any]:
        """See parent class; gives up after three seconds."""
        return await super().request(*args, **{**kwargs, "timeout": REMOTE_SECONDS})
