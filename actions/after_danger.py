"""What a patient says to a reply about danger comes before what their words are about.

Only who says nothing of danger in the same message is taken at their word that it was a question:
calm words never lower what a message raised.
"""

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import clock, message, names
from assistant.knowledge import Knowledge, after_danger, current, reply

Parsed = Mapping[str, Any]

# A reply about danger is still talked about for so many replies.
RECENT_REPLIES = 3
# With more words than these beside "I was only asking", a message may ask for something itself.
FEW_WORDS = 2
MANY_WORDS = 6
# Below this share of the ranking a topic is no more than a guess.
LEAST_TOPIC_SHARE = 0.05


def answer_to_danger(dispatcher: CollectingDispatcher, tracker: Tracker) -> list[dict[str, Any]] | None:
    """Utters the reply to "I can't call", "it has stopped" or "I was only asking".

    Returns events, None if nothing of that was said or a red-flag rule has fired.
    """
    told = next((one for one in _recent(tracker) if one["kind"] in names.DANGERS), None)
    decided = message.decision(tracker)
    if told is None or decided.get("rule"):
        return None
    knowledge, kind = current(), str(told["kind"])
    text = str(tracker.latest_message.get("text") or "")
    words = after_danger.only_asking(knowledge.safety, text)
    if decided.get("level"):
        # the classifier alone takes a bare "I was only asking" for danger at times
        if kind != "crisis" and words is not None and words <= FEW_WORDS:
            return _answer_the_question(dispatcher, knowledge, tracker, kind)
        return None
    no_call = after_danger.cannot_speak(knowledge.safety, text)
    if no_call or (after_danger.tells_event(knowledge.safety, text) and not _asks(tracker)):
        return _say_again(dispatcher, knowledge, told, no_call)
    if words is not None and (words <= FEW_WORDS or (words <= MANY_WORDS and not _asks(tracker))):
        return _answer_the_question(dispatcher, knowledge, tracker, kind)
    if message.intent(tracker) in names.GO_ON and told == _recent(tracker)[0]:
        # no "fine" and no "all right" to who was just told to call
        return _say_again(dispatcher, knowledge, told, no_call)
    return None


def was_told(tracker: Tracker, level: str, group: str) -> bool:
    """Returns whether a red flag of that level and group stands in the messages before the latest."""
    flags = ((one.get("level"), one.get("group")) for one in _decisions_before(tracker))
    return any(level == earlier and group in ("", of) for earlier, of in flags)


def _recent(tracker: Tracker) -> list[Mapping[str, Any]]:
    return list(islice(message.replies_before(tracker), RECENT_REPLIES))


def _asks(tracker: Tracker) -> bool:
    intent = message.intent(tracker)
    return intent.startswith(names.ASK) or intent in names.WISHES


def _say_again(
    dispatcher: CollectingDispatcher, knowledge: Knowledge, told: Mapping[str, Any], no_call: bool
) -> list[dict[str, Any]]:
    level = {"emergency": "now", "urgent": str(told.get("urgency"))}.get(told["kind"], told["kind"])
    dispatcher.utter_message(json_message=reply.red_flag(knowledge, level, again=True, cannot_call=no_call))
    return []


def _answer_the_question(
    dispatcher: CollectingDispatcher, knowledge: Knowledge, tracker: Tracker, kind: str
) -> list[dict[str, Any]]:
    """Utters the answer to the message that raised the alarm, and when to call after all."""
    asked = next((one for one in _parsed_before(tracker) if (one.get("decision") or {}).get("level")), {})
    then = Tracker(tracker.sender_id, {}, dict(asked), [], False, None, {}, None)
    nearest = message.nearest_topics(then, knowledge)
    if _share(asked, nearest[0]) < LEAST_TOPIC_SHARE:
        told = reply.only_asking(knowledge)
        dispatcher.utter_message(json_message=reply.reminded(knowledge, told, kind))
        return []
    told = reply.answer(knowledge, nearest[0], message.told_subjects(then), now=clock.now())
    dispatcher.utter_message(json_message=reply.reminded(knowledge, told, kind))
    return [SlotSet(names.SLOT_TOPIC, nearest[0])]


def _share(asked: Parsed, topic: str) -> float:
    ranking = asked.get("intent_ranking") or []
    shares = (float(one.get("confidence") or 0) for one in ranking if one.get("name") == names.ASK + topic)
    return next(shares, 0.0)


def _decisions_before(tracker: Tracker) -> Iterator[Parsed]:
    return (parsed.get("decision") or {} for parsed in _parsed_before(tracker))


def _parsed_before(tracker: Tracker) -> Iterator[Parsed]:
    """Yields how the messages before the latest were understood, the latest first."""
    users = [event for event in tracker.events or [] if event.get("event") == "user"]
    return (event.get("parse_data") or {} for event in reversed(users[:-1]))
