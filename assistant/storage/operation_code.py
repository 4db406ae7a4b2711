"""Operations as lines of JSON and back."""

import json

from assistant.storage.change_operation import Choose, Erase, Rate
from assistant.storage.inbound_operation import Begin, Receive
from assistant.storage.operation import Operation
from assistant.storage.turn_operation import Commit, Start

_ALL: tuple[type[Operation], ...] = (Start, Receive, Begin, Commit, Rate, Choose, Erase)
KINDS = {one.kind: one for one in _ALL}


def from_json(line: str) -> Operation:
    """Returns the operation of one line; raises ValueError, KeyError or TypeError for any other line."""
    values = json.loads(line)
    return KINDS[values.pop("kind")](**values)
