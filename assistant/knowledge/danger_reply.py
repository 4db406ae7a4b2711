"""Replies to danger, and to what people say to them."""

from dataclasses import replace

from assistant.knowledge.markdown import paragraphs
from assistant.knowledge.model import Knowledge, Script
from assistant.knowledge.placeholder import fill
from assistant.knowledge.scripted import Reply, scripted
from assistant.knowledge.value import values_of


def red_flag(
    knowledge: Knowledge,
    level: str,
    group: str | None = None,
    *,
    again: bool = False,
    cannot_call: bool = False,
) -> Reply:
    """Returns the reply to a red flag.

    Args:
        knowledge: the content.
        level: now, crisis, safeguarding, today or days.
        group: chooses one more sentence where the reply has one for it.
        again: whether the same was told in this conversation before.
        cannot_call: whether the patient says that they cannot call.
    """
    if level == "crisis":
        return crisis(knowledge, group, again=again, cannot_call=cannot_call)
    if level == "safeguarding":
        return safeguarding(knowledge, again=again, cannot_call=cannot_call)
    if level == "now":
        return emergency(knowledge, group, again=again, cannot_call=cannot_call)
    return urgent(knowledge, level, group, again=again, cannot_call=cannot_call)


def emergency(
    knowledge: Knowledge, group: str | None = None, *, again: bool = False, cannot_call: bool = False
) -> Reply:
    """Returns the reply to a danger to life; the emergency number stands in its first line."""
    script = _script(knowledge, "emergency", "emergency", again, cannot_call)
    return scripted(knowledge, script, "emergency", group=group, urgency="now", first=["tel:emergency"])


def urgent(
    knowledge: Knowledge,
    level: str,
    group: str | None = None,
    *,
    again: bool = False,
    cannot_call: bool = False,
) -> Reply:
    """Returns the reply to what needs care soon: `level` is "today" or "days"."""
    script = _script(knowledge, f"urgent_{level}", "urgent", again, cannot_call)
    last = ["tel:urgent"] if level == "today" else []
    return scripted(knowledge, script, "urgent", group=group, urgency=level, last=last)


def crisis(
    knowledge: Knowledge, group: str | None = None, *, again: bool = False, cannot_call: bool = False
) -> Reply:
    """Returns the reply to thoughts of suicide or self-harm, with the crisis line.

    Where the message tells a danger to life as well ("I have taken them all"), `group` is that of an
    emergency: then its first lines come before everything else.
    """
    script = _script(knowledge, "crisis", "crisis", again, cannot_call)
    body = knowledge.safety.replies["emergency"]
    if group in body.groups and not cannot_call:
        script = replace(script, lead=body.lead, groups={} if again else body.groups)
    last = ["tel:emergency", "tel:crisis", "link:crisis"]
    return scripted(knowledge, script, "crisis", group=group, urgency="now", last=last)


def safeguarding(knowledge: Knowledge, *, again: bool = False, cannot_call: bool = False) -> Reply:
    """Returns the reply to pressure, abuse, a child in danger or a wish to harm somebody."""
    script = _script(knowledge, "safeguarding", "safeguarding", again, cannot_call)
    return scripted(knowledge, script, "safeguarding", urgency="today", last=["tel:emergency"])


def only_asking(knowledge: Knowledge) -> Reply:
    """Returns the question what it is about."""
    return scripted(knowledge, knowledge.safety.replies["only_asking"], "clarify")


def reminded(knowledge: Knowledge, told: Reply, kind: str) -> Reply:
    """Returns a reply that ends with the reminder of a reply about danger of that kind."""
    values = values_of(knowledge.clinic, knowledge.numbers)
    return {**told, "text": paragraphs([told["text"], fill(knowledge.safety.reminders[kind], values)])}


def _script(knowledge: Knowledge, name: str, kind: str, again: bool, cannot_call: bool) -> Script:
    replies = knowledge.safety.replies
    script = replies[name]
    if cannot_call:
        told = replies[f"cannot_call_{kind}"]
        # the group's sentence is still news, unless it was told before
        script = replace(told, groups={} if again else script.groups)
    elif again and script.again:
        # what comes after the first line stands above in the conversation
        rest = {"default": script.again} if script.lead else {"text": (script.text[0], script.again)}
        script = replace(script, groups={}, then=(), **rest)
    # The sentence with the number stands alone, so that it is not read past.
    return script if script.lead else replace(script, lead=script.text[0], text=script.text[1:])
