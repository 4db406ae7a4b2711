"""Mail addresses, links and account names."""

import re
from collections.abc import Iterator

from assistant.redaction.span import Span

_AT = r"(?:\s?@\s?|\s*[(\[{]\s*at\s*[)\]}]\s*)"
_DOT = r"(?:\s?\.\s?|\s*[(\[{]\s*dot\s*[)\]}]\s*|\s+dot\s+)"
_SPOKEN_DOT = r"(?:\.|\s*[(\[{]\s*dot\s*[)\]}]\s*|\s+dot\s+)"
_MAIL = (
    re.compile(rf"[\w.+'%-]+{_AT}[\w-]+(?:{_DOT}[a-z][\w-]*)+", re.IGNORECASE),
    # spoken; a full stop with a blank behind it ends a sentence ("done at noon. May I")
    re.compile(rf"[\w.+-]+\s+at\s+[\w-]+(?:{_SPOKEN_DOT}[a-z]{{2,}})+\b", re.IGNORECASE),
    re.compile(
        r"[\w.+-]+\s*(?:@|\bat\b)\s*(?:gmail|googlemail|hotmail|yahoo|outlook|icloud|gmx|protonmail)\b\S*",
        re.I,
    ),
)
_LINK = (
    re.compile(r"\b(?:https?://|ftp://|www\.)\S+", re.IGNORECASE),
    re.compile(
        r"\b[\w-]+(?:\.[\w-]+)*\.(?:com|org|net|info|io|co|uk|de|fr|ie|nl|eu|ca|au|br|pl|app|dev|ly|gg|tv|biz"
        r"|health|clinic|online|site|shop)\b(?:/\S*)?",
        re.IGNORECASE,
    ),
    # endings that are also words need a path, or "hurts.it" after a missing blank would be one
    re.compile(r"\b[\w-]+(?:\.[\w-]+)*\.[a-z]{2,6}/\S+", re.IGNORECASE),
)
_HANDLE = (
    re.compile(r"(?<![\w.@])@[\w.]{2,}"),
    re.compile(
        r"\b(?:insta(?:gram)?|ig|snap(?:chat)?|telegram|whats\s?app|twitter|tik\s?tok|facebook|fb|skype"
        r"|discord"
        r"|linkedin|username|user name|handle|signal|threads)\b"
        r"(?:\s+(?:is|name|handle|id|account|username|me|at|on|as|under|profile))*\s*[:=]?\s*"
        r"((?=[\w.]*[\d_.])[\w.]{4,}|(?<=:\s)\w{4,}|(?<=\bis\s)\w{4,})",
        re.IGNORECASE,
    ),
)


def find_contacts(text: str) -> Iterator[Span]:
    """Yields mail addresses first, then links and account names."""
    for kind, patterns in (("email", _MAIL), ("link", _LINK), ("account", _HANDLE)):
        for pattern in patterns:
            for found in pattern.finditer(text):
                group = pattern.groups
                yield Span(found.start(group), found.end(group), kind)
