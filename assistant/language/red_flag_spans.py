"""Stretches of words, and questions about many of them that are answered in constant time.

A message of 16,000 characters must not take seconds, so nothing here walks over all pairs.
"""

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import accumulate


@dataclass(frozen=True)
class Span:
    """Words from `start` up to, not including, `end`."""

    start: int
    end: int


class SpanIndex:
    """The spans of one kind in one message."""

    def __init__(self, spans: Iterable[Span], size: int):
        """Index the spans of a message of `size` words."""
        self.spans = sorted(spans, key=lambda span: (span.start, span.end))
        self._starts = [span.start for span in self.spans]
        if not self.spans:
            self._reach, self._nearest = [0] * (size + 1), [size + 1] * (size + 1)
            return
        longest = [0] * (size + 1)
        shortest = [size + 1] * (size + 1)
        for span in self.spans:
            longest[span.start] = max(longest[span.start], span.end)
            shortest[span.start] = min(shortest[span.start], span.end)
        # The farthest end of what starts at or before a place; the nearest of what starts at or after it.
        self._reach = list(accumulate(longest, max))
        self._nearest = list(accumulate(reversed(shortest), min))[::-1]

    def __bool__(self) -> bool:
        return bool(self.spans)

    def starts(self) -> set[int]:
        """Return the places where a span starts."""
        return set(self._starts)

    def starting(self, start: int, end: int) -> list[Span]:
        """Return the spans that start from `start` up to, not including, `end`."""
        return self.spans[bisect_left(self._starts, start) : bisect_left(self._starts, end)]

    def holds(self, place: int) -> bool:
        """Return whether a span has the word at this place."""
        return self._reach[place] > place

    def runs_over(self, place: int) -> bool:
        """Return whether a span that started before this place has its word."""
        return place > 0 and self._reach[place - 1] > place

    def covers(self, inner: Span) -> bool:
        """Return whether one span has all words of the inner one."""
        return self._reach[inner.start] >= inner.end

    def overlaps(self, other: Span) -> bool:
        """Return whether a span shares a word with the other one."""
        return self._reach[other.end - 1] > other.start

    def any_in(self, region: Span) -> bool:
        """Return whether a whole span lies in the region."""
        return self._nearest[region.start] <= region.end
