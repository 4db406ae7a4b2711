"""What a sentence for patients must and must not be."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from assistant.errors import ContentError
from assistant.knowledge.document import read, shorten

SENTENCE_WORDS = 25

_END = re.compile(r"(?<=[.!?])\s+")
_LINK = re.compile(r"\[([^\]]*)\]\(([^)]*)\)")
_MARKUP = re.compile(r"<[a-zA-Z/!]|`|!\[|^#|\n", re.MULTILINE)


@dataclass(frozen=True)
class Wording:
    """The phrase lists of schema/wording.yml, lower case."""

    evidence_words: Mapping[str, tuple[str, ...]]
    negations: frozenset[str]
    banned: tuple[str, ...]

    @classmethod
    def load(cls, file: Path) -> "Wording":
        """Reads the lists; raises ContentError if one is not there or not a list of text."""
        content = read(file).data
        try:
            evidence = {level: _phrases(items) for level, items in content["evidence_words"].items()}
            negations, banned = _phrases(content["negations"]), _phrases(content["banned"])
        except (KeyError, TypeError, AttributeError) as error:
            message = "expected evidence_words (lists by level), negations and banned (lists of text)"
            raise ContentError(f"{message}: {error!r}.", file) from error
        return cls(MappingProxyType(evidence), frozenset(negations), banned)

    def fits(self, level: str, words: str) -> bool:
        """Returns whether the words shown for an evidence level hold one of its phrases."""
        phrases = self.evidence_words.get(level, ())
        return not phrases or any(phrase in words.lower() for phrase in phrases)

    def problems(self, text: str) -> Iterator[str]:
        """Yields what is wrong with a text for patients, each as a sentence."""
        if found := _MARKUP.search(text):
            yield f"{shorten(text)} holds {found[0]!r}. Only **bold** and [links](https://…) are shown."
        for title, url in _LINK.findall(text):
            if not re.match(r"(https://|mailto:|tel:|\{)", url):
                yield f"the link {title!r} goes to {url!r}; it must begin with https://, mailto: or tel:."
        for sentence in sentences(text):
            if (count := word_count(sentence)) > SENTENCE_WORDS:
                yield f"{shorten(sentence)} has {count} words; at most {SENTENCE_WORDS}. Split it."
            for phrase in self._banned_in(sentence.lower()):
                yield f"{phrase!r} sells or scares in {shorten(sentence)}. Say what is known instead."

    def _banned_in(self, sentence: str) -> Iterator[str]:
        for phrase in self.banned:
            found = re.search(rf"(?<!\w){re.escape(phrase)}(?!\w)", sentence)
            if found and self.negations.isdisjoint(re.findall(r"[\w']+", sentence[: found.start()])):
                yield phrase


def sentences(text: str) -> list[str]:
    """Returns the sentences of a text, cut after a full stop, question or exclamation mark."""
    return [sentence for sentence in _END.split(text.strip()) if sentence]


def word_count(text: str) -> int:
    """Returns the number of words that a reader sees; link addresses and bare signs do not count."""
    return sum(any(sign.isalnum() for sign in word) for word in _LINK.sub(r"\1", text).split())


def _phrases(items: list[str]) -> tuple[str, ...]:
    return tuple(item.lower() for item in items)
