"""Rasa's agent, put together without what would hide a failure."""

from pathlib import Path
from typing import Any, Optional, Union

from rasa.core.agent import Agent
from rasa.core.channels.channel import UserMessage
from rasa.core.tracker_store import TrackerStore
from rasa.core.utils import AvailableEndpoints
from rasa.shared.core.domain import Domain
from rasa.utils.endpoints import EndpointConfig

from assistant.errors import MesoGuideError, ModelError, SettingsError
from assistant.settings import Settings
from assistant.turn.processor import TurnProcessor


class PlainAgent(Agent):
    """An agent whose tracker store is not wrapped.

    Rasa wraps every store in FailSafeTrackerStore, which answers from memory
    after an error and so loses conversations without a word
    (rasa/core/agent.py, `_create_tracker_store`, 3.6.21).
    """

    @staticmethod
    def _create_tracker_store(store: Optional[TrackerStore], domain: Domain) -> TrackerStore:
        if store is None:
            raise SettingsError("endpoints.yml names no tracker_store; conversations would be lost. Add one.")
        store.domain = domain
        return store

    def load_model(self, model_path: Union[str, Path], fingerprint: Optional[str] = None) -> None:
        """Loads the model into a processor of ours; see parent class."""
        self.processor = TurnProcessor(
            model_path=model_path,
            tracker_store=self.tracker_store,
            lock_store=self.lock_store,
            action_endpoint=self.action_endpoint,
            generator=self.nlg,
        )
        self.domain = self.processor.domain
        self._set_fingerprint(fingerprint)
        self.tracker_store.domain = self.domain
        self.nlg.responses = self.domain.responses

    async def handle_message(self, message: UserMessage) -> Optional[list[dict[str, Any]]]:
        """Handles one message, without a lock of its own: the channel orders the turns."""
        return await self.processor.handle_message(message)


def load_agent(settings: Settings, model: Path, actions: EndpointConfig) -> PlainAgent:
    """Returns an agent with the trained model loaded.

    Raises ModelError when the model does not load, and SettingsError when
    endpoints.yml names a store that cannot be used.
    """
    agent = PlainAgent(tracker_store=_tracker_store(settings), action_endpoint=actions)
    try:
        agent.load_model(model)
    except Exception as error:  # Rasa raises many kinds; a component's own error is the cause of one
        if isinstance(error.__cause__, MesoGuideError):
            raise error.__cause__ from error
        raise ModelError(
            f"The model {model} could not be loaded ({type(error).__name__}: {_first_line(error)}). "
            "Delete it and run `make build`."
        ) from error
    return agent


def _tracker_store(settings: Settings) -> TrackerStore:
    file = settings.root / "endpoints.yml"
    if not file.is_file():
        raise SettingsError(f"{file} is missing; it names the tracker store. Restore it from the repository.")
    try:
        endpoint = AvailableEndpoints.read_endpoints(str(file)).tracker_store
    except Exception as error:  # Rasa raises what its YAML reader raises
        raise SettingsError(f"{file} cannot be read: {_first_line(error)}. Mend or restore it.") from error
    if endpoint is None:
        raise SettingsError(f"{file}: there is no tracker_store. Add one; conversations would be lost.")
    database = endpoint.kwargs.get("database")
    if database:
        endpoint.kwargs["database"] = str(settings.state_dir / database)
    try:
        store = TrackerStore.create(endpoint)
    except Exception as error:  # a store may raise anything; the person needs the file's name
        raise SettingsError(
            f"{file}: tracker_store '{endpoint.type}' could not be opened with {endpoint.kwargs} "
            f"({type(error).__name__}: {_first_line(error)}). Check the folder, or move a damaged file away."
        ) from error
    # Rasa only warns of a class that cannot be imported and keeps conversations in memory
    wanted = str(endpoint.type).rsplit(".", 1)[-1]
    if type(store).__name__ != wanted:
        raise SettingsError(
            f"{file}: tracker_store type is {endpoint.type!r}, but no such class could be loaded. "
            "Write the full path of a class, for example "
            "assistant.storage.tracker_store.ConversationTrackerStore."
        )
    return store


def _first_line(error: BaseException) -> str:
    return next(iter(str(error).splitlines()), "no message")
