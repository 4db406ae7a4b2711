"""Looks at what is stored after the crashes, with nothing of ours but the format of the tables."""

import json
import sqlite3
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

from benchmarks.crash.worker import DATABASE, OUTPUT, echo

# Entries of the workers' log that must not be there.
ALARMS = (
    "storage.spool.bad",
    "storage.spool.fail",
    "storage.event.bad",
    "storage.write.refused",
    "worker.fail",
)


@dataclass
class Asked:
    """A message that was sent, and each answer that was told.

    Attributes:
        sent, told: places in the order of all that happened, 0 for not yet.
        in_outage: whether it was sent or answered while the database was down, or told just after.
    """

    conversation: str
    id: str
    text: str
    sent: int
    told: int = 0
    in_outage: bool = False
    answers: list[list[dict[str, Any]]] = field(default_factory=list)


def problems(folder: Path, asked: list[Asked]) -> list[str]:
    """Returns what is wrong, one sentence each; an empty list if every promise was kept."""
    found = [f"waits in the spool: {file.name}" for file in (folder / "spool").iterdir()]
    output = (folder / OUTPUT).read_text(encoding="utf-8", errors="replace")
    found += [f"in the log: {line}" for line in output.splitlines() if any(one in line for one in ALARMS)]
    with closing(sqlite3.connect(folder / DATABASE)) as connection:
        if connection.execute("PRAGMA integrity_check").fetchone() != ("ok",):
            found.append("the database is damaged")
        for conversation in sorted({one.conversation for one in asked}):
            mine = [one for one in asked if one.conversation == conversation]
            found += [f"{conversation}: {problem}" for problem in _problems(connection, conversation, mine)]
    return found


def renumbered(folder: Path, asked: list[Asked]) -> int:
    """Returns how many answers were told in an outage under another number than they were stored with."""
    with closing(sqlite3.connect(folder / DATABASE)) as connection:
        stored = {
            (row[0], row[1]): row[2]
            for row in connection.execute(
                "SELECT conversation_id, message_id, seq FROM message WHERE role != 'user'"
            )
        }
    told = [(one, answer[0]["seq"]) for one in asked for answer in one.answers if answer]
    return sum(stored.get((one.conversation, one.id)) != seq for one, seq in told)


def _problems(connection: sqlite3.Connection, conversation: str, asked: list[Asked]) -> list[str]:
    query = "SELECT seq, role, message_id, body FROM message WHERE conversation_id = ? ORDER BY seq"
    rows = connection.execute(query, (conversation,)).fetchall()
    states = "SELECT message_id, state FROM inbound WHERE conversation_id = ? AND state != 'answered'"
    found = [f"{key} is {state}" for key, state in connection.execute(states, (conversation,))]
    found += _lost_or_twice(rows, asked)
    found += _told_otherwise(rows, asked)
    found += _out_of_order(rows, asked)
    data = "SELECT number, data FROM event WHERE conversation_id = ? ORDER BY number"
    events = connection.execute(data, (conversation,)).fetchall()
    if [number for number, _ in events] != list(range(1, len(events) + 1)):
        found.append("events are not numbered one by one")
    remembered = [one["text"] for one in (json.loads(row[1]) for row in events) if one["event"] == "user"]
    said = [json.loads(row[3])["text"] for row in rows if row[1] == "user"]
    if remembered != said:
        found.append(
            f"remembers {len(remembered)} messages in another way than the {len(said)} that it shows"
        )
    return found


def _lost_or_twice(rows: list[tuple], asked: list[Asked]) -> list[str]:
    times = Counter((role, key, json.loads(body)["text"]) for _, role, key, body in rows)
    wanted = Counter({("user", one.id, one.text): 1 for one in asked})
    wanted += Counter({("assistant", one.id, echo(one.text)): 1 for one in asked})
    found = [f"{entry} is stored {times[entry]} times" for entry in wanted if times[entry] != 1]
    found += [f"{entry} was never said" for entry in times if entry not in wanted]
    found += [f"{one.id} was not answered" for one in asked if not one.answers]
    return found


def _told_otherwise(rows: list[tuple], asked: list[Asked]) -> list[str]:
    """A told answer is the stored one; within an outage a repeated message may be told another number."""
    stored = {key: json.loads(body) for _, role, key, body in rows if role != "user"}
    found = []
    for one in asked:
        for answer in one.answers:
            if [message["text"] for message in answer] != [echo(one.text)]:
                found.append(f"{one.id} was told {len(answer)} messages")
            elif answer[0] != stored.get(one.id) and not one.in_outage:
                found.append(f"{one.id} was told something else than is stored")
    return found


def _out_of_order(rows: list[tuple], asked: list[Asked]) -> list[str]:
    """Who was answered before another one was sent stands before it, and was told a lower number."""
    place = {(role, key): seq for seq, role, key, _ in rows}
    found = []
    done = sorted((one for one in asked if one.told), key=lambda one: one.told)
    for later in asked:
        earlier = [one for one in done if one.told < later.sent][-1:]
        for one in earlier:
            if place.get(("assistant", one.id), 0) >= place.get(("user", later.id), 0):
                found.append(f"{later.id} is stored before {one.id}")
            if not later.answers or not one.answers:
                continue
            if one.answers[0][0]["seq"] >= later.answers[0][0]["seq"]:
                found.append(f"{later.id} was told a lower number than {one.id}")
    if any(one[0] >= two[0] for one, two in pairwise(rows)):
        found.append("numbers do not rise")
    return found
