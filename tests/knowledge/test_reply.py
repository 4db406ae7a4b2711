"""Replies are complete, plain dictionaries put together from content alone."""

import json
from dataclasses import replace
from datetime import date, datetime, timezone
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from assistant.knowledge import Knowledge, load, reply
from tests.knowledge.folder import change

MONDAY = datetime(2026, 3, 2, 10, 0, tzinfo=timezone.utc)
SUNDAY = datetime(2026, 3, 1, 10, 0, tzinfo=timezone.utc)
KEYS = {
    "kind", "urgency", "topic", "premise", "text", "more", "next_step", "evidence", "sources", "reviewed",
    "buttons", "lang",
}  # fmt: skip
SHORT_LINE = "Emergency? Call 999 now."


def _all_replies(knowledge: Knowledge) -> dict[str, dict[str, Any]]:
    return {
        **{topic: reply.answer(knowledge, topic, now=MONDAY) for topic in knowledge.entries},
        "emergency": reply.emergency(knowledge, "stroke"),
        "emergency without group": reply.emergency(knowledge),
        "today": reply.urgent(knowledge, "today", "fever"),
        "days": reply.urgent(knowledge, "days"),
        "crisis": reply.crisis(knowledge),
        "personal_advice": reply.personal_advice(knowledge),
        "refusal": reply.refusal(knowledge),
        "out_of_scope": reply.out_of_scope(knowledge),
        "fallback": reply.fallback(knowledge),
        "error": reply.error(knowledge),
        "safeguarding": reply.safeguarding(knowledge),
        "about us": reply.about_us(knowledge),
        "two failures": reply.handoff_after_failures(knowledge, MONDAY),
        "greet": reply.smalltalk(knowledge, "greet"),
        "welcome": reply.welcome(knowledge),
        "open": reply.handoff(knowledge, MONDAY),
        "closed": reply.handoff(knowledge, SUNDAY),
    }


def _ids(told: dict[str, Any]) -> list[str]:
    return [button["id"] for button in told["buttons"]]


def _button(told: dict[str, Any], name: str) -> dict[str, Any]:
    return next(button for button in told["buttons"] if button["id"] == name)


def test_every_reply_has_the_same_keys_and_is_plain_json(knowledge: Knowledge) -> None:
    """A channel can send any reply without looking at its kind."""
    for name, told in _all_replies(knowledge).items():
        assert set(told) == KEYS, name
        assert json.loads(json.dumps(told)) == told, name
        assert told["text"] and "{" not in told["text"], name


def test_kinds_and_urgencies(knowledge: Knowledge) -> None:
    """Each function gives the kind that its name says."""
    told = {name: (one["kind"], one["urgency"]) for name, one in _all_replies(knowledge).items()}

    assert told == {
        "what_is": ("answer", "none"),
        "arthritis": ("answer", "none"),
        "side_effects_common": ("answer", "none"),
        "emergency": ("emergency", "now"),
        "emergency without group": ("emergency", "now"),
        "today": ("urgent", "today"),
        "days": ("urgent", "days"),
        "crisis": ("crisis", "now"),
        "personal_advice": ("personal_advice", "none"),
        "refusal": ("refusal", "none"),
        "out_of_scope": ("out_of_scope", "none"),
        "fallback": ("fallback", "none"),
        "error": ("error", "none"),
        "safeguarding": ("safeguarding", "today"),
        "about us": ("smalltalk", "none"),
        "two failures": ("handoff", "none"),
        "greet": ("smalltalk", "none"),
        "welcome": ("smalltalk", "none"),
        "open": ("handoff", "none"),
        "closed": ("handoff", "none"),
    }


def test_answer_joins_sentences_and_lists(knowledge: Knowledge) -> None:
    """Sentences make paragraphs, bullets stand on lines of their own, placeholders are filled."""
    told = reply.answer(knowledge, "side_effects_common", now=MONDAY)

    assert told["text"] == (
        "Many people get bruises.\n\n- swelling that goes away\n- redness\n\nCall 999 for trouble breathing."
    )
    assert told["next_step"] == "Call 020 7946 0123 if it gets worse."
    assert told["evidence"] == {"level": "safety", "words": ""}
    assert (told["topic"], told["premise"], told["more"]) == ("side_effects_common", None, "")


