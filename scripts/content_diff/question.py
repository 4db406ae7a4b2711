"""What is asked: evaluation questions, and what visitors wrote in conversations that are kept."""

import json
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from assistant.errors import ContentError
from benchmarks.evaluation.question import read_questions

_SAID = "SELECT conversation_id, body FROM message WHERE role = 'user' ORDER BY conversation_id, seq"


@dataclass(frozen=True)
class Asked:
    """The messages of one conversation in their order, and where they stand."""

    turns: tuple[str, ...]
    source: str


def asked_in_file(file: Path) -> list[Asked]:
    """Returns the questions of a file for `make evaluate`; raises ContentError if it cannot be used."""
    return [Asked(one.turns, file.name) for one in read_questions(file)]


def asked_in_log(database: Path) -> list[Asked]:
    """Returns the messages of each kept conversation; raises ContentError if it is no log.

    The database is only read.
    """
    try:
        with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
            rows = connection.execute(_SAID).fetchall()
        said = [(row[0], str(json.loads(row[1]).get("text") or "")) for row in rows]
    except (sqlite3.Error, ValueError, AttributeError) as error:
        message = (
            f"it cannot be read as a log of conversations ({type(error).__name__}). Name conversations.db."
        )
        raise ContentError(message, database) from error
    found = [tuple(text for _, text in rows if text) for _, rows in groupby(said, key=lambda one: one[0])]
    return [Asked(turns, "log") for turns in found if turns]
