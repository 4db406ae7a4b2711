"""Carries what happens in the conversation log to the read model, once each."""

import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import structlog
from sqlalchemy import insert, select, update
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DataError, IntegrityError, SQLAlchemyError

from assistant.channels.log_entry import failure, short_hash
from assistant.projector.grouping import QuestionGroups, Vectors
from assistant.projector.log_reader import LogReader, LogUnreadable
from assistant.projector.news import make_news
from assistant.projector.turn import UNREADABLE
from assistant.redaction.redactor import Redactor
from assistant.review import erasure, full_text, queue
from assistant.review.database import ReviewDatabase
from assistant.review.projection import News, find_marks, write_news
from assistant.review.rollup import Cell, add_counts
from assistant.review.schema import PROJECTION

log = structlog.get_logger()

AT_ONCE = 200
FILLED_AT_ONCE = 50
POLL_SECONDS = 0.1
# After a failure: the database may be away for long.
RETRY_SECONDS = 1.0
# What a row that cannot be written raises, here or in the database; trying again would not help.
REFUSED = (*UNREADABLE, IntegrityError, DataError)
# Where a filling is when it has seen all conversations.
DONE = None


@dataclass(frozen=True)
class _Prepared:
    """News of a conversation, and the meaning of its questions without an answer by their seq."""

    news: News
    vectors: dict[int, Vectors]


