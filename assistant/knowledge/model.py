"""The values that the knowledge files become; nothing in them can be changed after loading."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time
from types import MappingProxyType

Pattern = re.Pattern[str]
Span = tuple[time, time]


@dataclass(frozen=True)
class Sentence:
    """One sentence for the reader.

    Attributes:
        text: with placeholders; not shown if one of them has no value.
        claims: ids of the claims that it tells.
        why: why it needs no claim (advice, transition, clinic), "" otherwise.
        bullet: whether it is an item of a list.
        needs: placeholder that must have a value, "" for none.
        without: placeholder that must have no value, "" for none.
    """

    text: str
    claims: tuple[str, ...] = ()
    why: str = ""
    bullet: bool = False
    needs: str = ""
    without: str = ""


@dataclass(frozen=True)
class Claim:
    """What sources support, in our words; `level` is a tag such as RCT, GUID or EO."""

    id: str
    says: str
    sources: tuple[str, ...]
    level: str
    evidence_id: str = ""


@dataclass(frozen=True)
class Evidence:
    """How well a benefit is shown: some, weak, none, contrary, safety or not_applicable."""

    level: str
    words: str


@dataclass(frozen=True)
class Variant:
    """Fields that replace those of the entry when all of `when` holds; None keeps.

    `when` maps a subject (an entity, or country) to ids of which one is enough.
    """

    when: Mapping[str, tuple[str, ...]]
    answer: tuple[Sentence, ...] | None = None
    more: tuple[Sentence, ...] | None = None
    next_step: str | None = None
    evidence: Evidence | None = None


@dataclass(frozen=True)
class Entry:
    """All that may be said about one topic.

    `reviewer` is empty until a named clinician signs. `personal` entries tell who
    asks about themselves that only a clinician can decide with them.
    """

    id: str
    title: str
    question: str
    answer: tuple[Sentence, ...]
    more: tuple[Sentence, ...]
    next_step: str
    evidence: Evidence
    claims: Mapping[str, Claim]
    variants: tuple[Variant, ...]
    follow_ups: tuple[str, ...]
    buttons: tuple[str, ...]
    written: date
    review_due: date
    version: int
    reviewer: str
    reviewed_on: date | None
    safety_topic: bool
    personal: bool


@dataclass(frozen=True)
class Source:
    """A publication; `seen` says how it was read (full, abstract, outline, secondary)."""

    id: str
    authors: str
    title: str
    publisher: str
    year: int | None
    url: str | None
    kind: str
    seen: str


@dataclass(frozen=True)
class Premise:
    """Something untrue that people take for granted.

    Attributes:
        id: what the message's premise is called.
        correction: the sentence that puts it right.
        claims: each the id of an entry and that of one of its claims.
    """

    id: str
    correction: str
    claims: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class CrisisLine:
    """A crisis helpline; the number may be empty where there is only a page."""

    name: str
    number: str
    url: str | None


@dataclass(frozen=True)
class Numbers:
    """The telephone numbers of one country; empty text where there is none.

    `without_voice` tells who cannot speak on the phone how to reach the
    emergency service; `source` is where the numbers were looked up.
    """

    emergency: str
    emergency_also: str
    urgent_name: str
    urgent: str
    poison: str
    crisis: tuple[CrisisLine, ...]
    verified_on: date | None
    without_voice: str = ""
    source: str = ""


@dataclass(frozen=True)
class Script:
    """A stored reply with placeholders.

    Attributes:
        text: paragraphs.
        lead: first line of a reply about an emergency.
        groups: one more sentence by the group of the red flag.
        default: that sentence where the group is not known.
        then: lines that follow.
        again: stands for all but the first line where the same was told before.
        next_step: one clear step.
        buttons: button ids.
    """

    text: tuple[str, ...] = ()
    lead: str = ""
    groups: Mapping[str, str] = MappingProxyType({})
    default: str = ""
    then: tuple[str, ...] = ()
    again: str = ""
    next_step: str = ""
    buttons: tuple[str, ...] = ()


@dataclass(frozen=True)
class Safety:
    """safety.yml: numbers by country and the replies that keep people safe.

    Attributes:
        reminders: by kind of reply, what closes the answer to who was only asking.
        after_danger: by meaning (see after_danger.py), what
            people say to a reply about danger.
        personal_data: what is taken for personal data in a message.
        overdue_grace_days: how long after its review date an answer is still
            told, with a caution.
    """

    numbers: Mapping[str, Numbers]
    short_line: str
    boundary_line: str
    replies: Mapping[str, Script]
    reminders: Mapping[str, str]
    after_danger: Mapping[str, tuple[Pattern, ...]]
    personal_data: tuple[Pattern, ...]
    unreviewed_note: str
    overdue_note: str
    overdue_grace_days: int
    button_titles: Mapping[str, str]


@dataclass(frozen=True)
class Smalltalk:
    """smalltalk.yml: every other reply, the notice, the starters, the words of hours and of lists."""

    replies: Mapping[str, Script]
    notice_version: str
    notice: str
    starters: tuple[str, ...]
    hours: Mapping[str, str]
    lists: Mapping[str, str]
    button_titles: Mapping[str, str]


@dataclass(frozen=True)
class Closure:
    """Days on which the clinic is closed, first and last included."""

    first: date
    last: date
    why: str


@dataclass(frozen=True)
class Practitioner:
    """A person who treats patients, with the public register to check."""

    name: str
    profession: str
    register: str
    number: str


@dataclass(frozen=True)
class Price:
    """A price as the clinic writes it."""

    service: str
    price: str
    note: str = ""


@dataclass(frozen=True)
class Clinic:
    """clinic.yml. `hours` maps each English weekday name in lower case to opening spans."""

    name: str
    demo: bool
    address: str
    directions: str
    step_free_access: str
    time_zone: str
    hours: Mapping[str, tuple[Span, ...]]
    closures: tuple[Closure, ...]
    phone: str
    complications_phone: str
    links: Mapping[str, str | None]
    services_offered: tuple[str, ...]
    services_not_offered: tuple[str, ...]
    practitioners: tuple[Practitioner, ...]
    products: tuple[str, ...]
    prices: tuple[Price, ...]
    prices_as_of: date | None
    languages: tuple[str, ...]
    country: str
    privacy_contact: str
    retention: str
    chats_read_by: str
    email: str = ""


@dataclass(frozen=True)
class Knowledge:
    """All content. `version` changes with every change of a content file."""

    entries: Mapping[str, Entry]
    sources: Mapping[str, Source]
    premises: Mapping[str, Premise]
    clinic: Clinic
    safety: Safety
    smalltalk: Smalltalk
    version: str

    @property
    def numbers(self) -> Numbers:
        """The telephone numbers of the clinic's country."""
        return self.safety.numbers.get(self.clinic.country, self.safety.numbers["default"])
