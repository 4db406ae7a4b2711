"""Texts put together in the small part of Markdown that the widget shows."""

from collections.abc import Iterable, Sequence

from assistant.knowledge.model import Sentence


def paragraphs(texts: Iterable[str]) -> str:
    """Returns the texts as paragraphs, without the empty ones."""
    return "\n\n".join(text for text in texts if text)


def bullets(texts: Iterable[str]) -> str:
    """Returns the texts as one list."""
    return "\n".join(f"- {text}" for text in texts)


def prose(sentences: Iterable[Sentence]) -> str:
    """Returns sentences joined to paragraphs, and those marked as bullets as lists between them."""
    blocks: list[tuple[bool, list[str]]] = []
    for sentence in sentences:
        if not blocks or blocks[-1][0] != sentence.bullet:
            blocks.append((sentence.bullet, []))
        blocks[-1][1].append(sentence.text)
    return paragraphs(bullets(texts) if bullet else " ".join(texts) for bullet, texts in blocks)


def leading(sentences: Sequence[Sentence], words: int | None) -> tuple[list[Sentence], list[Sentence]]:
    """Returns the first sentences of at most so many words, and the rest; a list is not cut in two.

    The first sentence is always told; None is no limit.
    """
    count, end = 0, 0
    for place, sentence in enumerate(sentences):
        count += len(sentence.text.split())
        if words is not None and count > words and place:
            break
        end = place + 1
    while 0 < end < len(sentences) and sentences[end].bullet:
        end -= 1
    end = max(end, 1)
    return list(sentences[:end]), list(sentences[end:])
