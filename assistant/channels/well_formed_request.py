"""Refuses requests whose end cannot be told, before Sanic reads their body."""

from typing import Any

from sanic import Request
from sanic.compat import Header
from sanic.exceptions import InvalidUsage


class WellFormedRequest(Request):
    """A request with one plain Content-Length, or in chunks, or without a body.

    Sanic 21.12 takes "-5" for a length and then reads for ever, without ever
    letting another request run. Raises InvalidUsage from the constructor, which
    Sanic answers with 400 and closes the connection.
    """

    def __init__(self, url_bytes: bytes, headers: Header, *arguments: Any, **named: Any) -> None:
        lengths = set(headers.getall("content-length", []))
        encodings = headers.getall("transfer-encoding", [])
        if len(lengths) > 1 or not all(length.isascii() and length.isdigit() for length in lengths):
            raise InvalidUsage("Bad Content-Length")
        if encodings and (lengths or [name.lower() for name in encodings] != ["chunked"]):
            raise InvalidUsage("Bad Transfer-Encoding")
        super().__init__(url_bytes, headers, *arguments, **named)