class Projector:
    """Reads the log's outbox and writes the read model.

    What a batch leads to and the number of its last row are one transaction, and news of a
    conversation begin behind the numbers that its row has: a projector that dies anywhere goes on where
    it was, and nothing is lost or there twice. It may run at any distance behind the chat.

    Args:
        reader: of the conversation log.
        review: the read model; prepared.
        redactor: what texts go through.
        groups: of similar questions; None to leave them out.
        now: seconds since 1970.
    """

    def __init__(
        self,
        reader: LogReader,
        review: ReviewDatabase,
        redactor: Redactor,
        groups: QuestionGroups | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        """See class; touches nothing."""
        self._reader = reader
        self._review = review
        self._redactor = redactor
        self._groups = groups
        self._now = now
        self._cursor: int | None = None
        self._filled_to: str | None = DONE
        self._has_to_clean = False
        self._clean_at = 0.0

    def run(self, is_stopping: Callable[[], bool], keep_house: Callable[[int], None]) -> None:
        """Works until told to stop; `keep_house` is called with the cursor between two batches."""
        is_down = False
        while not is_stopping():
            try:
                worked = self.step()
                if self._cursor is not None:
                    keep_house(self._cursor)
                if is_down:
                    log.warning("projector.back")
                is_down = False
            except (SQLAlchemyError, LogUnreadable, OSError) as error:
                if not is_down:
                    log.error("projector.down", **failure(error))
                is_down, worked = True, False
                self._forget()
            if not worked:
                time.sleep(RETRY_SECONDS if is_down else POLL_SECONDS)

    def step(self) -> bool:
        """Does one batch; returns whether there was anything to do.

        Raises SQLAlchemyError or LogUnreadable; then nothing of the batch is written.
        """
        if self._cursor is None:
            self._find_place()
        assert self._cursor is not None
        for log_id in self._requested():
            self._reader.erase(log_id, self._now())
            self._take_away([log_id])
        if self._has_to_clean and time.monotonic() >= self._clean_at:
            self._clean()
        changes = self._reader.changes(self._cursor, AT_ONCE)
        if changes:
            gone = {change.conversation_id for change in changes if change.kind == "erase"}
            touched = dict.fromkeys(one.conversation_id for one in changes if one.conversation_id not in gone)
            self._project(touched, gone, outbox_id=changes[-1].id)
            self._cursor = changes[-1].id
        elif self._filled_to is not DONE:
            self._fill()
        else:
            return False
        return True

    def _find_place(self) -> None:
        newest = self._reader.newest_change()
        with self._review.write() as connection:
            row = connection.execute(select(PROJECTION)).first()
            if row is None or row.outbox_id > newest:
                # a new read model, or another log: everything in it is looked at once
                if row is not None:
                    log.warning("projector.refill", known=row.outbox_id, newest=newest)
                values = {"outbox_id": newest, "filled_to": "", "updated": self._now()}
                change = insert(PROJECTION).values(id=1) if row is None else update(PROJECTION)
                connection.execute(change.values(values))
                row = connection.execute(select(PROJECTION)).one()
            if self._groups is not None:
                self._groups.load(connection)
            # a process that was killed may have left words of what is erased
            self._has_to_clean = True
        self._cursor, self._filled_to = row.outbox_id, row.filled_to

    def _fill(self) -> None:
        """Looks at the next conversations of the log, whatever the outbox says of them."""
        assert self._filled_to is not None
        if self._filled_to == "":
            self._take_away(self._all_erased())
        ids = self._reader.ids(self._filled_to, FILLED_AT_ONCE)
        filled_to = ids[-1] if len(ids) == FILLED_AT_ONCE else DONE
        self._project(ids, set(), filled_to=filled_to)
        self._filled_to = filled_to
        if filled_to is DONE:
            self._review.tidy()

    def _all_erased(self) -> list[str]:
        found: list[str] = []
        while some := self._reader.erased(found[-1] if found else "", AT_ONCE):
            found += some
        return found

    def _requested(self) -> list[str]:
        with self._review.read() as connection:
            return erasure.requested(connection)

    def _project(self, touched: Iterable[str], gone: set[str], **place: int | str | None) -> None:
        """Writes what is new in some conversations and where the projector then is."""
        prepared = [one for log_id in touched if (one := self._prepare(log_id)) is not None]
        try:
            with self._review.write() as connection:
                for log_id in gone:
                    erasure.erase(connection, log_id, self._now())
                counts: Counter[Cell] = Counter()
                for one in prepared:
                    self._write(connection, one, counts)
                add_counts(connection, counts)
                self._keep_place(connection, place)
        except BaseException as error:
            self._reload_groups()
            if not isinstance(error, REFUSED):
                raise
            self._project_apart(prepared, gone, place)
        if gone:
            self._reload_groups()
            self._has_to_clean, self._clean_at = True, 0.0

    def _project_apart(
        self, prepared: list[_Prepared], gone: set[str], place: dict[str, int | str | None]
    ) -> None:
        """Writes each conversation alone: one of them is refused, and the others must not wait for it."""
        for one in prepared:
            try:
                with self._review.write() as connection:
                    counts: Counter[Cell] = Counter()
                    self._write(connection, one, counts)
                    add_counts(connection, counts)
            except REFUSED as error:
                log.error("projector.conversation.refused", **_ids(one.news.log_id), **failure(error))
                self._reload_groups()
        with self._review.write() as connection:
            for log_id in gone:
                erasure.erase(connection, log_id, self._now())
            self._keep_place(connection, place)

    def _keep_place(self, connection: Connection, place: dict[str, int | str | None]) -> None:
        connection.execute(update(PROJECTION).values(**place, updated=self._now()))

    def _prepare(self, log_id: str) -> _Prepared | None:
        """Returns what is new, redacted; None where there is nothing or it cannot be read."""
        with self._review.read() as connection:
            marks = find_marks(connection, log_id)
        part = self._reader.part(log_id, *marks)
        if part is None:
            return None
        try:
            news = make_news(log_id, part, marks, self._redactor)
        except UNREADABLE as error:
            log.error("projector.conversation.bad", **_ids(log_id), **failure(error))
            return None
        vectors = {}
        if self._groups is not None:
            for message in news.messages:
                if queue.UNANSWERED in message.queues and message.text:
                    vectors[message.seq] = self._groups.vector(message.text)
        return _Prepared(news, vectors)

    def _write(self, connection: Connection, prepared: _Prepared, counts: Counter[Cell]) -> None:
        news = prepared.news
        if erasure.is_erased(connection, news.log_id):
            return
        ids = write_news(connection, news, counts)
        times = {message.seq: message.time for message in news.messages}
        for seq, vector in prepared.vectors.items():
            if seq in ids and self._groups is not None:
                self._groups.add(connection, ids[seq], vector, times[seq])

    def _take_away(self, log_ids: list[str]) -> None:
        for log_id in log_ids:
            with self._review.write() as connection:
                erasure.erase(connection, log_id, self._now())
        if log_ids:
            self._reload_groups()
            self._has_to_clean, self._clean_at = True, 0.0

    def _clean(self) -> None:
        """Takes the words of what is erased out of the index and the journal."""
        with self._review.write() as connection:
            full_text.clean(connection)
        # a reader in the way is gone a moment later
        self._clean_at = time.monotonic() + RETRY_SECONDS
        self._has_to_clean = not self._review.wipe()

    def _reload_groups(self) -> None:
        if self._groups is not None:
            with self._review.write() as connection:
                self._groups.load(connection)

    def _forget(self) -> None:
        self._cursor = None
        self._reader.close()


def _ids(log_id: str) -> dict[str, str]:
    return {"conversation": short_hash(log_id)}
