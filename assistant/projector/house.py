"""What the projector does now and then: age, journals, statistics."""

import time
from collections.abc import Callable

import structlog

from assistant.projector.log_reader import LogReader
from assistant.review import audit, erasure, full_text
from assistant.review.database import ReviewDatabase
from assistant.review.message_id import first_id, month_of

log = structlog.get_logger()

EVERY_SECONDS = 3600.0
DAY = 24 * 3600.0
# A row of the outbox that was read may help to find a fault.
OUTBOX_DAYS = 7
AUDIT_DAYS = 6 * 366


class House:
    """Removes what is too old; see `keep`.

    Args:
        review_days: age at which a conversation leaves the read model, counted from its newest message.
        now: seconds since 1970.
    """

    def __init__(
        self,
        reader: LogReader,
        review: ReviewDatabase,
        review_days: int,
        now: Callable[[], float] = time.time,
    ) -> None:
        """See class."""
        self._reader = reader
        self._review = review
        self._review_days = review_days
        self._now = now
        self._kept = 0.0

    def keep(self, cursor: int) -> None:
        """Does a bounded piece of the work, once an hour and again as long as some is left.

        Raises SQLAlchemyError or LogUnreadable.
        """
        now = self._now()
        if now < self._kept + EVERY_SECONDS:
            return
        with self._review.write() as connection:
            expired = erasure.expire(connection, now - self._review_days * DAY)
        if expired:
            log.info("projector.expired", conversations=expired)
            return
        with self._review.write() as connection:
            full_text.clean(connection)
            full_text.drop_empty(connection, month_of(first_id(now - self._review_days * DAY)))
            audit.remove_before(connection, now - AUDIT_DAYS * DAY, now)
        self._reader.trim(cursor, now - OUTBOX_DAYS * DAY)
        self._review.tidy()
        self._review.wipe()
        self._kept = now
