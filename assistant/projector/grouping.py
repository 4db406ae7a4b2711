"""Puts questions that had no answer together by their meaning."""

from collections.abc import Callable

import numpy as np
from sqlalchemy import select, update
from sqlalchemy.engine import Connection

from assistant.projector.subject import Subject, Vectors
from assistant.review.question_group import begin_group, join_group
from assistant.review.schema import MESSAGE, QUESTION_GROUP

Encode = Callable[[list[str]], Vectors]
"""Returns one vector of length 1 for each text, (texts, dimensions)."""

# The cosine from which two questions are shown together; see benchmarks/console/README.md.
ALIKE = 0.45
# Groups that are looked at, the newest ones.
MOST_GROUPS = 20_000


class QuestionGroups:
    """The groups' vectors in memory; the first question of a group stands for it.

    A new question joins the nearest group, or begins one: what joined stays where it is, so that
    staff find a group as they left it.
    """

    def __init__(self, encode: Encode, subject: Subject) -> None:
        """See class; `load` before use. The tables hold vectors as `encode` gives them."""
        self._encode = encode
        self._subject = subject
        self._ids: list[int] = []
        # rows behind the last group are room for more
        self._vectors: Vectors = np.zeros((0, 0), dtype=np.float32)

    def load(self, connection: Connection) -> None:
        """Reads the groups; a group whose first question was erased gets the vector of its next one.

        Call it again after an erasure, and when a transaction that `add` took part in was taken back.
        """
        empty = (
            select(QUESTION_GROUP.c.id, MESSAGE.c.text)
            .join(MESSAGE, MESSAGE.c.id == QUESTION_GROUP.c.message)
            .where(QUESTION_GROUP.c.vector == b"")
        )
        for row in connection.execute(empty).all():
            mine = QUESTION_GROUP.c.id == row.id
            connection.execute(
                update(QUESTION_GROUP).where(mine).values(vector=self.vector(row.text).tobytes())
            )
        query = select(QUESTION_GROUP.c.id, QUESTION_GROUP.c.vector).order_by(QUESTION_GROUP.c.last_at.desc())
        rows = connection.execute(query.limit(MOST_GROUPS)).all()
        self._ids = [row.id for row in rows]
        if rows:
            stored = np.frombuffer(b"".join(row.vector for row in rows), dtype=np.float32)
            self._vectors = self._subject.without(stored.reshape(len(rows), -1))

    def vector(self, text: str) -> Vectors:
        """Returns what a text means, (dimensions,)."""
        return self._encode([text])[0].astype(np.float32)

    def add(self, connection: Connection, message: int, vector: Vectors, time: float) -> None:
        """Writes which group a question belongs to."""
        own = self._subject.without(vector)
        group = self._nearest(own)
        if group is None or not join_group(connection, group, message, time):
            group = begin_group(connection, message, vector.tobytes(), time)
            join_group(connection, group, message, time)
            self._keep(group, own)

    def _keep(self, group: int, vector: Vectors) -> None:
        used = len(self._ids)
        if used >= len(self._vectors):
            larger = np.zeros((2 * used + 64, len(vector)), dtype=np.float32)
            larger[:used] = self._vectors[:used] if used else 0
            self._vectors = larger
        self._vectors[used] = vector
        self._ids.append(group)

    def _nearest(self, vector: Vectors) -> int | None:
        if not self._ids:
            return None
        cosines = self._vectors[: len(self._ids)] @ vector
        best = int(cosines.argmax())
        return self._ids[best] if cosines[best] >= ALIKE else None