def test_sources_are_those_of_used_claims_in_order_of_use(knowledge: Knowledge) -> None:
    """A source is shown once, where it is first used; one of an unused claim is not shown."""
    arthritis = reply.answer(knowledge, "arthritis", now=MONDAY)
    what_is = reply.answer(knowledge, "what_is", now=MONDAY)

    assert [source["id"] for source in arthritis["sources"]] == ["S2", "S1"]
    assert what_is["sources"] == [
        {"id": "S1", "title": "Guide", "publisher": "Press", "year": 2021, "url": "https://example.org/1"}
    ]


def test_follow_ups_are_buttons_with_topic_and_title(knowledge: Knowledge) -> None:
    """A topic button carries the id of the topic and the title of its entry."""
    told = reply.answer(knowledge, "what_is", now=MONDAY)

    assert told["buttons"] == [
        {"id": "topic:arthritis", "title": "Does it help arthritis?", "topic": "arthritis"}
    ]


@pytest.mark.parametrize(
    ("subjects", "text"),
    [
        ({}, "It may ease pain for weeks. No one knows the best plan."),
        ({"condition": ["hand_arthritis"]}, "No trial looked at hands."),
        ({"condition": ["hand_arthritis"], "area": ["hand"]}, "No trial looked at hands."),
        (
            {"condition": ["hand_arthritis"], "treatment": ["needle_free"]},
            "No trial looked at hands without needles.",
        ),
        ({"treatment": ["needle_free"]}, "It may ease pain for weeks. No one knows the best plan."),
        ({"condition": ["other", "hand_arthritis"]}, "No trial looked at hands."),
        ({"condition": ["other"]}, "It may ease pain for weeks. No one knows the best plan."),
    ],
)
def test_most_specific_variant_that_holds_is_told(
    knowledge: Knowledge, subjects: dict[str, list[str]], text: str
) -> None:
    """All that a variant asks for must hold, and more of it wins."""
    assert reply.answer(knowledge, "arthritis", subjects, now=MONDAY)["text"] == text


def test_variant_keeps_what_it_does_not_replace(knowledge: Knowledge) -> None:
    """Evidence and sources follow the variant, the next step stays."""
    told = reply.answer(knowledge, "arthritis", {"condition": ["hand_arthritis"]}, now=MONDAY)

    assert told["evidence"]["level"] == "none"
    assert [source["id"] for source in told["sources"]] == ["S3"]
    assert told["next_step"] == "Ask your doctor first."


def test_answer_past_its_review_says_so_last(knowledge: Knowledge) -> None:
    """On the day of the review nothing is said; the day after, the date is."""
    on_time = reply.answer(knowledge, "what_is", now=datetime(2027, 1, 31, 12, tzinfo=timezone.utc))
    late = reply.answer(knowledge, "what_is", now=datetime(2027, 2, 1, 12, tzinfo=timezone.utc))

    assert on_time["more"] == "Ask Sample Clinic what is in the syringe."
    assert late["text"] == on_time["text"] + "\n\nThis was due for review on 31 January 2027."
    assert late["more"] == on_time["more"]


def test_unsigned_answer_says_that_nobody_has_checked_it(knowledge: Knowledge) -> None:
    """Without a reviewer there is a note and neither name nor date."""
    told = reply.answer(knowledge, "what_is", now=MONDAY)

    assert told["reviewed"] == {"on": None, "by": None, "note": "Not yet checked by a clinician."}


def test_signed_answer_names_reviewer_and_date(knowledge_folder: Path) -> None:
    """With a reviewer the note goes."""
    signed = "reviewer: Dr Ada Sample\n    reviewed_on: 2026-02-01"
    change(knowledge_folder, "topics/risk.yml", 'reviewer: ""', signed)

    told = reply.answer(load(knowledge_folder), "side_effects_common", now=MONDAY)

    assert told["reviewed"] == {"on": "2026-02-01", "by": "Dr Ada Sample", "note": ""}


def test_unknown_topic_lists_the_known_ones(knowledge: Knowledge) -> None:
    """A wrong id is a mistake of the caller, told with the ids that exist."""
    with pytest.raises(KeyError, match="'pain'.*what_is, arthritis, side_effects_common"):
        reply.answer(knowledge, "pain", now=MONDAY)


def test_unknown_small_talk_lists_the_known_names(knowledge: Knowledge) -> None:
    """A wrong name is told with the names that exist."""
    with pytest.raises(KeyError, match="'sing'.*greet, goodbye"):
        reply.smalltalk(knowledge, "sing")


@pytest.mark.parametrize("name", ["emergency", "emergency without group", "today", "days", "crisis"])
def test_safety_reply_has_the_emergency_number_in_its_first_line(knowledge: Knowledge, name: str) -> None:
    """Whoever reads one line knows whom to call."""
    assert "999" in _all_replies(knowledge)[name]["text"].splitlines()[0]


