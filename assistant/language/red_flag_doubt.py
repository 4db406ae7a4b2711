"""Whether a sentence speaks of long ago, of what somebody wrote or said in public, or only supposes.

Such words do not take back a sign: "I was 14 when I last fainted, and it happened again just now" has
one. They only mean that the words of a sign do not prove it, so that something else must speak for
danger, too (SafetyClassifier).
"""

import re
from collections.abc import Iterator, Sequence

from spacy.tokens import Doc, Span

from assistant.language.lookup_file import Part


def read_doubts(part: Part) -> tuple[re.Pattern[str], ...]:
    """Returns the patterns, which are kept under names that say what they find.

    Raises:
        ContentError: a pattern is no regular expression; the error names the line.
    """
    return tuple(
        _pattern(item, name)
        for name, items in part.mapping(optional=None).items()
        for item in items.items(name)
    )


def is_doubtful(text: str, doubts: Sequence[re.Pattern[str]]) -> bool:
    """Returns whether one of the patterns is found in the text."""
    return any(doubt.search(text) for doubt in doubts)


def without_doubtful(doc: Doc, doubts: Sequence[re.Pattern[str]]) -> Doc | None:
    """Returns the message without the sentences in which a pattern is found; None if nothing is left."""
    certain = [sentence.as_doc() for sentence in _sentences(doc) if not is_doubtful(sentence.text, doubts)]
    return Doc.from_docs(certain) if certain else None


def _sentences(doc: Doc) -> Iterator[Span]:
    start = 0
    for token in doc:
        if token.text[-1:] in ".?!,;:" or "\n" in token.text_with_ws:
            yield doc[start : token.i + 1]
            start = token.i + 1
    if start < len(doc):
        yield doc[start:]


def _pattern(item: Part, name: str) -> re.Pattern[str]:
    try:
        return re.compile(rf"(?<!\w)(?:{item.text(name)})(?!\w)", re.IGNORECASE)
    except re.error as error:
        raise item.error(f"no regular expression: {error}", name) from error
