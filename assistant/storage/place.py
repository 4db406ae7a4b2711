"""Where the parts of the conversation log are on this machine."""

import time
from collections.abc import Callable
from pathlib import Path

from sqlalchemy.engine import Connection

from assistant.storage.conversation_log import ConversationLog
from assistant.storage.database import Database
from assistant.storage.migrate import migrate
from assistant.storage.passing import passing_folder
from assistant.storage.schema import METADATA
from assistant.storage.spool import Spool

SPOOL = "spool"


def open_log(database: Path, now: Callable[[], float] = time.time) -> ConversationLog:
    """Returns the log on this database file, made or brought up to date where needed.

    Raises SQLAlchemyError, sqlite3.Error or OSError when a part cannot be used.
    """
    kept = Database(database)
    kept.prepare(migrate)
    passing = Database(passing_folder(database.parent) / "passing.db", durable=False)
    passing.prepare(_make_tables)
    return ConversationLog(kept, passing, Spool(database.parent / SPOOL), now)


def _make_tables(connection: Connection) -> None:
    METADATA.create_all(connection)
