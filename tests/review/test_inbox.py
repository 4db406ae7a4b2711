"""Lists hold what their filter says, page by page, on both databases."""

import random
from itertools import chain

import pytest

from assistant.review import inbox
from assistant.review.change import assign, flag, mark_reviewed, set_tags
from assistant.review.conversation_filter import BadFilter, ConversationFilter
from assistant.review.database import ReviewDatabase
from assistant.review.facet import Property, values_of
from assistant.review.inbox import Page, Place, count_conversations, list_conversations
from assistant.review.projection import NewMessage, News
from tests.review.conftest import START, news, write

TOPICS, KINDS = ("pain", "cost", "safety"), ("answer", "fallback", "emergency")
MANY = 60


def _random_news(chance: random.Random, number: int) -> News:
    """Returns a conversation of up to four replies, several of them at the same time as others'."""
    time = START + chance.randrange(10) * 60
    made = news(number, time, confidence=round(chance.random(), 2))
    messages, properties = [], {}
    for turn in range(chance.randint(1, 4)):
        seq = 1 + 2 * turn
        kind, topic = chance.choice(KINDS), chance.choice(TOPICS)
        messages.append(NewMessage(seq, "user", time, "question"))
        messages.append(NewMessage(seq + 1, "assistant", time, "", "{}", kind, "none", topic, seq))
        for one in (Property("kind", kind), Property("topic", topic)):
            properties[one] = (properties.get(one, (seq + 1, 0))[0], seq + 1)
    return News(
        **{**vars(made), "messages": messages, "properties": properties, "last_seq": messages[-1].seq}
    )


def _all_pages(review: ReviewDatabase, wanted: ConversationFilter, most: int) -> list[Page]:
    pages, place = [], None
    while True:
        with review.read() as connection:
            pages.append(list_conversations(connection, wanted, place, most))
        place = pages[-1].next
        if place is None:
            return pages


def _holds(wanted: ConversationFilter, one: News) -> bool:
    """Returns what the filter means, told once more and slowly."""
    properties = {
        **one.properties,
        Property("channel", one.channel): (0, 0),
        Property("language", "en"): (0, 0),
    }
    in_order = wanted.first is None or (
        wanted.first in properties
        and wanted.then in properties
        and properties[wanted.first][0] < properties[wanted.then][1]
    )
    turns = sum(message.role == "user" for message in one.messages)
    return (
        all(
            any(Property(name, value) in properties for value in some) for name, some in wanted.facets.items()
        )
        and not any(gone in properties for gone in wanted.without)
        and in_order
        and (wanted.since is None or one.messages[-1].time >= wanted.since)
        and (wanted.until is None or one.messages[-1].time < wanted.until)
        and (wanted.confidence_below is None or one.confidence < wanted.confidence_below)
        and (wanted.confidence_from is None or one.confidence >= wanted.confidence_from)
        and (wanted.turns_from is None or turns >= wanted.turns_from)
        and (wanted.turns_to is None or turns <= wanted.turns_to)
    )


def _random_filter(chance: random.Random) -> ConversationFilter:
    def one() -> Property:
        return chance.choice(
            [Property("topic", chance.choice(TOPICS)), Property("kind", chance.choice(KINDS))]
        )

    def maybe(value: float) -> float | None:
        return value if chance.random() < 0.3 else None

    facets = {}
    if chance.random() < 0.6:
        facets["topic"] = tuple(chance.sample(TOPICS, chance.randint(1, 2)))
    if chance.random() < 0.4:
        facets["kind"] = tuple(chance.sample(KINDS, chance.randint(1, 2)))
    if chance.random() < 0.3:
        facets["channel"] = ("web",)
    first, then = (one(), one()) if chance.random() < 0.3 else (None, None)
    return ConversationFilter(
        facets=facets,
        without=(one(),) if chance.random() < 0.3 else (),
        first=first,
        then=then,
        since=maybe(START + 120),
        until=maybe(START + 420),
        confidence_below=maybe(0.6),
        confidence_from=maybe(0.3),
        turns_from=2 if chance.random() < 0.2 else None,
        turns_to=3 if chance.random() < 0.2 else None,
    )


