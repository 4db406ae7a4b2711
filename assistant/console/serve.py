"""The console's process."""

import errno
import gc
import logging
import os
import socket
import time
from pathlib import Path

import yaml
from sqlalchemy.exc import SQLAlchemyError

from assistant.console import account
from assistant.console.app import create_app
from assistant.console.gate import Gate
from assistant.console.label import Labels
from assistant.console.routes import ROUTES
from assistant.console.search_memory import SearchMemory
from assistant.console.view import make_view
from assistant.console.visit import Parts
from assistant.errors import SetupError
from assistant.knowledge import current
from assistant.redaction.redactor import Redactor
from assistant.review.database import ReviewDatabase
from assistant.settings import Settings

HOST = "127.0.0.1"
READY = b"r"
BACKLOG = 64
# Intents that no example stands for.
NOT_TAUGHT = {"nlu_fallback", "other_language"}


def serve(settings: Settings, ready_fd: int | None) -> None:
    """Serves until SIGINT or SIGTERM; raises MesoGuideError.

    Args:
        ready_fd: a pipe of the supervisor; gets a byte when pages are served.
    """
    listener = _listen(settings.console_port)
    review = open_review(settings)
    parts = make_parts(settings)
    gate = Gate(ROUTES, review, parts, make_view(parts.labels, lambda: current().clinic.time_zone))
    app = create_app(ROUTES, gate, parts)

    @app.after_server_start
    async def announce(*_: object) -> None:
        gc.collect()
        gc.freeze()
        if ready_fd is not None:
            os.write(ready_fd, READY)
            os.close(ready_fd)
        print(f"The staff console is at {parts.address}", flush=True)
        link = first_link(review, parts.address)
        if link:
            print(f"Open this link to make the first account (good for one day, once):\n{link}", flush=True)

    try:
        app.run(sock=listener, workers=1, access_log=False, motd=False)
    finally:
        listener.close()
        review.close()


def make_parts(settings: Settings) -> Parts:
    """Reads what pages share; raises ContentError."""
    current()
    domain = yaml.safe_load((settings.root / "domain.yml").read_text(encoding="utf-8"))
    names = [name if isinstance(name, str) else next(iter(name)) for name in domain["intents"]]
    return Parts(
        settings=settings,
        address=address_of(settings),
        redactor=Redactor.load(settings.root / "data" / "redaction"),
        labels=Labels.load(_title),
        knowledge=current,
        intents=tuple(sorted(set(names) - NOT_TAUGHT)),
        searches=SearchMemory(),
    )


def _title(topic: str) -> str | None:
    entry = current().entries.get(topic)
    return entry.title if entry is not None else None


def address_of(settings: Settings) -> str:
    """Returns where staff open the console."""
    return settings.console_url or f"http://{HOST}:{settings.console_port}"


def open_review(settings: Settings) -> ReviewDatabase:
    """Returns the database with its tables; raises SetupError."""
    review = ReviewDatabase(settings.review_database, settings.state_dir)
    try:
        review.prepare()
    except (SQLAlchemyError, OSError) as error:
        place: Path | str = review.file or "the database of MESOGUIDE_REVIEW_DATABASE"
        raise SetupError(
            f"The tables for staff in {place} cannot be used ({type(error).__name__}). Check the place."
        ) from error
    # alembic says what it does at every start
    logging.getLogger("alembic").setLevel(logging.WARNING)
    return review


def first_link(review: ReviewDatabase, address: str) -> str:
    """Returns a link that makes the first account in place of older ones, "" where there is an account."""
    with review.write() as connection:
        if account.list_operators(connection):
            return ""
        return f"{address}/welcome/{account.invite(connection, None, time.time())}"


def _listen(port: int) -> socket.socket:
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        advice = ""
        if error.errno in (errno.EADDRINUSE, errno.EACCES):
            advice = " Choose another: MESOGUIDE_CONSOLE_PORT=5056, or 0 for no console."
        raise SetupError(
            f"Port {port} on {HOST} cannot be used for the staff console: {error.strerror}.{advice}"
        ) from error
    return listener
