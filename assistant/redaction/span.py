"""What was masked in a text, and where things are in what is left."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Span:
    """A part of a text that identifies somebody: characters from `start` to before `end`, and its kind."""

    start: int
    end: int
    kind: str


@dataclass(frozen=True)
class Redacted:
    """A text in which each identifying part is a mark such as `[name]`.

    Attributes:
        text: what may be shown.
        spans: the parts of the original that are masked, in order, none touching another.
    """

    text: str
    spans: tuple[Span, ...]

    def place(self, offset: int) -> int:
        """Returns where a character of the original is now; for one inside a part, where its mark begins."""
        shift = 0
        for span in self.spans:
            if offset < span.end:
                return min(offset, span.start) + shift
            shift += len(mark(span.kind)) - (span.end - span.start)
        return offset + shift


def mark(kind: str) -> str:
    """Returns what stands in place of a part."""
    return f"[{kind}]"


def mask(text: str, found: list[Span]) -> Redacted:
    """Returns the text with the parts masked; of parts that overlap, the first in `found` names the kind."""
    rank = {id(span): place for place, span in enumerate(found)}
    spans: list[Span] = []
    ranks: list[int] = []
    for span in sorted(found, key=lambda one: (one.start, one.end)):
        if spans and span.start < spans[-1].end:
            last, best = spans[-1], min(ranks[-1], rank[id(span)])
            spans[-1] = Span(last.start, max(last.end, span.end), found[best].kind)
            ranks[-1] = best
        else:
            spans.append(span)
            ranks.append(rank[id(span)])
    parts, end = [], 0
    for span in spans:
        parts += [text[end : span.start], mark(span.kind)]
        end = span.end
    return Redacted("".join([*parts, text[end:]]), tuple(spans))
