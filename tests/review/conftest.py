"""A filled read model, on SQLite and, where its programs are installed, on PostgreSQL."""

import logging
import os
import pwd
import shutil
import subprocess
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


def _postgresql() -> Path | None:
    """Returns the folder of PostgreSQL's programs."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"))
    return found[-1].parent if found else None


@pytest.fixture(scope="session")
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a server of our own on a socket; skips where there is none."""
    programs = _postgresql()
    if programs is None:
        pytest.skip("PostgreSQL is not installed")
    # the path of a socket may have 107 characters at most
    folder = Path(f"/tmp/mesoguide-postgresql-{os.getpid()}")
    folder.mkdir(mode=0o777)
    user = None
    if os.geteuid() == 0:
        # PostgreSQL refuses to run as root
        user = pwd.getpwnam("postgres").pw_uid
        os.chown(folder, user, -1)
    run = {"user": user, "check": True, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    data = folder / "data"
    initdb = [
        programs / "initdb",
        "-D",
        data,
        "-A",
        "trust",
        "-U",
        "test",
        "--no-sync",
        "-E",
        "UTF8",
        "--locale=C",
    ]
    subprocess.run(initdb, **run)
    options = f"-c listen_addresses= -c unix_socket_directories={folder} -c fsync=off"
    subprocess.run(
        [programs / "pg_ctl", "-D", data, "-w", "-o", options, "-l", folder / "log", "start"], **run
    )
    yield f"postgresql://test@/postgres?host={folder}"
    subprocess.run([programs / "pg_ctl", "-D", data, "-m", "immediate", "stop"], **run)
    shutil.rmtree(folder)


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
