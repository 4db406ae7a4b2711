"""What a sentence for patients must and must not be."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any

from assistant.errors import ContentError
from assistant.knowledge.document import read, shorten

SENTENCE_WORDS = 25
SUBJECT_TERMS = 40

_END = re.compile(r"(?<=[.!?])\s+")
_LINK = re.compile(r"\[([^\]]*)\]\(([^)]*)\)")
_MARKUP = re.compile(r"<[a-zA-Z/!]|`|!\[|^#|\n", re.MULTILINE)


@dataclass(frozen=True)
class Wording:
    """The lists of schema/wording.yml, lower case; the file says what each is for."""

    benefit_topics: frozenset[str]
    without_next_step: frozenset[str]
    evidence_words: Mapping[str, tuple[str, ...]]
    negations: frozenset[str]
    harm_words: frozenset[str]
    banned: tuple[str, ...]
    watch_phrases: tuple[str, ...]
    frequency_words: tuple[str, ...]
    frequency_known: tuple[str, ...]
    glossary: tuple[str, ...]
    subject_terms: tuple[str, ...]

    @classmethod
    def load(cls, file: Path) -> "Wording":
        """Reads the lists; raises ContentError if one is not there, no list of text, or too long."""
        content = read(file).data
        names = [field.name for field in fields(cls) if field.name != "evidence_words"]
        try:
            evidence = {level: _phrases(items) for level, items in content["evidence_words"].items()}
            lists = {name: _phrases(content[name]) for name in names}
        except (KeyError, TypeError, AttributeError) as error:
            message = f"expected evidence_words (lists by level) and lists of text: {', '.join(names)}"
            raise ContentError(f"{message}; found {error!r}.", file) from error
        if (count := len(lists["subject_terms"])) > SUBJECT_TERMS:
            message = f"{count} subject_terms make the reading grade mean little; at most {SUBJECT_TERMS}."
            raise ContentError(message, file)
        as_sets = ("benefit_topics", "without_next_step", "negations", "harm_words")
        values: dict[str, Any] = {
            name: frozenset(items) if name in as_sets else items for name, items in lists.items()
        }
        return cls(evidence_words=MappingProxyType(evidence), **values)

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
            if watched := self._any_watching.search(sentence.lower()):
                message = f"{watched[0]!r} sounds as if somebody read the chat in {shorten(sentence)}."
                yield f"{message} Nobody does; say whom to call."
            for phrase in self._vague_in(sentence.lower()):
                message = f"{phrase!r} says nothing without a number in {shorten(sentence)}."
                yield f"{message} Give one, or say that we do not know how often."

    def unexplained(self, text: str) -> Iterator[str]:
        """Yields the glossary terms that a text uses without brackets at their first use."""
        lowered = text.lower()
        for term in self.glossary:
            found = re.search(rf"(?<![\w-]){re.escape(term)}(?:s|es)?(?![\w-])", lowered)
            if found is None:
                continue
            before, after = lowered[: found.start()].rstrip(), lowered[found.end() :].lstrip()
            in_brackets = before.rfind("(") > before.rfind(")")
            if not in_brackets and not after.startswith("("):
                yield term

    def _vague_in(self, sentence: str) -> Iterator[str]:
        for phrase in self.frequency_words:
            if re.search(rf"(?<![\w-]){re.escape(phrase)}(?![\w-])", sentence):
                known = any(re.search(rf"\b{re.escape(one)}\b", sentence) for one in self.frequency_known)
                if not known and not re.search(r"\d", sentence):
                    yield phrase

    @cached_property
    def _any_banned(self) -> re.Pattern[str]:
        return _any_of(self.banned)

    @cached_property
    def _any_watching(self) -> re.Pattern[str]:
        return _any_of(self.watch_phrases)

    def _banned_in(self, sentence: str) -> Iterator[str]:
        for found in self._any_banned.finditer(sentence):
            denied = not self.negations.isdisjoint(re.findall(r"[\w']+", sentence[: found.start()]))
            tells_harm = not self.harm_words.isdisjoint(re.findall(r"[\w']+", sentence))
            if not denied and not tells_harm:
                yield found[0]


def sentences(text: str) -> list[str]:
    """Returns the sentences of a text, cut after a full stop, question or exclamation mark."""
    return [sentence for sentence in _END.split(text.strip()) if sentence]


def word_count(text: str) -> int:
    """Returns the number of words that a reader sees; link addresses and bare signs do not count."""
    return sum(any(sign.isalnum() for sign in word) for word in _LINK.sub(r"\1", text).split())


def _any_of(phrases: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, phrases))})(?!\w)")


def _phrases(items: list[str]) -> tuple[str, ...]:
    return tuple(item.lower() for item in items)
