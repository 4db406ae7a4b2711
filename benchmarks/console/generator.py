"""Fills a read model with made-up conversations, by rows as the projector writes them."""

import random
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from assistant.review import full_text
from assistant.review.database import ReviewDatabase
from assistant.review.message_id import first_id
from assistant.review.schema import CONVERSATION, FACET, MESSAGE, TERM, TRACE, UTTERANCE

END = 1_790_000_000.0
SPREAD_SECONDS = 180 * 24 * 3600.0
AT_ONCE = 5_000
LONG_TURNS = 5_000
_TEXT = """
does it hurt how much is a session can i have with my knee cellulite bruise swelling after the injection
safe pregnant arthritis warfarin clinic price thighs chin face hair loss week pain results long last side
effects doctor nurse appointment needle allergy lump red warm fever sleep run sport diet fat legs tummy
"""
WORDS = _TEXT.split()
TOPICS = [f"topic_{number}" for number in range(80)]
TAGS = [f"tag_{number}" for number in range(20)]
KINDS = ["answer"] * 75 + ["smalltalk"] * 8 + ["out_of_scope"] * 8 + ["fallback"] * 4 + ["clarify"] * 3
KINDS += ["urgent", "emergency"]


class Generator:
    """Makes the same conversations each time for the same seed."""

    def __init__(self, review: ReviewDatabase, seed: int = 1) -> None:
        """See class."""
        self._review = review
        self._chance = random.Random(seed)
        self._terms: dict[tuple[str, str], int] = {}
        self._counts: Counter[int] = Counter()

    def fill(self, conversations: int) -> int:
        """Writes so many conversations and one of 5,000 turns, which gets the number that is returned."""
        self._review.prepare()
        with self._review.write() as connection:
            body = '{"kind":"answer","text":"' + "A sentence of the answer. " * 20 + '"}'
            connection.execute(UTTERANCE.insert(), {"id": 1, "digest": "d", "body": body})
        step = SPREAD_SECONDS / conversations
        for first in range(1, conversations + 1, AT_ONCE):
            numbers = range(first, min(first + AT_ONCE, conversations + 1))
            self._write([self._one(number, END - SPREAD_SECONDS + number * step) for number in numbers])
        long = conversations + 1
        self._write([self._one(long, END, turns=LONG_TURNS)])
        with self._review.write() as connection:
            rows = [
                {"id": term, "name": name, "value": value, "conversations": self._counts[term]}
                for (name, value), term in self._terms.items()
            ]
            connection.execute(TERM.insert(), rows)
            connection.exec_driver_sql("ANALYZE")
            full_text.clean(connection)
        self._review.wipe()
        return long

    def _one(self, number: int, time: float, turns: int = 0) -> dict[str, Any]:
        chance = self._chance
        turns = turns or 1 + int(chance.expovariate(0.7))
        start = time - turns * 30
        messages: list[dict[str, Any]] = []
        traces: list[dict[str, Any]] = []
        found: dict[tuple[str, str], tuple[int, int]] = {}
        scores = []
        for turn in range(turns):
            seq, at = 2 + turn * 2, start + turn * 30
            kind, topic = chance.choice(KINDS), TOPICS[min(79, int(chance.expovariate(0.08)))]
            # no two conversations of a file have a message in the same 1/64 of a millisecond
            own = (
                first_id(at) - first_id(at) % 64 + number % 64 + 64 * (number // 64 % 977) + 64 * 1000 * turn
            )
            text = " ".join(chance.choices(WORDS, k=8)) + (" zebrafish" if chance.random() < 0.0005 else "")
            score = round(chance.betavariate(6, 1.5), 4)
            scores.append(score)
            messages.append(
                {
                    **_EMPTY,
                    "id": own,
                    "conversation": number,
                    "seq": seq,
                    "role": "user",
                    "time": at,
                    "text": text,
                }
            )
            answer: dict[str, Any] = {
                "id": own + 32 * 64,
                "role": "assistant",
                "seq": seq + 1,
                "time": at + 0.1,
                "text": "",
                "utterance": 1,
            }
            messages.append(
                {**_EMPTY, **answer, "conversation": number, "kind": kind, "urgency": "none", "topic": topic}
            )
            traces.append(
                {
                    **_TRACE,
                    "message": own,
                    "conversation": number,
                    "seq": seq,
                    "intent": f"ask_{topic}",
                    "score": score,
                }
            )
            for one in (("kind", kind), ("topic", topic), ("intent", f"ask_{topic}"), ("by", "classifier")):
                found[one] = (found.get(one, (seq, 0))[0], seq)
        last_at = messages[-1]["time"]
        for name, value, share in self._sometimes():
            if chance.random() < share:
                found[(name, value)] = (0, 0)
        row = {
            "id": number, "log_id": f"k-{number:032x}", "channel": "web", "language": "en", "started": start,
            "last_at": last_at, "turns": turns, "messages": len(messages), "confidence": min(scores),
            "preview": messages[0]["text"], "improve": False, "reviewed_at": None, "reviewed_by": None,
            "flagged": ("flagged", "yes") in found, "assignee": None, "hold": False, "last_event": 0,
            "last_seq": messages[-1]["seq"],
        }  # fmt: skip
        facets = []
        for one, (first, last) in found.items():
            term = self._terms.setdefault(one, len(self._terms) + 1)
            self._counts[term] += 1
            facets.append(
                {
                    "conversation": number,
                    "term": term,
                    "last_at": last_at,
                    "first_seq": first,
                    "last_seq": last,
                }
            )
        return {"row": row, "messages": messages, "traces": traces, "facets": facets}

    def _sometimes(self) -> Iterator[tuple[str, str, float]]:
        chance = self._chance
        yield "channel", chance.choices(["web", "telegram", "whatsapp"], [85, 10, 5])[0], 1.0
        yield "language", chance.choices(["en", "de", "fr", "es"], [80, 10, 6, 4])[0], 1.0
        yield "reviewed", "yes", 0.3
        yield "flagged", "yes", 0.01
        yield "rating", chance.choice(["up", "up", "down"]), 0.08
        yield "tag", chance.choice(TAGS), 0.05
        yield "assignee", str(chance.randint(1, 5)), 0.02
        yield "urgency", "now", 0.01

    def _write(self, made: list[dict[str, Any]]) -> None:
        messages = [message for one in made for message in one["messages"]]
        with self._review.write() as connection:
            connection.execute(CONVERSATION.insert(), [one["row"] for one in made])
            connection.execute(MESSAGE.insert(), messages)
            connection.execute(TRACE.insert(), [trace for one in made for trace in one["traces"]])
            connection.execute(FACET.insert(), [facet for one in made for facet in one["facets"]])
            asked = [(one["id"], one["text"]) for one in messages if one["role"] == "user"]
            full_text.add_texts(connection, asked)


_EMPTY: dict[str, Any] = {
    "utterance": None,
    "kind": None,
    "urgency": None,
    "topic": None,
    "question_group": None,
    "answers": None,
}
_TRACE: dict[str, Any] = {
    "confidence": 0.9, "decided_by": "classifier", "rule": None, "level": None,
    "action": "action_answer_topic", "policy": "RulePolicy", "language": "en", "model": "m", "seconds": 0.01,
    "detail": '{"ranking":[["ask_pain",0.9],["ask_cost",0.05]],"entities":[],"questions":[],"premises":[]}',
}  # fmt: skip


def filled(folder: Path, conversations: int) -> tuple[ReviewDatabase, int, float]:
    """Returns a filled read model, the number of its long conversation, and the seconds it took to fill."""
    started = time.monotonic()
    review = ReviewDatabase("", folder)
    long = Generator(review).fill(conversations)
    return review, long, time.monotonic() - started