def test_emergency_tells_lead_group_and_rest_in_order(knowledge: Knowledge) -> None:
    """The lead comes first, then the group's sentence, or the general one for an unknown group."""
    stroke = reply.emergency(knowledge, "stroke")

    assert stroke["text"] == (
        "Call 999 now.\n\nNote the time.\n\n- Say that you had injections.\n- Nobody reads this chat live."
    )
    assert "Say where you are." in reply.emergency(knowledge, None)["text"]
    assert "Say where you are." in reply.emergency(knowledge, "never heard of")["text"]
    assert stroke["buttons"] == [{"id": "tel:emergency", "title": "Call 999", "url": "tel:999"}]


def test_urgent_reply_by_level_and_group(knowledge: Knowledge) -> None:
    """Today and within days are different texts; one line alone is no list."""
    today = reply.urgent(knowledge, "today", "fever")

    assert today["text"].endswith("Note when it began.\n\nCall NHS 111 today.")
    assert today["next_step"] == "Take the packet along."
    assert reply.urgent(knowledge, "days")["text"].startswith("See a doctor within days")


def test_short_form_keeps_the_first_line_and_the_buttons(knowledge: Knowledge) -> None:
    """What stands above in the conversation is not said twice; without a short form all is."""
    emergency, crisis = reply.emergency(knowledge, "stroke", again=True), reply.crisis(knowledge, again=True)

    assert emergency["text"] == "Call 999 now.\n\nPlease call now, as I said."
    assert _ids(emergency) == ["tel:emergency"]
    assert crisis["text"] == "If you are in danger now, call 999.\n\nSamaritans can listen now."
    assert reply.urgent(knowledge, "days", again=True) == reply.urgent(knowledge, "days")


def test_red_flag_gives_the_reply_of_its_level(knowledge: Knowledge) -> None:
    """One function for whoever knows the level."""
    assert reply.red_flag(knowledge, "now", "stroke") == reply.emergency(knowledge, "stroke")
    assert reply.red_flag(knowledge, "crisis") == reply.crisis(knowledge)
    assert reply.red_flag(knowledge, "safeguarding") == reply.safeguarding(knowledge)
    assert reply.red_flag(knowledge, "today", "fever") == reply.urgent(knowledge, "today", "fever")
    assert reply.red_flag(knowledge, "days") == reply.urgent(knowledge, "days")


def test_button_without_a_number_is_left_out(knowledge: Knowledge) -> None:
    """The sample clinic has no phone for complications, so no button dials nothing."""
    assert _ids(reply.urgent(knowledge, "today")) == ["tel:urgent"]


def test_crisis_reply_offers_the_line_the_page_and_the_emergency_number(knowledge: Knowledge) -> None:
    """Each is one tap away."""
    told = reply.crisis(knowledge)

    assert {button["id"]: button["url"] for button in told["buttons"]} == {
        "tel:crisis": "tel:116123",
        "tel:emergency": "tel:999",
        "link:crisis": "https://www.samaritans.org",
    }
    assert _button(told, "tel:crisis")["title"] == "Call Samaritans"
    assert told["next_step"] == "Contact Samaritans now."


def test_country_without_a_crisis_number_offers_the_page(knowledge: Knowledge) -> None:
    """No number is made up."""
    abroad = replace(knowledge, clinic=replace(knowledge.clinic, country="PT"))

    assert _ids(reply.crisis(abroad)) == ["tel:emergency", "link:crisis"]
    assert reply.emergency(abroad)["buttons"][0]["url"] == "tel:112"


def test_personal_advice_offers_the_phone_and_sells_no_visit(knowledge: Knowledge) -> None:
    """Who wants a decision is shown the way to a person."""
    told = reply.personal_advice(knowledge)

    assert _button(told, "tel:clinic")["url"] == "tel:02079460123"
    assert "link:booking" not in _ids(told)


@pytest.mark.parametrize("name", ["refusal", "out_of_scope", "fallback", "error", "personal_advice"])
def test_short_line_closes_what_is_not_answered(knowledge: Knowledge, name: str) -> None:
    """An emergency that was not recognised still meets the number, once."""
    text = _all_replies(knowledge)[name]["text"]

    assert text.endswith("\n\n" + SHORT_LINE) and text.count(SHORT_LINE) == 1


