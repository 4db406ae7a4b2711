"""The projector's process: brings conversations to the tables that staff read."""

import os
import signal
import time
from types import FrameType

import structlog
from sqlalchemy.exc import SQLAlchemyError

from assistant.errors import SetupError
from assistant.language.sentence_encoder import SentenceEncoder
from assistant.projector.grouping import QuestionGroups
from assistant.projector.house import House
from assistant.projector.lock import ProjectorLock
from assistant.projector.log_reader import LogReader
from assistant.projector.projector import Projector
from assistant.projector.subject import Subject, read_examples
from assistant.redaction.redactor import Redactor
from assistant.review.database import ReviewDatabase
from assistant.server.logs import configure_logs
from assistant.server.parent import end_with_parent
from assistant.settings import Settings

READY = b"r"
# Below the chat, which somebody waits for.
NICENESS = 5
STANDBY_SECONDS = 1.0
LOG_FILE = "conversations.db"

log = structlog.get_logger()


def project(settings: Settings, ready_fd: int) -> None:
    """Works until SIGINT or SIGTERM, or until the supervisor is gone; raises MesoGuideError.

    While another process has the lock, this one waits to take its place.

    Args:
        ready_fd: a pipe of the supervisor; gets a byte when the projector works.
    """
    end_with_parent()
    os.nice(NICENESS)
    stopping: list[int] = []

    def stop(number: int, _: FrameType | None) -> None:
        stopping.append(number)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    configure_logs()
    encoder = SentenceEncoder(settings.root / "models" / "encoder")
    redactor = Redactor.load(settings.root / "data" / "redaction")
    subject = Subject(encoder.encode(read_examples(settings.root / "data" / "nlu")))
    lock = ProjectorLock(settings.state_dir)
    while not lock.take():
        if stopping:
            return
        time.sleep(STANDBY_SECONDS)
    review = ReviewDatabase(settings.review_database, settings.state_dir)
    try:
        review.prepare()
    except (SQLAlchemyError, OSError) as error:
        place = review.file or "the database of MESOGUIDE_REVIEW_DATABASE"
        raise SetupError(
            f"The tables for staff in {place} cannot be used ({type(error).__name__}). Check the place, or"
            " move a damaged file away: it is filled again from the conversations."
        ) from error
    reader = LogReader(settings.state_dir / LOG_FILE)
    house = House(reader, review, settings.review_days)
    os.write(ready_fd, READY)
    os.close(ready_fd)
    groups = QuestionGroups(encoder.encode, subject)
    projector = Projector(reader, review, redactor, groups)
    try:
        projector.run(lambda: bool(stopping), house.keep)
    finally:
        reader.close()
        review.close()
        lock.close()