@pytest.mark.parametrize("looked_at", [10_000, 7])
def test_pages_together_hold_what_the_filter_says(
    review: ReviewDatabase, monkeypatch: pytest.MonkeyPatch, looked_at: int
) -> None:
    """Each once, newest first, also where a page ends because enough was looked at."""
    monkeypatch.setattr(inbox, "MOST_LOOKED_AT", looked_at)
    chance = random.Random(3)
    made = [_random_news(chance, number) for number in range(MANY)]
    write(review, *made)
    for _ in range(80):
        wanted = _random_filter(chance)

        pages = _all_pages(review, wanted, most=7)

        rows = [one.row for one in chain.from_iterable(page.conversations for page in pages)]
        places: list[Place] = [(row.last_at, row.id) for row in rows]
        assert sorted(row.log_id for row in rows) == sorted(
            one.log_id for one in made if _holds(wanted, one)
        ), wanted
        assert places == sorted(places, reverse=True)
        assert all(len(page.conversations) == 7 or page.looked_to or page.next is None for page in pages)


def test_filter_of_something_that_never_was_finds_nothing(review: ReviewDatabase) -> None:
    """An unknown topic is no error; a property that nobody has excludes nobody."""
    write(review, news(1, START))

    with review.read() as connection:
        assert (
            list_conversations(connection, ConversationFilter(facets={"topic": ("none",)})).conversations
            == []
        )
        without = ConversationFilter(without=(Property("topic", "none"),))
        assert len(list_conversations(connection, without).conversations) == 1
        assert count_conversations(connection, without) == (1, False)


def test_filter_that_is_wrong_says_what(review: ReviewDatabase) -> None:
    """A name that is no property, an order of one, and a line that is no filter."""
    for line in (
        '{"facets": {"colour": ["red"]}}',
        '{"first": {"name": "topic", "value": "pain"}}',
        "[",
        '{"x": 1}',
    ):
        with pytest.raises(BadFilter):
            ConversationFilter.from_json(line)


def test_filter_can_be_kept() -> None:
    """As a line and back."""
    wanted = ConversationFilter(
        facets={"topic": ("pain", "cost")},
        without=(Property("kind", "answer"),),
        first=Property("topic", "pain"),
        then=Property("rating", "down"),
        confidence_below=0.4,
    )

    assert ConversationFilter.from_json(wanted.to_json()) == wanted


def test_what_staff_do_can_be_filtered_and_taken_back(review: ReviewDatabase) -> None:
    """Review, flag, tags, assignee; the numbers of conversations follow."""
    write(review, news(1, START), news(2, START + 60))

    with review.write() as connection:
        assert mark_reviewed(connection, 1, 7, START) and flag(connection, 1, True)
        assert set_tags(connection, 1, ["lump", " bruise "]) and assign(connection, 1, 7)
        assert not flag(connection, 99, True)
        set_tags(connection, 1, ["bruise"])
    with review.read() as connection:
        for name, value in (("reviewed", "yes"), ("flagged", "yes"), ("tag", "bruise"), ("assignee", "7")):
            found = list_conversations(connection, ConversationFilter(facets={name: (value,)}))
            assert [one.row.log_id for one in found.conversations] == ["k-1"], name
        assert values_of(connection, "tag") == [("bruise", 1)]
        left = list_conversations(connection, ConversationFilter(without=(Property("reviewed", "yes"),)))
        assert [one.row.log_id for one in left.conversations] == ["k-2"]
    with review.write() as connection:
        mark_reviewed(connection, 1, None, START)
        assert values_of(connection, "reviewed") == []


def test_conversation_that_goes_on_keeps_its_tags(review: ReviewDatabase) -> None:
    """A new message moves it to the top of every list that it is in."""
    write(review, news(1, START), news(2, START + 60))
    with review.write() as connection:
        set_tags(connection, 1, ["lump"])
    later = news(1, START)
    more = NewMessage(3, "user", START + 120, "and then?")
    write(review, News(**{**vars(later), "messages": [*later.messages, more], "last_seq": 3}))

    with review.read() as connection:
        for wanted in (ConversationFilter(), ConversationFilter(facets={"topic": ("pain",)})):
            assert [one.row.log_id for one in list_conversations(connection, wanted).conversations] == [
                "k-1",
                "k-2",
            ]
        (tagged,) = list_conversations(
            connection, ConversationFilter(facets={"tag": ("lump",)})
        ).conversations
        assert (tagged.row.turns, tagged.row.last_at) == (2, START + 120)
