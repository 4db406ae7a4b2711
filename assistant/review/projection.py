"""Writes what is new in a conversation; the projector's side of the read model."""

import hashlib
import json
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.engine import Connection, Row

from assistant.review import full_text, queue
from assistant.review.facet import Property, Seqs, add_properties, set_property
from assistant.review.message_id import first_id
from assistant.review.rollup import HOUR, Cell
from assistant.review.schema import CONVERSATION, MESSAGE, RATING, TRACE, UTTERANCE

LONGEST_PREVIEW = 200


@dataclass(frozen=True)
class NewMessage:
    """A message of the log, redacted.

    Attributes:
        text: "" for a reply of the assistant, whose body is kept once for all that have it.
        body: what a reply says, as JSON.
        answers: seq of the visitor's message that a reply answers.
        trace: columns of TRACE without the keys, for a visitor's message.
        queues: where staff should find it.
    """

    seq: int
    role: str
    time: float
    text: str
    body: str | None = None
    kind: str | None = None
    urgency: str | None = None
    topic: str | None = None
    answers: int | None = None
    trace: dict[str, Any] | None = None
    queues: tuple[str, ...] = ()


@dataclass(frozen=True)
class NewRating:
    """A visitor's rating of a reply; `about`: seq of the question before it, None where there is none."""

    seq: int
    helpful: bool
    comment: str
    time: float
    about: int | None


@dataclass(frozen=True)
class News:
    """What is new in a conversation since `last_event` and `last_seq` of its row.

    Attributes:
        started: when it began, seconds since 1970.
        improve: whether it may be used to improve the assistant.
        properties: of the new messages, with their first and last seq.
    """

    log_id: str
    started: float
    channel: str
    improve: bool
    last_event: int
    last_seq: int
    messages: list[NewMessage] = field(default_factory=list)
    ratings: list[NewRating] = field(default_factory=list)
    properties: dict[Property, Seqs] = field(default_factory=dict)
    language: str = ""
    confidence: float | None = None


def find_marks(connection: Connection, log_id: str) -> tuple[int, int]:
    """Returns the newest numbers of the log's events and messages that are here, 0 for none."""
    row = connection.execute(
        select(CONVERSATION.c.last_event, CONVERSATION.c.last_seq).where(CONVERSATION.c.log_id == log_id)
    ).first()
    return (row.last_event, row.last_seq) if row is not None else (0, 0)


