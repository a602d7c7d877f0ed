"""numbers: numeric and boolean columns as they are, missing as NaN; law: nothing is learned, no value leaves as infinite.

Those far from 0 for their spread, such as seconds since 1970, come as distances from the middle that the schema tells: in single precision,
which trees compare in, 100 of them would be one.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from bakeoff.data.schema import Column
from bakeoff.features.card import FeaturizerCard

__all__ = ["CARD", "Numbers", "middles_of"]

LARGEST = 1e37
"""Larger values are cut here: float32, which trees compare in, ends at 3.4e38."""


@dataclass(frozen=True)
class Numbers:
    """One feature per column, from those of `middles` (places and values) their middle taken away."""

    columns: tuple[str, ...]
    middles: tuple[tuple[int, float], ...] = ()

    def fit_transform(self, frame: pd.DataFrame, _y: np.ndarray, _seed: int, _groups: np.ndarray | None = None) -> np.ndarray:
        return self.transform(frame)

    def transform(self, frame: pd.DataFrame) -> np.ndarray:
        values = frame[list(self.columns)].to_numpy(dtype=np.float64, copy=True)
        values[np.isinf(values)] = np.nan
        for place, middle in self.middles:
            values[:, place] -= middle
        return np.clip(values, -LARGEST, LARGEST, out=values)

    def features(self) -> tuple[tuple[str, str], ...]:
        return tuple((name, name) for name in self.columns)


def middles_of(columns: tuple[Column, ...]) -> tuple[tuple[int, float], ...]:
    """Place and middle of each of the columns that lies far from 0."""
    return tuple((place, column.middle) for place, column in enumerate(columns) if column.middle)


def build(columns: tuple[Column, ...]) -> Numbers:
    """The featurizer of these columns."""
    return Numbers(tuple(c.name for c in columns), middles_of(columns))


CARD = FeaturizerCard("numbers", ("numeric", "boolean"), build, learns_from="schema")
