"""Names of persons, by lists and by the words around them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from assistant.redaction.fold import fold
from assistant.redaction.name_list import NameLists
from assistant.redaction.name_word import (
    BEFORE_MONTH,
    DISEASE,
    HERE,
    INTRODUCTION,
    MENTION,
    MONTHS,
    STOP,
    TITLE,
)
from assistant.redaction.span import Span

_WORD = re.compile(r"[^\W\d_]+(?:['’\-][^\W\d_]+)*")
_POSSESSIVE = re.compile(r"['’]s?\Z", re.IGNORECASE)
_BETWEEN = re.compile(r"\.?[ \t]{1,2}\Z")
_VERB = re.compile(r"[a-z]{3,}(?:ed|ing|ly)\Z")
_PARTICLE_WORDS = "de del della di da dos la le el al van von der den ten bin ibn ben o mac mc st san abu"
_PARTICLES = frozenset(_PARTICLE_WORDS.split())
_MOST_WORDS = 4


@dataclass(frozen=True)
class _Token:
    """A word: where it is, how it is folded, and whether it has a capital that its place does not explain."""

    start: int
    end: int
    text: str
    folded: str
    is_capital: bool
    begins_sentence: bool


class NameFinder:
    """Finds names; one object may be used by several threads."""

    def __init__(self, lists: NameLists) -> None:
        """See class."""
        self._lists = lists

    def find(self, text: str) -> Iterator[Span]:
        """Yields the names: each a row of words."""
        tokens = _tokens(text)
        places = {token.start: index for index, token in enumerate(tokens)}
        for pattern, is_enough in (
            (INTRODUCTION, _can_be_name),
            (TITLE, self._follows_title),
            (MENTION, self._looks),
        ):
            for found in pattern.finditer(text):
                first = places.get(found.end())
                if first is None or self._is_disease(text, tokens, first):
                    continue
                if is_enough(tokens[first]) or (
                    pattern is MENTION and self._has_family_name(text, tokens, first)
                ):
                    yield self._whole(text, tokens, first, pattern is INTRODUCTION)
        for found in HERE.finditer(text):
            if _can_be_name(tokens[places[found.start(1)]]):
                yield Span(found.start(1), found.end(1), "name")
        for index, token in enumerate(tokens):
            if self._is_name(text, tokens, index) and not self._is_disease(text, tokens, index):
                start = self._first_of(text, tokens, index)
                span = self._whole(text, tokens, index, False)
                yield Span(tokens[start].start, max(span.end, token.end), "name")

    def _is_name(self, text: str, tokens: list[_Token], index: int) -> bool:
        """Returns whether a word is a name wherever it stands."""
        token, lists = tokens[index], self._lists
        if token.folded in lists.never or token.folded in lists.eponyms:
            return False
        if self._any_part(token, lists.given):
            return True
        follower = tokens[index + 1] if index + 1 < len(tokens) else None
        joined = follower is not None and _is_joined(text, token, follower)
        if token.folded in lists.words:
            if joined and follower is not None and self._is_known(follower):
                return True
            before = tokens[index - 1].folded if index else ""
            return token.is_capital and not (
                token.folded in MONTHS and (before in BEFORE_MONTH or not before)
            )
        if self._any_part(token, lists.surnames):
            return token.is_capital or (
                token.begins_sentence and joined and bool(follower and follower.is_capital)
            )
        return False

    def _whole(self, text: str, tokens: list[_Token], first: int, is_introduced: bool) -> Span:
        """Returns the name that begins with a word: given names, initials, particles, family names."""
        last = first
        for index in range(first + 1, min(first + _MOST_WORDS, len(tokens))):
            token = tokens[index]
            if not _is_joined(text, tokens[index - 1], token) or _POSSESSIVE.search(tokens[index - 1].text):
                break
            if token.folded in _PARTICLES and index + 1 < len(tokens) and token.folded not in STOP:
                continue
            if token.folded in STOP or token.folded in self._lists.never:
                break
            known = self._is_known(token)
            # the second word of an introduction is a family name, however it is written
            told = is_introduced and index == first + 1 and _can_be_name(token)
            if not (known or token.is_capital or told or (len(token.text) == 1 and token.text.isupper())):
                break
            last = index
        return Span(tokens[first].start, tokens[last].end, "name")

    def _first_of(self, text: str, tokens: list[_Token], index: int) -> int:
        """Returns where a name begins whose later word is known: at an initial or unknown given name."""
        if index and _is_joined(text, tokens[index - 1], tokens[index]):
            before = tokens[index - 1]
            is_initial = len(before.text) == 1 and before.text.isupper() and before.text != "I"
            is_free = (
                before.folded not in STOP
                and before.folded not in self._lists.never
                and not TITLE.match(before.text + " ")
            )
            if is_initial or (before.is_capital and tokens[index].is_capital and is_free):
                return index - 1
        return index

    def _looks(self, token: _Token) -> bool:
        lists = self._lists
        if token.folded in STOP or token.folded in lists.never or token.folded in lists.eponyms:
            return False
        if self._any_part(token, lists.given):
            return True
        return token.is_capital and (token.folded in lists.words or self._any_part(token, lists.surnames))

    def _has_family_name(self, text: str, tokens: list[_Token], first: int) -> bool:
        """Returns whether a word that no list knows has a family name behind it ("it is fatou diallo")."""
        if first + 1 >= len(tokens) or not _can_be_name(tokens[first]) or _VERB.match(tokens[first].folded):
            return False
        return _is_joined(text, tokens[first], tokens[first + 1]) and self._is_known(tokens[first + 1])

    def _is_known(self, token: _Token) -> bool:
        return self._any_part(token, self._lists.surnames) or self._any_part(token, self._lists.given)

    def _follows_title(self, token: _Token) -> bool:
        return _can_be_name(token) and (token.is_capital or not _VERB.match(token.folded))

    def _any_part(self, token: _Token, names: frozenset[str]) -> bool:
        if token.folded in names:
            return True
        return any(len(part) > 2 and part in names for part in re.split(r"['’\-]", token.folded)[:2])

    def _is_disease(self, text: str, tokens: list[_Token], index: int) -> bool:
        """Returns whether a disease has this name: "Still's disease", "syndrome of Turner"."""
        for follower in tokens[index + 1 : index + 4]:
            if (
                "." in text[tokens[index].end : follower.start]
                or "," in text[tokens[index].end : follower.start]
            ):
                break
            if DISEASE.match(follower.text):
                return True
        before = [token.text for token in tokens[max(0, index - 2) : index]]
        return len(before) == 2 and before[1].lower() == "of" and bool(DISEASE.match(before[0]))


def _tokens(text: str) -> list[_Token]:
    found = list(_WORD.finditer(text))
    letters = [one.group() for one in found if len(one.group()) > 1]
    # in a text of capitals, or with a capital on each word, they tell nothing
    says_nothing = (
        bool(letters)
        and sum(one[0].isupper() for one in letters) > max(1, 0.7 * len(letters))
        and len(letters) > 4
    )
    tokens = []
    for one in found:
        word = _POSSESSIVE.sub("", one.group())
        before = text[: one.start()].rstrip(" \t\"'“”‘(")
        begins = not before or before[-1] in ".!?\n:"
        capital = (
            word[:1].isupper() and not (len(word) > 4 and word.isupper()) and not begins and not says_nothing
        )
        tokens.append(_Token(one.start(), one.start() + len(word), one.group(), fold(word), capital, begins))
    return tokens


def _is_joined(text: str, one: _Token, other: _Token) -> bool:
    return bool(_BETWEEN.match(text[one.end : other.start]))


def _can_be_name(token: _Token) -> bool:
    return token.folded not in STOP and not DISEASE.match(token.text)
