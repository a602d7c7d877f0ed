"""spelling_order: a code's place in the order of all codes; law: what begins alike stands together, also what was never seen.

Postal codes, product numbers and the like carry their meaning from left to right: a tree that splits this order splits by prefix.
"""

from bisect import bisect_left
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd

from bakeoff.data.parsing import to_numbers
from bakeoff.data.schema import Column
from bakeoff.features.card import FeaturizerCard
from bakeoff.features.numbers import LARGEST

__all__ = ["CARD", "SpellingOrder"]

EXACT = 2.0**24
"""Whole numbers that single precision tells apart; of longer ones, such as those under bars, the place among all is the feature."""
FEWEST = 12
"""Categories from which on an order is worth a feature."""
NUMERIC_SHARE = 0.9


@dataclass(frozen=True)
class SpellingOrder:
    """One feature per column: its number, or a long number's place, where nearly all spellings are numbers, else the place in alphabetical
    order; missing is NaN."""

    columns: tuple[str, ...]
    orders: tuple[tuple[str, ...], ...]
    """Per column the known spellings in order; empty where they are numbers."""
    numbers: tuple[tuple[float, ...], ...] = ()
    """Per column the known numbers in order; empty where no place is asked for. () of predictors from before 28 November 2026."""

    def fit_transform(self, frame: pd.DataFrame, _y: np.ndarray, _seed: int, _groups: np.ndarray | None = None) -> np.ndarray:
        return self.transform(frame)

    def transform(self, frame: pd.DataFrame) -> np.ndarray:
        matrix = np.empty((len(frame), len(self.columns)))
        numbers = self.numbers or ((),) * len(self.columns)
        for place, (name, order, known) in enumerate(zip(self.columns, self.orders, numbers, strict=True)):
            matrix[:, place] = _places(frame[name], order) if order else _near(to_numbers(frame[name]), known)
        return np.clip(matrix, -LARGEST, LARGEST, out=matrix)

    def features(self) -> tuple[tuple[str, str], ...]:
        return tuple((f"{name}.order", name) for name in self.columns)


def _places(words: pd.Series, order: tuple[str, ...]) -> np.ndarray:
    """Places of known spellings; a new one lies between its neighbours."""
    codes, spellings = pd.factorize(words)
    places = [bisect_left(order, word) for word in spellings]
    known = [place < len(order) and order[place] == word for place, word in zip(places, spellings, strict=True)]
    return np.asarray(np.append(np.where(known, places, np.array(places) - 0.5), np.nan)[codes])


def _near(numbers: np.ndarray, known: tuple[float, ...]) -> np.ndarray:
    """Numbers as they are, or their places among the known ones; a new one lies between its neighbours."""
    if not known:
        return numbers
    places = np.searchsorted(known, numbers)
    there = np.asarray(known)[np.minimum(places, len(known) - 1)] == numbers
    return np.where(np.isnan(numbers), np.nan, np.where(there, places, places - 0.5))


@lru_cache(maxsize=1 << 14)  # asked for the columns of a table in turn, it knows none of them where they are more than it holds
def _order(categories: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[float, ...]]:
    """The spellings in order, or the numbers, or neither where the numbers themselves are the feature."""
    numbers = to_numbers(pd.Series(categories, dtype="str"))
    known = numbers[~np.isnan(numbers)]
    if len(known) < NUMERIC_SHARE * len(numbers):
        return tuple(sorted(categories)), ()
    return (), tuple(np.unique(known).tolist()) if np.abs(known).max() > EXACT else ()


def build(columns: tuple[Column, ...]) -> SpellingOrder:
    """The featurizer of these columns."""
    orders, numbers = zip(*(_order(c.categories) for c in columns), strict=True)
    return SpellingOrder(tuple(c.name for c in columns), orders, numbers)


CARD = FeaturizerCard(
    "spelling_order",
    ("categorical",),
    build,
    learns_from="schema",
    takes=lambda column: len(column.categories) >= FEWEST,
    adds=True,
)
