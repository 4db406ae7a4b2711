"""Takes what identifies a person out of a text."""

from pathlib import Path

from assistant.redaction.address import find_addresses
from assistant.redaction.contact import find_contacts
from assistant.redaction.date import find_dates
from assistant.redaction.name import NameFinder
from assistant.redaction.name_list import NameLists, load_names
from assistant.redaction.number import find_numbers
from assistant.redaction.span import Redacted, mask


class Redactor:
    """Masks mail addresses, links, account names, numbers, dates, ages above 89, addresses and names.

    It is a second barrier behind the control of who may read, and never makes a text anonymous.
    One object may be used by several threads.
    """

    def __init__(self, names: NameLists) -> None:
        """See class."""
        self._names = NameFinder(names)

    @classmethod
    def load(cls, folder: Path) -> "Redactor":
        """Reads the lists of names; raises ContentError."""
        return cls(load_names(folder))

    def redact(self, text: str) -> Redacted:
        """Returns the text with marks in place of what was found."""
        found = [
            *find_contacts(text),
            *find_dates(text),
            *find_addresses(text),
            *find_numbers(text),
            *self._names.find(text),
        ]
        return mask(text, found)
