"""Starts the chat server and stops it cleanly."""

import errno
import gc
import socket
import time
from collections.abc import Callable

from assistant.errors import ModelError, SettingsError, SetupError
from assistant.knowledge import current
from assistant.server.signing_key import load_signing_key
from assistant.server.steps import model_file
from assistant.settings import Settings

WARM_UP = "what is mesotherapy"
BACKLOG = 128
LOOPBACK = ("127.0.0.1", "::1", "localhost")


def serve(settings: Settings, report: Callable[[str], None]) -> None:
    """Serves until SIGINT or SIGTERM; raises MesoGuideError when it cannot start.

    The port is taken first, so that a port in use is told at once and not
    after the model was loaded.
    """
    started = time.monotonic()
    listener = _listen(settings)
    _refuse_demo_clinic_in_public(settings)
    load_signing_key(settings.state_dir)
    model = model_file(settings.root)
    if not model.is_file():
        raise ModelError(f"There is no trained model at {model}. Run `make build` to train one.")
    report("Starting MesoGuide (a few seconds) …")

    # Rasa takes seconds to import; what can go wrong without it has been looked at
    from assistant.language import spacy_pipeline
    from assistant.language.red_flags import RedFlagDetector
    from assistant.server.action_endpoint import InProcessActions, RemoteActions
    from assistant.server.agent import load_agent
    from assistant.server.app import create_app
    from assistant.server.front import KnowledgeFront
    from assistant.server.logs import configure_logs

    configure_logs()
    language = spacy_pipeline.load(settings.root / "models" / "spacy")
    detector = RedFlagDetector.load(settings.root / "data" / "lookups" / "red_flags.yml")
    actions = RemoteActions(settings.actions_url) if settings.actions_url else InProcessActions("actions")
    agent = load_agent(settings, model, actions)
    front = KnowledgeFront(current, language, detector)
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
    place = f"Port {settings.port} on {settings.host!r} cannot be used: "
    try:
        listener.bind((settings.host, settings.port))
        # at once: two sockets that do not listen yet may be bound to one port
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        if error.errno in (errno.EADDRINUSE, errno.EACCES):
            mend = "Stop what uses it (another MesoGuide?), or choose another: MESOGUIDE_PORT=5050 make run"
        else:
            mend = "Set MESOGUIDE_HOST to an address of this machine, for example 127.0.0.1."
        raise SetupError(f"{place}{error.strerror}. {mend}") from error
    return listener


def _refuse_demo_clinic_in_public(settings: Settings) -> None:
    if current().clinic.demo and settings.host not in LOOPBACK:
        raise SettingsError(
            f"MESOGUIDE_HOST is {settings.host!r}, and data/knowledge/clinic.yml still holds the made-up "
            "clinic. Write your clinic's own facts there (demo: false), or listen on 127.0.0.1."
        )
