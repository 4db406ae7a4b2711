"""One chat process: loads everything, answers, stops cleanly."""

import gc
import os
from asyncio import AbstractEventLoop
from datetime import date

from sanic import Sanic

from assistant.errors import ModelError, SettingsError
from assistant.knowledge import current
from assistant.knowledge.current import watch
from assistant.knowledge.language import current_languages
from assistant.knowledge.review import warn_of_due_numbers
from assistant.server.listener import listen
from assistant.server.parent import end_with_parent
from assistant.server.signing_key import load_signing_key
from assistant.server.steps import model_file
from assistant.server.without_tensorflow import keep_tensorflow_out
from assistant.settings import Settings

WARM_UP = "what is mesotherapy"
READY = b"r"
SETTLE_SECONDS = 0.1
LOOPBACK = ("127.0.0.1", "::1", "localhost")


def serve(settings: Settings, ready_fd: int) -> None:
    """Serves until SIGINT or SIGTERM, or until the supervisor is gone; raises MesoGuideError.

    Args:
        ready_fd: a pipe of the supervisor; gets a byte when questions are answered.
    """
    end_with_parent()
    # nearly all that is made until the first answer stays: looking for garbage in it takes a second
    gc.disable()
    _refuse_demo_clinic_in_public(settings)
    current_languages()
    load_signing_key(settings.state_dir)
    model = model_file(settings.root)
    if not model.is_file():
        raise ModelError(f"There is no trained model at {model}. Run `make build` to train one.")

    # Rasa takes seconds to import; what can go wrong without it has been looked at
    keep_tensorflow_out()
    from assistant.language.shared import shared_detector, shared_pipeline
    from assistant.server.action_endpoint import InProcessActions, RemoteActions
    from assistant.server.agent import load_agent
    from assistant.server.app import create_app
    from assistant.server.front import KnowledgeFront
    from assistant.server.logs import configure_logs

    configure_logs()
    warn_of_due_numbers(current(), date.today())
    language = shared_pipeline(settings.root / "models" / "spacy")
    detector = shared_detector(settings.root / "data" / "lookups" / "red_flags.yml")
    actions = RemoteActions(settings.actions_url) if settings.actions_url else InProcessActions("actions")
    agent = load_agent(settings, model, actions)
    front = KnowledgeFront(current, language, detector)
    app = create_app(settings, agent, front)

    @app.before_server_start
    async def warm_up(*_: object) -> None:
        await agent.parse_message(WARM_UP)
        gc.collect()
        gc.freeze()
        gc.enable()

    @app.after_server_start
    async def announce(running: Sanic, loop: AbstractEventLoop) -> None:
        loop.call_later(SETTLE_SECONDS, tell_ready, running, loop)
        running.ctx.housekeeping.append(loop.create_task(watch()))

    def tell_ready(running: Sanic, loop: AbstractEventLoop) -> None:
        # Sanic stops the loop at a signal; one that came before the loop ran for good was lost on it
        if running.state.is_stopping:
            loop.stop()
            return
        os.write(ready_fd, READY)
        os.close(ready_fd)

    listener = listen(settings)
    try:
        app.run(sock=listener, workers=1, access_log=False, motd=False)
    finally:
        listener.close()


def _refuse_demo_clinic_in_public(settings: Settings) -> None:
    if current().clinic.demo and settings.host not in LOOPBACK:
        raise SettingsError(
            f"MESOGUIDE_HOST is {settings.host!r}, and data/knowledge/clinic.yml still holds the made-up "
            "clinic. Write your clinic's own facts there (demo: false), or listen on 127.0.0.1."
        )
