"""Figures and the statistics they come from."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Figure:
    """One measured figure.

    Attributes:
        value: median over the rounds, or the figure of one round.
        low: lowest round.
        high: highest round.
        n: number of measurements behind it, over all rounds.
    """

    value: float
    low: float
    high: float
    n: int


def single(value: float, n: int = 1) -> Figure:
    """The figure of one round, from `n` measurements."""
    return Figure(value, value, value, n)


def combine(rounds: Sequence[Mapping[str, Figure]]) -> dict[str, Figure]:
    """The median, range and count of each figure over the rounds in which it was measured."""
    names = list(dict.fromkeys(name for figures in rounds for name in figures))
    return {name: _combined([figures[name] for figures in rounds if name in figures]) for name in names}


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least `share` (0–1) of the values do not exceed (nearest rank).

    Raises ValueError when there are no values.
    """
    if not values:
        raise ValueError("there are no values")
    return sorted(values)[max(math.ceil(share * len(values)), 1) - 1]


def turn_window(mark: int, texts: int) -> range:
    """The turns, counted from 1, whose times stand for turn `mark`; as many on either side.

    Late marks take one turn for each of the texts, so that each text counts
    once. Early ones take ten turns, and more conversations.
    """
    half = 5 if mark < texts else texts // 2
    return range(mark - half + 1, mark + half + 1)


def _combined(figures: Sequence[Figure]) -> Figure:
    return Figure(
        value=median(figure.value for figure in figures),
        low=min(figure.low for figure in figures),
        high=max(figure.high for figure in figures),
        n=sum(figure.n for figure in figures),
    )
