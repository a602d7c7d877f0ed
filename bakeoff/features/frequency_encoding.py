"""frequency_encoding: a category as the share of the training rows that have it; law: an unseen one has 0, a missing one that of missing.

Which rank it has by that, category_ranks tells; the share tells how much more frequent.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from bakeoff.data.schema import Column
from bakeoff.features._words import places_in
from bakeoff.features.card import FeaturizerCard

__all__ = ["CARD", "FrequencyEncoding"]


@dataclass
class FrequencyEncoding:
    """One feature per column, from 0 to 1."""

    columns: tuple[str, ...]
    shares: tuple[pd.Series, ...] = ()
    """Per column the share of each category, NaN among the index where training rows miss some."""

    def fit_transform(self, frame: pd.DataFrame, _y: np.ndarray, _seed: int, _groups: np.ndarray | None = None) -> np.ndarray:
        self.shares = tuple(frame[name].value_counts(normalize=True, sort=False, dropna=False) for name in self.columns)
        return self.transform(frame)

    def transform(self, frame: pd.DataFrame) -> np.ndarray:
        matrix = np.zeros((len(frame), len(self.columns)))
        for place, (name, shares) in enumerate(zip(self.columns, self.shares, strict=True)):
            known = places_in(frame[name], shares.index)
            matrix[:, place] = np.where(known >= 0, shares.to_numpy()[known], 0.0)
        return matrix

    def features(self) -> tuple[tuple[str, str], ...]:
        return tuple((f"{name}.share_of_rows", name) for name in self.columns)


def build(columns: tuple[Column, ...]) -> FrequencyEncoding:
    """The featurizer of these columns."""
    return FrequencyEncoding(tuple(c.name for c in columns))


CARD = FeaturizerCard("frequency_encoding", ("categorical",), build, adds=True)
