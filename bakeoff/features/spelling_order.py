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

FEWEST = 12
"""Categories from which on an order is worth a feature."""
NUMERIC_SHARE = 0.9


@dataclass(frozen=True)
class SpellingOrder:
    """One feature per column: its number where nearly all spellings are numbers, else the place in alphabetical order; missing is NaN."""

    columns: tuple[str, ...]
    orders: tuple[tuple[str, ...], ...]
    """Per column the known spellings in order; empty where they are numbers."""

    def fit_transform(self, frame: pd.DataFrame, _y: np.ndarray, _seed: int, _groups: np.ndarray | None = None) -> np.ndarray:
        return self.transform(frame)

    def transform(self, frame: pd.DataFrame) -> np.ndarray:
        matrix = np.empty((len(frame), len(self.columns)))
        for place, (name, order) in enumerate(zip(self.columns, self.orders, strict=True)):
            matrix[:, place] = _places(frame[name], order) if order else to_numbers(frame[name])
        return np.clip(matrix, -LARGEST, LARGEST, out=matrix)

    def features(self) -> tuple[tuple[str, str], ...]:
        return tuple((f"{name}.order", name) for name in self.columns)


def _places(words: pd.Series, order: tuple[str, ...]) -> np.ndarray:
    """Places of known spellings; a new one lies between its neighbours."""
    codes, spellings = pd.factorize(words)
    places = [bisect_left(order, word) for word in spellings]
    known = [place < len(order) and order[place] == word for place, word in zip(places, spellings, strict=True)]
    return np.asarray(np.append(np.where(known, places, np.array(places) - 0.5), np.nan)[codes])


@lru_cache(maxsize=32)
def _order(categories: tuple[str, ...]) -> tuple[str, ...]:
    numbers = to_numbers(pd.Series(categories, dtype="str"))
    return () if np.mean(~np.isnan(numbers)) >= NUMERIC_SHARE else tuple(sorted(categories))


def build(columns: tuple[Column, ...]) -> SpellingOrder:
    """The featurizer of these columns."""
    return SpellingOrder(tuple(c.name for c in columns), tuple(_order(c.categories) for c in columns))


CARD = FeaturizerCard(
    "spelling_order",
    ("categorical",),
    build,
    learns_from="schema",
    takes=lambda column: len(column.categories) >= FEWEST,
    adds=True,
)