@pytest.mark.parametrize("function", [reply.out_of_scope, reply.fallback])
def test_nearest_topics_are_at_most_three_that_exist(knowledge: Knowledge, function: Any) -> None:
    """Unknown and repeated topics are left out, the order is kept, and a person is offered last."""
    many = knowledge.entries | {"fourth": knowledge.entries["what_is"]}
    wide = replace(knowledge, entries=MappingProxyType(dict(many)))

    told = function(wide, ["laser", "arthritis", "arthritis", "what_is", "side_effects_common", "fourth"])

    assert _ids(told) == [
        "topic:arthritis", "topic:what_is", "topic:side_effects_common", "say:request_human",
    ]  # fmt: skip


def test_handoff_by_day(knowledge: Knowledge) -> None:
    """While open the hours are told, while closed the next opening; phone and booking always."""
    opened, closed = reply.handoff(knowledge, MONDAY), reply.handoff(knowledge, SUNDAY)

    assert opened["text"] == "Open today, 9:00 to 12:00 and 13:30 to 17:00."
    assert closed["text"] == "Today: closed. It opens Monday 9:00."
    assert _ids(opened) == _ids(closed) == ["tel:clinic", "link:booking"]


def test_welcome_offers_the_starters(knowledge: Knowledge) -> None:
    """A conversation begins with topics to choose."""
    told = reply.welcome(knowledge)

    assert _ids(told) == ["topic:what_is", "topic:side_effects_common"]
    assert "999" in told["text"]


def test_info_before_a_conversation(knowledge: Knowledge) -> None:
    """All that a page shows first, in plain values."""
    assert reply.info(knowledge) == {
        "clinic": "Sample Clinic",
        "demo": True,
        "phone": "020 7946 0123",
        "phone_url": "tel:02079460123",
        "emergency": "999",
        "emergency_url": "tel:999",
        "short_line": SHORT_LINE,
        "notice": {
            "version": "2026-02-01",
            "text": "This is a computer program; call 999 in an emergency.",
        },
        "languages": ["en"],
        "starters": [
            {"id": "topic:what_is", "title": "What it is", "topic": "what_is"},
            {"id": "topic:side_effects_common", "title": "Short effects", "topic": "side_effects_common"},
        ],
        "privacy": {"retention": "30 minutes", "read_by": "Nobody.", "contact": "privacy@example.org"},
        "unreviewed_note": "Not yet checked by a clinician.",
    }


def test_title_of_a_say_button(knowledge: Knowledge) -> None:
    """The channel asks what a pressed button says; an unknown one says nothing."""
    assert reply.say_title(knowledge, "request_human") == "Talk to a person"
    assert reply.say_title(knowledge, "report_emergency") == ""


def test_changing_a_reply_does_not_change_the_next(knowledge: Knowledge) -> None:
    """Each reply is made new."""
    first = reply.answer(knowledge, "what_is", now=MONDAY)
    first["buttons"].clear()
    first["sources"][0]["title"] = "spoiled"

    assert reply.answer(knowledge, "what_is", now=MONDAY) != first


def test_correction_comes_with_its_sources(knowledge: Knowledge) -> None:
    """A corrected premise stands apart from the text, and the sources of its claims come first."""
    plain, told = (reply.answer(knowledge, "arthritis", now=MONDAY, premise=one) for one in ("", "natural"))

    assert (plain["premise"], told["premise"]) == (None, "It is not only natural.")
    assert told["text"] == plain["text"]
    assert [one["id"] for one in told["sources"]] == ["S3", "S2", "S1"]


def test_crisis_with_a_danger_to_life_begins_with_its_first_aid(knowledge: Knowledge) -> None:
    """The number and the group's sentence come first, then the crisis line."""
    first_aid = knowledge.safety.replies["emergency"].groups["stroke"]
    text = reply.crisis(knowledge, "stroke")["text"]

    assert text.startswith(reply.emergency(knowledge, "stroke")["text"].splitlines()[0])
    assert first_aid in text and text.endswith("You can talk to Samaritans.")
    assert first_aid not in reply.crisis(knowledge)["text"]


def test_premise_that_rests_on_a_withdrawn_answer_is_not_told(knowledge: Knowledge) -> None:
    """A correction goes with the entry whose claims it tells."""
    name, premise = next(iter(knowledge.premises.items()))
    (entry, _) = premise.claims[0]
    topic = next(one for one in knowledge.entries if one != entry)
    old = replace(knowledge.entries[entry], review_due=date(2020, 1, 1), safety_topic=False)
    withdrawn = replace(knowledge, entries={**knowledge.entries, entry: old})

    assert reply.answer(knowledge, topic, now=MONDAY, premise=name)["premise"]
    assert not reply.answer(withdrawn, topic, now=MONDAY, premise=name)["premise"]
