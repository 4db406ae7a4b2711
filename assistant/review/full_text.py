"""Full text over what visitors and staff wrote, redacted; a table for each month.

So an erasure has to rebuild one month at most, and a search newest first begins with the newest month.
SQLite's tables (FTS5) hold no text, only words; PostgreSQL's hold a tsvector.
"""

import re
from collections import defaultdict
from collections.abc import Iterable

from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.engine import Connection

from assistant.review.message_id import first_of_month, month_of
from assistant.review.schema import MESSAGE, SEARCH_MONTH

_WORD_OR_PHRASE = re.compile(r'"([^"]*)"|(\S+)')
_WORD = re.compile(r"\w+")
MOST_WORDS = 16


def table_of(month: int) -> str:
    """Returns the name of a month's table."""
    return f"search_{month}"


def months(connection: Connection) -> list[int]:
    """Returns the months that have a table, the newest first."""
    return list(connection.scalars(select(SEARCH_MONTH.c.month).order_by(SEARCH_MONTH.c.month.desc())))


def add_texts(connection: Connection, texts: Iterable[tuple[int, str]]) -> None:
    """Indexes texts by their message's number; makes the table of a month that has none."""
    by_month: defaultdict[int, list[dict[str, object]]] = defaultdict(list)
    for message, words in texts:
        by_month[month_of(message)].append({"id": message, "words": words})
    known = set(months(connection)) if by_month else set()
    for month, rows in by_month.items():
        if month not in known:
            _make(connection, month)
        if _is_sqlite(connection):
            statement = f"INSERT INTO {table_of(month)} (rowid, words) VALUES (:id, :words)"
        else:
            statement = (
                f"INSERT INTO {table_of(month)} (id, words) VALUES (:id, to_tsvector('simple', :words))"
            )
        connection.execute(text(statement), rows)


def remove_texts(connection: Connection, texts: Iterable[tuple[int, str]]) -> None:
    """Takes texts out; their words are gone for good only after `clean`."""
    for message, words in texts:
        month = month_of(message)
        table = table_of(month)
        if _is_sqlite(connection):
            connection.execute(
                text(f"INSERT INTO {table} ({table}, rowid, words) VALUES ('delete', :id, :words)"),
                {"id": message, "words": words},
            )
        else:
            connection.execute(text(f"DELETE FROM {table} WHERE id = :id"), {"id": message})
        connection.execute(update(SEARCH_MONTH).where(SEARCH_MONTH.c.month == month).values(is_dirty=True))


def clean(connection: Connection) -> int:
    """Rewrites the months that texts were taken out of; returns how many.

    Until then SQLite keeps the words of a deleted text beside a mark that they are deleted.
    """
    dirty = list(connection.scalars(select(SEARCH_MONTH.c.month).where(SEARCH_MONTH.c.is_dirty)))
    for month in dirty:
        if _is_sqlite(connection):
            connection.execute(text(f"INSERT INTO {table_of(month)} ({table_of(month)}) VALUES ('optimize')"))
        connection.execute(update(SEARCH_MONTH).where(SEARCH_MONTH.c.month == month).values(is_dirty=False))
    return len(dirty)


def drop_empty(connection: Connection, before: int) -> None:
    """Drops the tables of months before this one that no message falls in any more."""
    for month in [one for one in months(connection) if one < before]:
        bounds = MESSAGE.c.id >= first_of_month(month), MESSAGE.c.id < first_of_month(month + 1)
        if connection.execute(select(MESSAGE.c.id).where(*bounds).limit(1)).first() is None:
            connection.execute(text(f"DROP TABLE {table_of(month)}"))
            connection.execute(delete(SEARCH_MONTH).where(SEARCH_MONTH.c.month == month))


def parts_of(words: str) -> list[str]:
    """Returns the words and "quoted phrases" of what somebody searches for, at most 16."""
    parts = [" ".join(_WORD.findall(phrase or word)) for phrase, word in _WORD_OR_PHRASE.findall(words)]
    return [part for part in parts if part][:MOST_WORDS]


def match(connection: Connection, month: int, parts: list[str]) -> tuple[str, str, dict[str, str]]:
    """Returns the column of the message's number, the condition that all parts are there, and its values."""
    if _is_sqlite(connection):
        query = " ".join(f'"{part}"' for part in parts)
        return f"{table_of(month)}.rowid", f"{table_of(month)} MATCH :words", {"words": query}
    conditions = [f"phraseto_tsquery('simple', :part{place})" for place in range(len(parts))]
    values = {f"part{place}": part for place, part in enumerate(parts)}
    return f"{table_of(month)}.id", f"{table_of(month)}.words @@ ({' && '.join(conditions)})", values


def _make(connection: Connection, month: int) -> None:
    table = table_of(month)
    if _is_sqlite(connection):
        connection.execute(
            text(
                f"CREATE VIRTUAL TABLE {table} USING fts5"
                "(words, content='', tokenize='unicode61 remove_diacritics 2')"
            )
        )
    else:
        connection.execute(text(f"CREATE TABLE {table} (id bigint PRIMARY KEY, words tsvector NOT NULL)"))
        connection.execute(text(f"CREATE INDEX ix_{table} ON {table} USING gin (words)"))
    connection.execute(insert(SEARCH_MONTH).values(month=month, is_dirty=False))


def _is_sqlite(connection: Connection) -> bool:
    return connection.dialect.name == "sqlite"
