"""Starts the chat server and stops it cleanly."""

import gc
import socket
import time
from collections.abc import Callable

from assistant.errors import ModelError, SetupError
from assistant.knowledge import current, reply
from assistant.server.signing_key import load_signing_key
from assistant.server.steps import model_file
from assistant.settings import Settings

WARM_UP = "what is mesotherapy"


def serve(settings: Settings, report: Callable[[str], None]) -> None:
    """Serves until SIGINT or SIGTERM; raises MesoGuideError when it cannot start.

    The port is taken first, so that a port in use is told at once and not
    after the model was loaded.
    """
    started = time.monotonic()
    listener = _listen(settings)
    current()
    load_signing_key(settings.state_dir)
    model = model_file(settings.root)
    if not model.is_file():
        raise ModelError(f"There is no trained model at {model}. Run `make build` to train one.")
    report("Starting MesoGuide (a few seconds) …")

    # Rasa takes seconds to import; what can go wrong without it has been looked at
    from rasa.utils.endpoints import EndpointConfig

    from assistant.language import spacy_pipeline
    from assistant.language.red_flags import RedFlagDetector
    from assistant.server.agent import load_agent
    from assistant.server.app import create_app
    from assistant.server.front import KnowledgeFront
    from assistant.server.in_process_actions import InProcessActions
    from assistant.server.logs import configure_logs

    configure_logs()
    if settings.actions_url:
        actions = EndpointConfig(settings.actions_url)
    else:
        actions = InProcessActions("actions", lambda: reply.error(current()))
    agent = load_agent(settings, model, actions)
    front = KnowledgeFront(
        current,
        spacy_pipeline.load(settings.root / "models" / "spacy"),
        RedFlagDetector.load(settings.root / "data" / "lookups" / "red_flags.yml"),
    )
    app = create_app(settings, agent, front)

    @app.before_server_start
    async def warm_up(*_: object) -> None:
        await agent.parse_message(WARM_UP)
        gc.freeze()

    @app.after_server_start
    async def announce(*_: object) -> None:
        address = f"http://{settings.host}:{settings.port}"
        report(f"MesoGuide is ready after {time.monotonic() - started:.1f} s: {address}  (Ctrl-C stops it)")

    try:
        app.run(sock=listener, workers=1, access_log=False, motd=False)
    finally:
        listener.close()
    report("MesoGuide has stopped.")


def _listen(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
    except OSError as error:
        listener.close()
        raise SetupError(
            f"Port {settings.port} on {settings.host} cannot be used: {error.strerror}. Stop what uses it "
            f"(another MesoGuide?), or choose another: MESOGUIDE_PORT={settings.port + 1} make run"
        ) from error
    return listener
