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
        self._vectors: list[Vectors] = []

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
        self._vectors = [self._subject.without(np.frombuffer(row.vector, dtype=np.float32)) for row in rows]

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
            self._ids.append(group)
            self._vectors.append(own)

    def _nearest(self, vector: Vectors) -> int | None:
        if not self._ids:
            return None
        cosines = np.stack(self._vectors) @ vector
        best = int(cosines.argmax())
        return self._ids[best] if cosines[best] >= ALIKE else None
