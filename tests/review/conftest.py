"""A filled read model, on SQLite and, where its programs are installed, on PostgreSQL."""

import logging
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.redaction.redactor import Redactor
from assistant.review.database import ReviewDatabase
from assistant.review.facet import Property
from assistant.review.projection import NewMessage, News, write_news

ROOT = Path(__file__).parents[2]
START = 1_790_000_000.0
DAY = 24 * 3600.0


@pytest.fixture(autouse=True)
def _quiet() -> None:
    logging.getLogger("alembic").setLevel(logging.WARNING)


@pytest.fixture(scope="session")
def redactor() -> Redactor:
    return Redactor.load(ROOT / "data" / "redaction")


@pytest.fixture(params=["sqlite", "postgresql"])
def review(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ReviewDatabase]:
    """An empty read model."""
    url = "" if request.param == "sqlite" else request.getfixturevalue("postgresql")
    database = ReviewDatabase(url, tmp_path)
    if url:
        with database.engine.begin() as connection:
            connection.exec_driver_sql("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    database.prepare()
    yield database
    database.close()


def news(number: int, time: float, text: str = "does it hurt", **more: object) -> News:
    """Returns a conversation of one question and its answer."""
    kind, topic = str(more.pop("kind", "answer")), str(more.pop("topic", "pain"))
    trace = {
        "intent": f"ask_{topic}", "confidence": 0.9, "score": float(str(more.get("confidence", 0.9))),
        "decided_by": "classifier", "rule": None, "level": None, "action": "action_answer_topic",
        "policy": "RulePolicy", "language": "en", "model": "m", "seconds": 0.01, "detail": "{}",
    }  # fmt: skip
    messages = [
        NewMessage(1, "user", time, text, trace=trace),
        NewMessage(2, "assistant", time + 1, "", '{"text":"It stings."}', kind, "none", topic, 1),
    ]
    properties = {Property("kind", kind): (2, 2), Property("topic", topic): (2, 2)}
    values = {"channel": "web", "improve": True, "confidence": 0.9, "language": "en", **more}
    return News(
        log_id=f"k-{number}",
        started=time,
        last_event=3,
        last_seq=2,
        messages=messages,
        properties=properties,
        **values,  # type: ignore[arg-type]
    )


def write(review: ReviewDatabase, *several: News) -> None:
    """Writes conversations, each in a transaction of its own."""
    for one in several:
        with review.write() as connection:
            write_news(connection, one, Counter())
