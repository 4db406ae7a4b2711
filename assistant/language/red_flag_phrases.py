"""Named lists of phrases, and finding them in a message.

A phrase is written as plain words. `{name}` stands for any phrase of that list, `_` for up to two
words, `swell*` for any word with that beginning, `<38-43>` for a number in that range, `$` for the
end of a clause. Words are compared with the words of the message and with their lemmas.
"""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from assistant.language.red_flag_reading import Reading
from assistant.language.red_flag_spans import Span

GAP = "_"
END = "$"
LONGEST_GAP = 2
# Not "10k" or "3rd", which begin with a figure too.
NUMBER = re.compile(r"[0-9]+([.,][0-9]+)?")
CACHED_WORDS = 20_000
# A clause is also over before these words.
AFTER_CLAUSE = frozenset(
    (
        "and",
        "but",
        "since",
        "after",
        "because",
        "now",
        "anymore",
        "help",
        "is",
        "should",
        "i",
        "what",
        "thanks",
    )
)

_RANGE = re.compile(r"<(\d+(?:\.\d+)?)-(\d+(?:\.\d+)?)>")
_SYMBOL = re.compile(r"\{[a-z_]+\}|<\d+(?:\.\d+)?-\d+(?:\.\d+)?>|[^\W_]+\*?|_|\$")


@dataclass(frozen=True)
class Phrase:
    """A phrase of a list as its symbols; a list's symbol is its name in braces."""

    list_symbol: str
    symbols: tuple[str, ...]


@dataclass
class _Node:
    """A place in the tree of phrases: what may follow, and the lists that have a phrase ending here."""

    children: dict[str, "_Node"] = field(default_factory=dict)
    lists: list[str] = field(default_factory=list)


class PhraseError(ValueError):
    """A phrase or list is not as it must be; `name` is the list."""

    def __init__(self, name: str, message: str):
        super().__init__(message)
        self.name = name


class Phrasebook:
    """Finds the phrases of many lists at once; the work grows with the message, not with the lists."""

    def __init__(self, lists: Mapping[str, Sequence[str]], never_in_gap: Sequence[str] = ()):
        """Compile the lists by name; words in `never_in_gap` are not passed over by a `_`.

        Raises:
            PhraseError: a phrase is malformed, names an unknown list, or lists name each other in a ring.
        """
        phrases = [
            Phrase(symbol_of(name), parse(name, text)) for name, texts in lists.items() for text in texts
        ]
        self._never_in_gap = frozenset(never_in_gap)
        self._layers = _layers(lists, phrases)
        symbols = {symbol for phrase in phrases for symbol in phrase.symbols}
        self._words = frozenset(symbol for symbol in symbols if symbol[0] not in "{<_$" and symbol[-1] != "*")
        self._beginnings: dict[str, list[str]] = defaultdict(list)
        for symbol in symbols:
            if symbol.endswith("*"):
                self._beginnings[symbol[:2].rstrip("*")].append(symbol[:-1])
        self._ranges = [(symbol, *_bounds(symbol)) for symbol in symbols if symbol[0] == "<"]
        self._cache: dict[tuple[str, str], tuple[str, ...]] = {}

    def knows(self, word: str) -> bool:
        """Return whether any phrase has the word, as it stands or by its beginning."""
        return bool(self._symbols_of(word))

    def find(self, reading: Reading) -> dict[str, list[Span]]:
        """Return the places of each list that occurs, by the list's name, in order of their start."""
        chart = self._chart(reading)
        found: dict[str, list[Span]] = defaultdict(list)
        for start, symbols in enumerate(chart):
            for symbol, ends in symbols.items():
                if symbol[0] == "{":
                    found[symbol[1:-1]].extend(Span(start, end) for end in ends)
        return found

    def _chart(self, reading: Reading) -> list[dict[str, set[int]]]:
        """Return, for each place, the ends of every symbol that starts there."""
        chart: list[dict[str, set[int]]] = [
            {symbol: {place + 1} for symbol in self._word_symbols(word, lemma)}
            for place, (word, lemma) in enumerate(zip(reading.words, reading.lemmas, strict=True))
        ]
        for root in self._layers:
            for start, symbols in enumerate(chart):
                found: list[tuple[str, int]] = []
                self._follow(root, start, start, chart, reading, found)
                for symbol, end in found:
                    symbols.setdefault(symbol, set()).add(end)
        return chart

    def _follow(
        self,
        node: "_Node",
        place: int,
        start: int,
        chart: list[dict[str, set[int]]],
        reading: Reading,
        found: list[tuple[str, int]],
    ) -> None:
        """Add the lists, with their ends, that the tree under `node` finds from `place` on."""
        found.extend((symbol, place) for symbol in node.lists)
        if GAP in node.children:
            self._pass_over(node.children[GAP], place, start, chart, reading, found)
        if END in node.children and self._clause_ends(place, reading):
            self._follow(node.children[END], place, start, chart, reading, found)
        if place < len(chart) and (place == start or not reading.breaks[place]):
            here = chart[place]
            for symbol in here.keys() & node.children.keys():
                for end in here[symbol]:
                    self._follow(node.children[symbol], end, start, chart, reading, found)

    def _pass_over(
        self,
        node: "_Node",
        place: int,
        start: int,
        chart: list[dict[str, set[int]]],
        reading: Reading,
        found: list[tuple[str, int]],
    ) -> None:
        self._follow(node, place, start, chart, reading, found)
        for passed in range(place, min(place + LONGEST_GAP, len(chart))):
            if reading.breaks[passed] or reading.words[passed] in self._never_in_gap:
                return
            self._follow(node, passed + 1, start, chart, reading, found)

    def _clause_ends(self, place: int, reading: Reading) -> bool:
        return (
            place == len(reading.words) or reading.breaks[place] > 0 or reading.words[place] in AFTER_CLAUSE
        )

    def _word_symbols(self, word: str, lemma: str) -> tuple[str, ...]:
        known = self._cache.get((word, lemma))
        if known is None:
            if len(self._cache) >= CACHED_WORDS:
                self._cache.clear()
            # Only where the word itself means nothing: the lemma "have" must not turn "had" into now.
            known = self._cache[word, lemma] = tuple(self._symbols_of(word) or self._symbols_of(lemma))
        return known

    def _symbols_of(self, word: str) -> set[str]:
        symbols = {word} & self._words
        for beginning in self._beginnings.get(word[:2], []):
            if word.startswith(beginning):
                symbols.add(beginning + "*")
        if NUMBER.fullmatch(word):
            value = float(word.replace(",", "."))
            symbols.update(symbol for symbol, low, high in self._ranges if low <= value <= high)
        return symbols


