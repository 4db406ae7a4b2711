"""Reads JSON without the liberties that Python's reader takes."""

import json
from collections.abc import Mapping
from typing import Any, NoReturn

from assistant.channels.problem import Problem


def read_object(body: bytes) -> dict[str, Any]:
    """Returns the JSON object in `body`.

    Raises Problem when the bytes are not UTF-8, not JSON (NaN and Infinity are
    not), not an object, nested too deep, or name a member twice, since two
    readers may then see two different messages.
    """
    try:
        value = json.loads(body.decode("utf-8"), parse_constant=_refuse_constant, object_pairs_hook=_unique)
    except UnicodeDecodeError as error:
        raise Problem("bad-json", "Send the body in UTF-8.") from error
    except ValueError as error:
        raise Problem("bad-json", "Send valid JSON, each member of an object once.") from error
    except RecursionError as error:
        raise Problem("bad-json", "Send JSON that is not nested so deep.") from error
    if not isinstance(value, dict):
        raise Problem("bad-json", "Send a JSON object.")
    return value


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise ValueError("a member is named twice")
    return members


def read_json(headers: Mapping[str, str], body: bytes) -> dict[str, Any]:
    """Returns the JSON object of a request; raises Problem as `read_object`, or for another content type."""
    content_type, _, parameters = headers.get("content-type", "").lower().partition(";")
    charset = parameters.partition("charset=")[2].strip(' "')
    if body and (
        content_type.strip() != "application/json"
        or charset not in ("", "utf-8", "utf8")
        or headers.get("content-encoding", "identity").lower() != "identity"
    ):
        raise Problem("wrong-content-type", "Send Content-Type: application/json, in UTF-8, not compressed.")
    return read_object(body)
