"""Errors of the chat API as problem documents (RFC 9457).

Titles and details are for those who write a client. A client shows visitors the
numbers in `emergency` and `phone` with words of its own.
"""

from collections.abc import Mapping

TYPE_PREFIX = "urn:mesoguide:problem:"
KINDS = {
    "bad-request": (400, "The request cannot be read"),
    "bad-json": (400, "The body is not the JSON that was expected"),
    "bad-field": (400, "A field is missing or has a value that cannot be used"),
    "no-session": (401, "A valid session token is needed"),
    "origin-refused": (403, "This web origin may not use the chat"),
    "not-found": (404, "There is nothing at this path"),
    "method-not-allowed": (405, "The path does not know this method"),
    "request-timeout": (408, "The request took too long to arrive"),
    "body-too-large": (413, "The body is too large"),
    "text-too-long": (413, "The text is too long"),
    "wrong-content-type": (415, "The body must be JSON in UTF-8"),
    "expectation-failed": (417, "The expectation cannot be met"),
    "too-many-requests": (429, "Too many requests"),
    "failed": (500, "The request failed"),
    "unavailable": (503, "The server cannot answer now"),
    "turn-too-slow": (503, "The answer takes too long"),
}


class Problem(Exception):
    """A request that is refused or that failed.

    Attributes:
        kind: a key of KINDS, from which type, status and title follow.
        detail: what to do; holds nothing of the request.
        field: name of the field at fault, one of ours, empty if none is.
        headers: response headers that belong to the status.
    """

    def __init__(
        self, kind: str, detail: str, field: str = "", headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(kind)
        self.kind = kind
        self.status, self.title = KINDS[kind]
        self.detail = detail
        self.field = field
        self.headers = dict(headers or {})

    def document(self, error_fields: Mapping[str, str]) -> dict:
        """Returns the problem document with the emergency line and the clinic's phone in it."""
        members = {
            "type": TYPE_PREFIX + self.kind,
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
        }
        if self.field:
            members["field"] = self.field
        return {**members, **error_fields}


def unavailable() -> Problem:
    """Returns the problem of what cannot be read or written now."""
    return Problem("unavailable", "Try again later.", headers={"Retry-After": "5"})