def symbol_of(name: str) -> str:
    """Return how a phrase refers to the list of this name."""
    return "{" + name + "}"


def parse(name: str, text: str) -> tuple[str, ...]:
    """Return the symbols of one phrase of the list `name`.

    Raises:
        PhraseError: there is a character that means nothing, or a gap at an end.
    """
    symbols = tuple(text.lower().split())
    for symbol in symbols:
        if not _SYMBOL.fullmatch(symbol):
            raise PhraseError(
                name, f"cannot read {symbol!r} in the phrase {text!r}; write words without apostrophes"
            )
        if symbol.endswith("*") and len(symbol) < 4:
            raise PhraseError(
                name, f"the beginning {symbol!r} in {text!r} is too short; give three letters or more"
            )
    if not symbols or GAP in (symbols[0], symbols[-1]):
        raise PhraseError(name, f"the phrase {text!r} is empty or has its gap at an end")
    return symbols


def _layers(lists: Mapping[str, Sequence[str]], phrases: list[Phrase]) -> list[_Node]:
    """Return the phrases as trees, in layers: a layer uses only lists of the layers before it."""
    needs: dict[str, set[str]] = {symbol_of(name): set() for name in lists}
    for phrase in phrases:
        for symbol in phrase.symbols:
            if symbol[0] == "{" and symbol not in needs:
                raise PhraseError(phrase.list_symbol[1:-1], f"there is no list {symbol!r}")
            if symbol[0] == "{":
                needs[phrase.list_symbol].add(symbol)
    layers: list[_Node] = []
    done: set[str] = set()
    while len(done) < len(needs):
        ready = {name for name, needed in needs.items() if name not in done and needed <= done}
        if not ready:
            ring = sorted(name for name in needs if name not in done)
            raise PhraseError(ring[0][1:-1], f"lists name each other in a ring: {', '.join(ring)}")
        layers.append(_tree([phrase for phrase in phrases if phrase.list_symbol in ready]))
        done |= ready
    return layers


def _tree(phrases: list[Phrase]) -> _Node:
    root = _Node()
    for phrase in phrases:
        node = root
        for symbol in phrase.symbols:
            node = node.children.setdefault(symbol, _Node())
        if phrase.list_symbol not in node.lists:
            node.lists.append(phrase.list_symbol)
    return root


def _bounds(symbol: str) -> tuple[float, float]:
    match = _RANGE.fullmatch(symbol)
    assert match is not None
    return float(match.group(1)), float(match.group(2))
