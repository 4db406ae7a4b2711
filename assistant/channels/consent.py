"""What a visitor agrees to, at the start of a conversation or later."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from assistant.channels.problem import Problem

PREFIXES = {"ephemeral": "e-", "keep": "k-"}
NOTICE = re.compile(r"[\w.:-]{0,64}", re.ASCII)
LOCALE = re.compile(r"[A-Za-z]{2,8}([-_][A-Za-z0-9]{1,8}){0,4}|", re.ASCII)


@dataclass(frozen=True)
class Consent:
    """The choices of one conversation; the defaults keep and reuse nothing.

    Attributes:
        consent: "ephemeral" or "keep".
        improve: whether the conversation may be used to improve the assistant.
        notice: version of the notice that the visitor saw, "" if not told.
        locale: the visitor's language tag (BCP 47), "" if not told.
    """

    consent: str = "ephemeral"
    improve: bool = False
    notice: str = ""
    locale: str = ""

    def new_conversation_id(self, random_hex: Callable[[int], str]) -> str:
        """Returns an id of 128 random bits whose prefix tells what may be kept."""
        return PREFIXES[self.consent] + random_hex(16)


def read_consent(fields: dict[str, Any]) -> Consent:
    """Returns the choices in a JSON object; raises Problem naming the first field that is wrong."""
    return Consent(**read_choices(fields))


def read_choices(fields: dict[str, Any]) -> dict[str, Any]:
    """Returns the fields of Consent that are given; raises Problem as `read_consent`."""
    chosen: dict[str, Any] = {
        name: fields[name] for name in ("consent", "improve", "notice", "locale") if name in fields
    }
    consent = Consent(**chosen)
    _check(consent.consent in tuple(PREFIXES), "consent", 'Send "ephemeral" or "keep".')
    _check(isinstance(consent.improve, bool), "improve", "Send true or false.")
    _check(_fits(NOTICE, consent.notice), "notice", "Send the version of the notice as a short string.")
    _check(_fits(LOCALE, consent.locale), "locale", 'Send a language tag such as "en-GB".')
    return chosen


def _fits(pattern: re.Pattern[str], value: object) -> bool:
    return isinstance(value, str) and pattern.fullmatch(value) is not None


def _check(holds: bool, field: str, detail: str) -> None:
    if not holds:
        raise Problem("bad-field", detail, field=field)
