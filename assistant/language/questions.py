"""The questions that a message asks, where it asks more than one.

People join questions by a new sentence, "and", "also" or a comma, and tell a story round them. What
is found here are candidates: whether two parts really ask different things is decided by what they
are about, not by how they are joined.
"""

import re
from dataclasses import dataclass, replace

# More parts than these are not looked at: who writes so much is answered as a whole.
MOST_PARTS = 6

_SENTENCE_END = re.compile(r"(?:[.?!;\u2026]+[\"')\]]*|\s[-\u2013\u2014])(?=\s|$)|\s(?=(?:\d|[a-e])\)\s)")
_NO_END = re.compile(
    r"(?:^|\s)(?:dr|mr|mrs|ms|prof|st|vs|etc|e\.g|i\.e|eg|ie|approx|no|yrs?|hrs?|mins?|wks?)\.$", re.I
)
_JOINT = re.compile(
    r"(?:\s*,)?(?:\s*(?:\b(?:and|nd|n|also|plus|or|but|oh|then|so|as well as|along with)\b|&|\+))+\s*,?\s*"
    r"|\s*[,/]\s*|\s+an\s+(?=(?:how|what|wat|when|where|who|is|does|do|can|will)\b)",
    re.IGNORECASE,
)
_CLAUSE_END = re.compile(r"[,:;]\s|\b(?:but|so)\b", re.IGNORECASE)
_ASKING_WORD = (
    r"(?:how|hows|how's|what|whats|what's|when|whens|where|wheres|who|whos|who's|whose|why|which|whether|"
    r"wat|wats|wot|wots)"
)
_HELPING_VERB = (
    r"(?:is|are|was|were|does|do|did|can|could|will|would|should|shall|has|have|had|may|might|"
    r"isn'?t|aren'?t|doesn'?t|don'?t|didn'?t|can'?t|won'?t|wouldn'?t|am|r|wil|shud|cud)"
)
_SUBJECT = (
    r"(?:it|its|this|that|these|those|there|they|them|he|she|you|u|ya|i|we|one|the|my|your|ur|any|some|"
    r"a|an|all|every\w*|any\w*|people|men|women|patients|results?|side|bruis\w+|meso\w*|injections?|insurance|"
    r"treatments?|sessions?|children|both|most|many|doctors?|nurses?|someone|somebody)"
)
_ASKS = re.compile(
    rf"^(?:{_ASKING_WORD}\b|{_HELPING_VERB}\s+\w|if\s+{_SUBJECT}\b|any\b|"
    r"(?:tell|give|show|remind|help) (?:me|us)\b|"
    r"(?:explain|describe|name|say|list|compare|translate|write)\b|"
    r"i(?:'?d| would)? (?:also )?(?:want|need|like|love|wish) (?:to|your)\b)",
    re.IGNORECASE,
)
# A question somewhere in a sentence that begins in another way ("i missed my third can i rebook it").
_AMONG = re.compile(
    r"\b(?:can|could|does|do|is|are|will|would|should)\s+(?:it|i|you|u|they|there|this|we|my)\b|"
    r"\bhow (?:long|much|many|often|soon|deep|far|old|big|bad)\b",
    re.IGNORECASE,
)
_CONDITION = re.compile(
    rf"^(?:if|when(?!\s+{_HELPING_VERB}\b)|whenever|after|since|because|as|once|while|before|though|although)\b",
    re.IGNORECASE,
)
_INSIDE = re.compile(
    rf"\b(?:wonder\w*|ask\w*|know|tell me|tell us|curious|question|find out|understand|explain|unsure|sure|"
    rf"advise|say|info\w*|idea)\b(?:[^.?!]*?\b(?:{_ASKING_WORD}|if|about|on)|\s+{_HELPING_VERB})\b",
    re.IGNORECASE,
)
_OPENING = re.compile(
    r"^(?:(?:\d|[a-e])\)\s*)?(?:(?:hi|hello|hey|hiya|ok|okay|so|well|and|also|plus|oh|but|then|thanks|"
    r"thank you|please|pls|sorry|excuse me|quick question|question|first|firstly|second|secondly|third|"
    r"finally|lastly|next|ps|btw|"
    r"by the way|um+|erm?|uh|like|just|another thing|one more thing|actually|now|there|guys|doc|doctor|"
    r"separately|on top of that|besides|honestly|roughly|exactly|"
    r"good (?:morning|afternoon|evening))\b[\s,:.!-]*)*",
    re.IGNORECASE,
)
_AND = re.compile(r"\b(?:and|nd|n|also|plus)\b|[&+]", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")
_ITEM_WORDS = 7
_CLAUSE = re.compile(
    r"\b(?:i|i'?m|i'?ve|i'?d|my|he|she|we|they|it|it'?s|is|was|are|were|am|have|has|had|been|said|says|want\w*|"
    r"you|your)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Part:
    """A part of a message.

    Attributes:
        start, end: characters of the message.
        asks: whether it has the form of a question; else it may still be one of a list of items
            ("price, pain").
        alone: whether it is the only part of its sentence.
    """

    start: int
    end: int
    asks: bool
    alone: bool


def parts_of(text: str) -> list[Part]:
    """Returns the parts that may each be a question, in order; fewer than two where there is one at most.

    What asks nothing stands with the question after it, because it says what the question is about:
    "I have diabetes. Can I have it?" is one part.
    """
    is_list = not any(_asks_somewhere(text[start:end]) for start, end in _sentences(text))
    sentences = [_pieces(text, start, end, is_list) for start, end in _sentences(text)]
    found: list[Part] = []
    told: int | None = None
    for pieces in sentences:
        for place, piece in enumerate(pieces):
            if piece.asks or _is_listed(text, pieces, place, is_list):
                found.append(replace(piece, start=piece.start if told is None else told))
                told = None
            elif told is None:
                told = piece.start
    return found if len(found) <= MOST_PARTS else []


def _is_listed(text: str, pieces: list[Part], place: int, is_list: bool) -> bool:
    """Returns whether a piece without the form of a question may be one of several things asked for.

    So are the items of a message without any question, items after a question ("how much is it,
    and side effects"), and one that "and" joins to the question after it. Otherwise it tells something.
    """
    piece = pieces[place]
    if not _is_item(text[piece.start : piece.end]):
        return False
    if is_list or any(one.asks for one in pieces[:place]):
        return True
    after = pieces[place + 1 : place + 2]
    return bool(after) and after[0].asks and _AND.search(text, piece.end, after[0].start) is not None


def bare_question(text: str) -> str:
    """Returns the one sentence that asks, where others only tell; "" where it is not so."""
    sentences = _sentences(text)
    asking = [text[start:end] for start, end in sentences if asks(text[start:end])]
    return asking[0] if len(asking) == 1 < len(sentences) else ""


def asks(text: str) -> bool:
    """Returns whether a sentence has the form of a question, or ends as one."""
    return text.rstrip("\"')] ").endswith("?") or _has_form(text)


def _sentences(text: str) -> list[tuple[int, int]]:
    ends = [match.end() for match in _SENTENCE_END.finditer(text) if not _NO_END.search(text[: match.end()])]
    if not ends or text[ends[-1] :].strip():
        ends.append(len(text))
    starts = [0, *ends[:-1]]
    trimmed = [_trimmed(text, start, end) for start, end in zip(starts, ends, strict=True)]
    return [(start, end) for start, end in trimmed if _WORD.search(text, start, end)]


def _pieces(text: str, start: int, end: int, is_list: bool) -> list[Part]:
    """Returns a sentence cut where a new question, or a new item of a list, begins.

    Where others ask, words with a question mark are one question ("Tea or coffee, milk?").
    """
    spans = [(start, end)]
    for joint in _JOINT.finditer(text, start, end):
        begin, stop = spans[-1]
        inside = begin < joint.start() and joint.end() < stop
        before, after = text[begin : joint.start()], text[joint.end() : stop]
        if inside and _begins_anew(before, joint.group().strip(), after):
            spans[-1:] = [(begin, joint.start()), (joint.end(), stop)]
    spans = [span for span in spans if _WORD.search(_without_opening(text[slice(*span)]))]
    if len(spans) < 2:
        return [Part(start, end, asks(text[start:end]), True)]
    pieces = [Part(*span, _asks_somewhere(text[slice(*span)]), False) for span in spans]
    is_one = text[start:end].endswith("?") and not any(piece.asks for piece in pieces)
    return [Part(start, end, True, True)] if is_one and not is_list else pieces


def _begins_anew(before: str, joint: str, after: str) -> bool:
    """Returns whether a question, or an item of a list of things to be told, begins after a joint.

    Not with the other side of a choice ("is it safe or dangerous?"), nor after a condition ("if I
    am pregnant, is it safe?").
    """
    if joint == "," and _CONDITION.search(_without_opening(_after_preface(before))):
        return False
    if not (_asks_somewhere(before) or _is_item(before)):
        return False
    adds = joint in (",", "/") or _AND.search(joint) or "as" in joint.split() or "along" in joint.split()
    return asks_at_once(after) or (bool(adds) and _is_item(_JOINT.split(after, 1)[0]))


def _has_form(text: str) -> bool:
    return asks_at_once(text) or bool(_INSIDE.search(_without_opening(text)))


def _asks_somewhere(text: str) -> bool:
    """Returns whether a question stands in a text that may begin in another way."""
    return bool(_AMONG.search(text)) or any(_has_form(piece) for piece in _CLAUSE_END.split(text))


def asks_at_once(text: str) -> bool:
    """Returns whether a text begins as a question or a wish, after a greeting, "and" and the like."""
    return bool(_ASKS.search(_without_opening(text)))


def _after_preface(text: str) -> str:
    """Returns what follows a colon ("two things: how long is it")."""
    return text.rpartition(": ")[2]


def _is_item(text: str) -> bool:
    """Returns whether a text may be an item of a list, as keywords are: short, and no clause."""
    words = _WORD.findall(_without_opening(text))
    return 0 < len(words) <= _ITEM_WORDS and not _CLAUSE.search(text)


def opening(text: str) -> str:
    """Returns the words before what a text says, such as "and also", "" if there are none."""
    found = _OPENING.match(text)
    return found.group() if found else ""


def _without_opening(text: str) -> str:
    return _OPENING.sub("", text.lstrip("\"'([ "))


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    piece = text[start:end]
    left = len(piece) - len(piece.lstrip(" ,;-\u2013\u2014"))
    return start + left, start + max(left, len(piece.rstrip(" ,;-\u2013\u2014")))
