"""category_codes: a category is its place among the training rows' spellings, most frequent first; law: missing is NaN, unseen is not.

What was never seen comes after the last: where a missing value says much, to take the one for the other would be wrong.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from bakeoff.data import by_frequency
from bakeoff.data.schema import Column
from bakeoff.features._words import places_in
from bakeoff.features.card import FeaturizerCard

__all__ = ["CARD", "CategoryCodes"]


@dataclass
class CategoryCodes:
    """One feature per column, holding 0, 1, … or NaN; all unseen categories share the place after the last."""

    columns: tuple[str, ...]
    categories: tuple[tuple[str, ...], ...] = ()

    def fit_transform(self, frame: pd.DataFrame, _y: np.ndarray, _seed: int, _groups: np.ndarray | None = None) -> np.ndarray:
        self.categories = tuple(by_frequency(frame[name]) for name in self.columns)
        return self.transform(frame)

    def transform(self, frame: pd.DataFrame) -> np.ndarray:
        matrix = np.empty((len(frame), len(self.columns)))
        for place, (name, known) in enumerate(zip(self.columns, self.categories, strict=True)):
            codes = places_in(frame[name], pd.Index(known, dtype="str"))
            matrix[:, place] = np.where(codes >= 0, codes, np.where(frame[name].isna(), np.nan, len(known)))
        return matrix

    def features(self) -> tuple[tuple[str, str], ...]:
        return tuple((name, name) for name in self.columns)


def build(columns: tuple[Column, ...]) -> CategoryCodes:
    """The featurizer of these columns."""
    return CategoryCodes(tuple(c.name for c in columns))


CARD = FeaturizerCard("category_codes", ("categorical",), build, gives_codes=True)
