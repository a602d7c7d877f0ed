"""timestamps: a date as the number of days since 1970, or since the middle of dates that lie close together; law: missing is NaN."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from bakeoff.data.schema import Column
from bakeoff.features.card import FeaturizerCard
from bakeoff.features.numbers import middles_of

__all__ = ["CARD", "Timestamps"]


@dataclass(frozen=True)
class Timestamps:
    """One feature per column; `middles` has place and middle of those whose dates lie close together."""

    columns: tuple[str, ...]
    middles: tuple[tuple[int, float], ...] = ()

    def fit_transform(self, frame: pd.DataFrame, _y: np.ndarray, _seed: int, _groups: np.ndarray | None = None) -> np.ndarray:
        return self.transform(frame)

    def transform(self, frame: pd.DataFrame) -> np.ndarray:
        days = [(pd.DatetimeIndex(frame[name]) - pd.Timestamp(0)) / pd.Timedelta(days=1) for name in self.columns]
        matrix = np.column_stack([np.asarray(values, dtype=np.float64) for values in days])
        for place, middle in self.middles:
            matrix[:, place] -= middle
        return matrix

    def features(self) -> tuple[tuple[str, str], ...]:
        return tuple((name, name) for name in self.columns)


def build(columns: tuple[Column, ...]) -> Timestamps:
    """The featurizer of these columns."""
    return Timestamps(tuple(c.name for c in columns), middles_of(columns))


CARD = FeaturizerCard("timestamps", ("datetime",), build, learns_from="schema")
