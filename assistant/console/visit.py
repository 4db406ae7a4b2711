"""What a page is given, and what it gives back."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sanic import Request
from sqlalchemy.engine import Connection

from assistant.console.account import Operator
from assistant.console.label import Labels
from assistant.console.search_memory import SearchMemory
from assistant.console.session import Session
from assistant.knowledge.model import Knowledge
from assistant.redaction.redactor import Redactor
from assistant.settings import Settings

LARGEST = 2**62
LONGEST_FIELD = 4_000
# Of an account's name, in place of one that does not exist: what was typed there may be a password.
UNKNOWN = "unknown"


class Problem(Exception):
    """What was asked for cannot be done; nothing is written.

    Attributes:
        key: which sentence of labels.yml says why.
        status: HTTP's.
    """

    def __init__(self, key: str, status: int = 400) -> None:
        """See class."""
        super().__init__(key)
        self.key = key
        self.status = status


class Missing(Problem):
    """There is no such thing, or it is not this operator's."""

    def __init__(self) -> None:
        """See Problem."""
        super().__init__("missing", 404)


@dataclass(frozen=True)
class Parts:
    """What all pages share; `address` is where staff open the console, `intents` are all that there are."""

    settings: Settings
    address: str
    redactor: Redactor
    labels: Labels
    knowledge: Callable[[], Knowledge]
    intents: tuple[str, ...]
    searches: SearchMemory


@dataclass(frozen=True)
class Visit:
    """One request; `connection` may write where the route's method is POST."""

    request: Request
    connection: Connection
    session: Session | None
    now: float
    parts: Parts

    @property
    def operator(self) -> Operator:
        """Who is signed in; only for routes that need a session."""
        assert self.session is not None
        return self.session.operator

    def field(self, name: str, longest: int = LONGEST_FIELD) -> str:
        """Returns a field of the form without control characters and blanks around it, "" for none."""
        return _clean(str(self.request.form.get(name) or ""))[:longest]

    def raw_field(self, name: str) -> str:
        """Returns a field as it was typed, for passwords."""
        return str(self.request.form.get(name) or "")

    def form_number(self, name: str) -> int:
        """Returns a field that must be a number; raises Missing."""
        number = _number(str(self.request.form.get(name) or ""))
        if number is None:
            raise Missing
        return number

    def query(self, name: str) -> str:
        """Returns a parameter of the address, "" where it is not there."""
        return _clean(str(self.request.args.get(name) or ""))

    def queries(self, name: str) -> list[str]:
        """Returns all values of a parameter of the address."""
        return [one for one in (_clean(value) for value in self.request.args.getlist(name) or []) if one]

    def number(self, name: str) -> int | None:
        """Returns a parameter of the address as a number, None for anything else."""
        return _number(self.query(name))


@dataclass
class Reply:
    """A page, a place to go to, or a file; and what the audit says of it.

    Attributes:
        template: file in templates/, with `values`.
        location: where to go instead.
        file: name and content of a CSV file instead.
        about, detail: object and detail of the audit's row; no text of a conversation.
        result: "done", or why not.
        cookie: secret of a new session, "" to take the cookie away, None to leave it.
        actor: login for the audit where nobody is signed in.
    """

    template: str = ""
    values: dict[str, Any] = field(default_factory=dict)
    location: str = ""
    file: tuple[str, str] | None = None
    about: str = ""
    detail: dict[str, Any] = field(default_factory=dict)
    result: str = "done"
    status: int = 200
    cookie: str | None = None
    actor: str = ""


def _clean(text: str) -> str:
    return "".join(one for one in text.replace("\r\n", "\n") if one.isprintable() or one in "\n\t").strip()


def _number(text: str) -> int | None:
    if not (text.isascii() and text.isdigit() and len(text) < 20):
        return None
    number = int(text)
    return number if number < LARGEST else None
