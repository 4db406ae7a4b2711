"""Makes rows of the read model out of rows of the log; no text leaves here unredacted."""

import json
from typing import Any

from assistant.projector.log_reader import Part
from assistant.projector.turn import MOST_RANKED, Turn, turns_of
from assistant.redaction.redactor import Redactor
from assistant.redaction.span import Redacted
from assistant.review import queue
from assistant.review.facet import LONGEST_VALUE, Property, Seqs
from assistant.review.projection import NewMessage, NewRating, News, as_json

DEFAULT_CHANNEL = "web"
URGENT_KINDS = frozenset(("emergency", "crisis", "urgent", "safeguarding"))
NO_ANSWER_KINDS = frozenset(("out_of_scope", "fallback"))
WANTS_A_PERSON = "handoff"
# Below this chance of being right, an answer is worth a look.
UNSURE_SCORE = 0.3
# What a reply has of its own, besides what was said.
_NUMBERS = ("seq", "role", "time", "id")


def make_news(log_id: str, part: Part, marks: tuple[int, int], redactor: Redactor) -> News:
    """Returns what is new in a conversation, redacted.

    Raises KeyError, ValueError, TypeError or AttributeError for rows that are not as they must be.
    """
    turns = turns_of(part.events)
    replies: dict[int, list[dict[str, Any]]] = {}
    bodies = {row.seq: json.loads(row.body) for row in part.messages}
    for row in part.messages:
        if row.role != "user" and row.message_id in part.asked:
            replies.setdefault(part.asked[row.message_id], []).append(bodies[row.seq])
    messages, found = [], _Properties()
    scores, language, channel = [], "", DEFAULT_CHANNEL
    for row in part.messages:
        body = bodies[row.seq]
        if row.role == "user":
            turn = turns.get(row.message_id)
            message = _question(row, body, turn, replies.get(row.seq, []), redactor)
            if turn is not None and message.trace is not None:
                found.add_trace(message.trace, row.seq)
                scores.append(message.trace["score"])
                language = message.trace["language"] or language
                channel = turn.channel or channel
        else:
            message = _reply(row, body, part.asked.get(row.message_id), redactor)
            found.add_reply(message)
        messages.append(message)
    return News(
        log_id=log_id,
        started=part.created,
        channel=channel,
        improve=bool(part.choices.get("improve")),
        last_event=max([marks[0], *(row.number for row in part.events)]),
        last_seq=max([marks[1], *(row.seq for row in part.messages)]),
        messages=messages,
        ratings=_ratings(part, redactor),
        properties=found.seqs,
        language=language,
        confidence=min(scores, default=None),
    )


class _Properties:
    """The properties of new messages, with their first and last seq."""

    def __init__(self) -> None:
        self.seqs: dict[Property, Seqs] = {}

    def add_trace(self, trace: dict[str, Any], seq: int) -> None:
        for name, column in (("intent", "intent"), ("by", "decided_by"), ("rule", "rule")):
            self._add(name, trace[column], seq)

    def add_reply(self, reply: NewMessage) -> None:
        self._add("kind", reply.kind, reply.seq)
        self._add("topic", reply.topic, reply.seq)
        self._add("urgency", reply.urgency if reply.urgency != "none" else None, reply.seq)

    def _add(self, name: str, value: str | None, seq: int) -> None:
        if value:
            one = Property(name, value[:LONGEST_VALUE])
            first, last = self.seqs.get(one, (seq, seq))
            self.seqs[one] = (min(first, seq), max(last, seq))


def _question(
    row: Any, body: dict[str, Any], turn: Turn | None, replies: list[dict[str, Any]], redactor: Redactor
) -> NewMessage:
    redacted = redactor.redact(str(body["text"]))
    trace = None
    if turn is not None:
        trace = _trace(turn, redacted if turn.text == body["text"] else None, redactor)
    kinds = {str(reply.get("kind")) for reply in replies}
    score = trace["score"] if trace is not None else 1.0
    queues = []
    if WANTS_A_PERSON in kinds:
        queues.append(queue.PERSON)
    if kinds & URGENT_KINDS:
        queues.append(queue.URGENT)
    if not replies or "error" in kinds:
        queues.append(queue.FAILED)
    if kinds & NO_ANSWER_KINDS:
        queues.append(queue.UNANSWERED)
    elif "clarify" in kinds or ("answer" in kinds and score < UNSURE_SCORE):
        queues.append(queue.UNSURE)
    return NewMessage(row.seq, "user", row.time, redacted.text, trace=trace, queues=tuple(queues))


def _reply(row: Any, body: dict[str, Any], answers: int | None, redactor: Redactor) -> NewMessage:
    kind, urgency, topic = (body.get(key) for key in ("kind", "urgency", "topic"))
    said = as_json({key: value for key, value in body.items() if key not in _NUMBERS})
    if row.role != "assistant":
        # a person typed it
        said = as_json({"text": redactor.redact(str(body["text"])).text, "kind": kind})
    text = json.loads(said)["text"] if row.role != "assistant" else ""
    return NewMessage(row.seq, row.role, row.time, text, said, kind, urgency, topic, answers)


def _trace(turn: Turn, redacted: Redacted | None, redactor: Redactor) -> dict[str, Any]:
    """Returns the columns of a trace; places in the text only where it is the text that is shown."""
    parse = turn.parse
    decision = parse.get("decision") or {}
    ranking = [[one["name"], round(one["confidence"], 4)] for one in parse.get("intent_ranking") or []]

    def placed(part: dict[str, Any], *keys: str) -> dict[str, Any]:
        values = {key: part.get(key) for key in keys}
        if redacted is not None and "start" in part:
            values["start"], values["end"] = redacted.place(part["start"]), redacted.place(part["end"])
        return values

    detail = {
        "ranking": ranking[:MOST_RANKED],
        "entities": [placed(one, "entity", "value") for one in parse.get("entities") or []],
        "questions": [placed(one, "intent", "score") for one in parse.get("questions") or []],
        "premises": [placed(one, "id") for one in parse.get("premises") or []],
        "group": decision.get("group"),
        "slots": {
            name: redactor.redact(value).text for name, value in turn.slots.items() if isinstance(value, str)
        },
    }
    intent = parse.get("intent") or {}
    return {
        "intent": str(intent.get("name") or ""),
        "confidence": float(intent.get("confidence") or 0.0),
        "score": float(decision.get("score", intent.get("confidence") or 0.0)),
        "decided_by": str(decision.get("by") or ""),
        "rule": decision.get("rule"),
        "level": decision.get("level"),
        "action": turn.action,
        "policy": turn.policy,
        "language": str(parse.get("language") or ""),
        "model": turn.model,
        "seconds": turn.answered - turn.time if turn.answered is not None else None,
        "detail": as_json(detail),
    }


def _ratings(part: Part, redactor: Redactor) -> list[NewRating]:
    return [
        NewRating(
            row.seq,
            bool(row.helpful),
            redactor.redact(row.comment).text,
            row.time,
            part.asked.get(row.message_id),
        )
        for row in part.feedback
    ]
