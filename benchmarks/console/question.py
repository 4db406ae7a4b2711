"""The questions that are asked of the read model."""

from collections.abc import Callable
from functools import partial
from typing import Any

from sqlalchemy.engine import Connection

from assistant.review.conversation_filter import ConversationFilter as Filter
from assistant.review.conversation_view import find_said
from assistant.review.facet import Property as P
from assistant.review.inbox import Place, count_conversations, list_conversations
from assistant.review.queue import count_queues
from assistant.review.text_search import search
from benchmarks.console.generator import END

DAY = 24 * 3600.0
FILTERS = {
    "all": Filter(),
    "channel": Filter(facets={"channel": ("web",)}),
    "rare channel and language": Filter(facets={"channel": ("whatsapp",), "language": ("es",)}),
    "topic": Filter(facets={"topic": ("topic_0",)}),
    "rare topic": Filter(facets={"topic": ("topic_70",)}),
    "two topics": Filter(facets={"topic": ("topic_3", "topic_40")}),
    "kind": Filter(facets={"kind": ("out_of_scope", "fallback")}),
    "urgent": Filter(facets={"urgency": ("now",)}),
    "low confidence": Filter(confidence_below=0.4),
    "very low confidence": Filter(confidence_below=0.1),
    "rated down": Filter(facets={"rating": ("down",)}),
    "rated down, topic, channel": Filter(
        facets={"rating": ("down",), "topic": ("topic_2",), "channel": ("telegram",)}
    ),
    "long": Filter(turns_from=8),
    "not reviewed": Filter(without=(P("reviewed", "yes"),)),
    "reviewed and flagged": Filter(facets={"reviewed": ("yes",), "flagged": ("yes",)}),
    "tag": Filter(facets={"tag": ("tag_7",)}),
    "tag, assignee": Filter(facets={"tag": ("tag_7",), "assignee": ("3",)}),
    "A then B": Filter(first=P("topic", "topic_1"), then=P("kind", "fallback")),
    "A then B, rare": Filter(first=P("kind", "emergency"), then=P("topic", "topic_30")),
    "a day, language, unreviewed, unsure": Filter(
        facets={"language": ("de",)},
        without=(P("reviewed", "yes"),),
        since=END - 30 * DAY,
        until=END - 29 * DAY,
        confidence_below=0.7,
    ),
}
SEARCHES = {
    "one frequent word": "pain",
    "two frequent words": "pain knee",
    "a phrase": '"side effects"',
    "a rare word": "zebrafish",
    "a rare and a frequent word": "zebrafish pain",
    "no such word": "quetzalcoatl",
    "many words": "does it hurt after the injection",
}


Ask = Callable[[Connection], object]


def questions(long: int) -> dict[str, dict[str, Ask]]:
    """Returns what is measured, by group and name; `long` is the conversation of 5,000 turns."""
    far = (END - 90 * DAY, 1)
    behind = ("all", "topic", "kind", "not reviewed")
    counted = ("channel", "rated down", "A then B")
    return {
        "first page": {name: _list(wanted) for name, wanted in FILTERS.items()},
        "page far behind": {name: _list(FILTERS[name], far) for name in behind},
        "count": {name: partial(_swap, count_conversations, FILTERS[name]) for name in counted},
        "full text": {name: partial(_swap, search, words) for name, words in SEARCHES.items()},
        "conversation of 5,000 turns": {
            "first 50": lambda connection: find_said(connection, long),
            "last 50": lambda connection: find_said(connection, long, before=2**31),
            "50 in the middle": lambda connection: find_said(connection, long, after=5_000),
        },
        "queues": {"open items": count_queues},
    }


def _list(wanted: Filter, after: Place | None = None) -> Ask:
    return lambda connection: list_conversations(connection, wanted, after)


def _swap(ask: Callable[[Connection, Any], object], about: object, connection: Connection) -> object:
    return ask(connection, about)
