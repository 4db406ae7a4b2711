"""Conversations as lines of JSON, for whoever may have them; redacted like everything here."""

import json
from collections.abc import Iterator

from sqlalchemy.engine import Connection

from assistant.review.conversation_filter import ConversationFilter
from assistant.review.conversation_view import find_said
from assistant.review.inbox import Listed, list_conversations


def export(connection: Connection, wanted: ConversationFilter) -> Iterator[str]:
    """Yields one line for each conversation, the newest first."""
    place = None
    while True:
        page = list_conversations(connection, wanted, place)
        for one in page.conversations:
            yield json.dumps(_as_dict(connection, one), ensure_ascii=False)
        place = page.next
        if place is None:
            return


def _as_dict(connection: Connection, listed: Listed) -> dict[str, object]:
    row = listed.row
    messages: list[dict[str, object]] = []
    after = 0
    while said := find_said(connection, row.id, after=after, most=500):
        after = said[-1].row.seq
        for one in said:
            message: dict[str, object] = {"seq": one.row.seq, "role": one.row.role, "time": one.row.time}
            message["text"] = one.body["text"] if one.body else one.row.text
            if one.row.kind:
                message.update(kind=one.row.kind, topic=one.row.topic, urgency=one.row.urgency)
            if one.trace is not None:
                message.update(
                    intent=one.trace.intent, score=one.trace.score, decided_by=one.trace.decided_by
                )
            if one.rating is not None:
                message.update(helpful=one.rating.helpful, comment=one.rating.comment)
            messages.append(message)
    return {
        "conversation": row.id,
        "started": row.started,
        "last_at": row.last_at,
        "channel": row.channel,
        "language": row.language,
        "improve": row.improve,
        "properties": [[one.name, one.value] for one in listed.properties],
        "messages": messages,
    }