def write_news(connection: Connection, news: News, counts: Counter[Cell]) -> dict[int, int]:
    """Writes messages, traces, properties, queues; returns the messages' numbers by seq.

    Writing the same news twice changes nothing: messages that are here are left out.

    Args:
        counts: gets what is to be counted; `add_counts` writes it once for many conversations.
    """
    row = connection.execute(
        select(CONVERSATION).where(CONVERSATION.c.log_id == news.log_id).with_for_update()
    ).first()
    known = row.last_seq if row is not None else 0
    fresh = [one for one in news.messages if one.seq > known]
    if row is None:
        counts[(int(news.started // HOUR), "conversation", news.channel)] += 1
    conversation = _write_conversation(connection, row, news, fresh)
    ids = _write_messages(connection, conversation, fresh, counts)
    last_at = max([one.time for one in fresh] + [row.last_at if row is not None else news.started])
    found = dict(news.properties) if fresh else {}
    if row is None:
        found[Property("channel", news.channel)] = (0, 0)
    hour = int(last_at // HOUR)
    for one in add_properties(connection, conversation, last_at, found):
        counts[(hour, one.name, one.value)] += 1
    if news.language and fresh:
        set_property(connection, conversation, "language", [news.language])
    _write_ratings(connection, conversation, last_at, news.ratings, counts)
    return ids


def _write_conversation(connection: Connection, row: Row | None, news: News, fresh: list[NewMessage]) -> int:
    asked = [one for one in fresh if one.role == "user"]
    lowest = [one for one in (news.confidence, row.confidence if row else None) if one is not None]
    values: dict[str, Any] = {
        "improve": news.improve,
        "last_event": news.last_event,
        "last_seq": news.last_seq,
        "last_at": max([one.time for one in fresh] + [row.last_at if row else news.started]),
        "turns": (row.turns if row else 0) + len(asked),
        "messages": (row.messages if row else 0) + len(fresh),
        "confidence": min(lowest) if lowest and fresh else (row.confidence if row else None),
        "language": news.language or (row.language if row else ""),
    }
    if asked and not (row and row.preview):
        values["preview"] = asked[0].text[:LONGEST_PREVIEW]
    if row is not None:
        connection.execute(update(CONVERSATION).where(CONVERSATION.c.id == row.id).values(values))
        return int(row.id)
    values.setdefault("preview", "")
    values.update(log_id=news.log_id, channel=news.channel, started=news.started, flagged=False, hold=False)
    return int(connection.execute(insert(CONVERSATION).values(values)).inserted_primary_key[0])


def _write_messages(
    connection: Connection, conversation: int, fresh: list[NewMessage], counts: Counter[Cell]
) -> dict[int, int]:
    ids: dict[int, int] = {}
    rows, traces = [], []
    for one in fresh:
        ids[one.seq] = _free_id(connection, one.time, set(ids.values()))
        rows.append(
            {
                "id": ids[one.seq],
                "conversation": conversation,
                "seq": one.seq,
                "role": one.role,
                "time": one.time,
                "text": one.text,
                "utterance": _utterance(connection, one.body) if one.body is not None else None,
                "kind": one.kind,
                "urgency": one.urgency,
                "topic": one.topic,
                "answers": one.answers,
            }
        )
        if one.trace is not None:
            traces.append(
                {"message": ids[one.seq], "conversation": conversation, "seq": one.seq, **one.trace}
            )
        counts[(int(one.time // HOUR), "message", one.role)] += 1
    if rows:
        connection.execute(insert(MESSAGE), rows)
    if traces:
        connection.execute(insert(TRACE), traces)
    full_text.add_texts(
        connection, [(ids[one.seq], one.text) for one in fresh if one.role != "assistant" and one.text]
    )
    for one in fresh:
        for name in one.queues:
            queue.put_in_queue(connection, name, conversation, ids[one.seq], one.time)
    return ids


def _free_id(connection: Connection, time: float, taken: set[int]) -> int:
    message = first_id(time)
    while (
        message in taken
        or connection.execute(select(MESSAGE.c.id).where(MESSAGE.c.id == message)).first() is not None
    ):
        message += 1
    return message


def _utterance(connection: Connection, body: str) -> int:
    digest = hashlib.sha256(body.encode("utf-8", "replace")).hexdigest()
    found = connection.scalar(select(UTTERANCE.c.id).where(UTTERANCE.c.digest == digest))
    if found is None:
        row = {"digest": digest, "body": body}
        found = connection.execute(insert(UTTERANCE).values(row)).inserted_primary_key[0]
    return int(found)


def _write_ratings(
    connection: Connection,
    conversation: int,
    last_at: float,
    ratings: list[NewRating],
    counts: Counter[Cell],
) -> None:
    if not ratings:
        return
    query = select(RATING).where(RATING.c.conversation == conversation)
    known = {row.seq: row for row in connection.execute(query)}
    for one in ratings:
        row = known.get(one.seq)
        values = {"helpful": one.helpful, "comment": one.comment, "time": one.time}
        if row is None:
            key = {"conversation": conversation, "seq": one.seq}
            connection.execute(insert(RATING).values(**key, **values))
            counts[(int(one.time // HOUR), "rating", "up" if one.helpful else "down")] += 1
        elif row.time != one.time:
            mine = (RATING.c.conversation == conversation) & (RATING.c.seq == one.seq)
            connection.execute(update(RATING).where(mine).values(values))
        else:
            continue
        if not one.helpful and one.about is not None:
            asked = select(MESSAGE.c.id).where(
                MESSAGE.c.conversation == conversation, MESSAGE.c.seq == one.about
            )
            message = connection.scalar(asked)
            if message is not None:
                queue.put_in_queue(connection, queue.RATED_DOWN, conversation, message, one.time)
    # a rating can change its mind: with its seq, so that "cost, then rated down" can be asked for
    seqs: dict[Property, Seqs] = {}
    query = select(RATING).where(RATING.c.conversation == conversation).order_by(RATING.c.seq)
    for row in connection.execute(query):
        rated = Property("rating", "up" if row.helpful else "down")
        seqs[rated] = (seqs.get(rated, (row.seq, 0))[0], row.seq)
    add_properties(connection, conversation, last_at, seqs)
    set_property(connection, conversation, "rating", [rated.value for rated in seqs])


def as_json(value: object) -> str:
    """Returns a value as one short line."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
