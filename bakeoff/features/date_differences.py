"""date_differences: days from one date to another; law: nothing is learned, missing is NaN."""

from dataclasses import dataclass
from itertools import combinations, islice

import numpy as np
import pandas as pd

from bakeoff.data.schema import Column
from bakeoff.features.card import FeaturizerCard

__all__ = ["CARD", "DateDifferences"]

MOST_PAIRS = 15


@dataclass(frozen=True)
class DateDifferences:
    """One feature per pair of columns, of the first 15 pairs; none where there is one column."""

    pairs: tuple[tuple[str, str], ...]

    def fit_transform(self, frame: pd.DataFrame, _y: np.ndarray, _seed: int, _groups: np.ndarray | None = None) -> np.ndarray:
        return self.transform(frame)

    def transform(self, frame: pd.DataFrame) -> np.ndarray:
        matrix = np.empty((len(frame), len(self.pairs)))
        for place, (start, end) in enumerate(self.pairs):
            matrix[:, place] = _days(frame[end]) - _days(frame[start])
        return matrix

    def features(self) -> tuple[tuple[str, ...], ...]:
        return tuple((f"{start}.days_to_{end}", start, end) for start, end in self.pairs)


def _days(dates: pd.Series) -> np.ndarray:
    """Days since 1970: dates far apart can be subtracted so, as dates they cannot."""
    return np.asarray((dates - pd.Timestamp(0)) / pd.Timedelta(days=1), dtype=np.float64)


def build(columns: tuple[Column, ...]) -> DateDifferences:
    """The featurizer of these columns."""
    return DateDifferences(tuple(islice(combinations((c.name for c in columns), 2), MOST_PAIRS)))


CARD = FeaturizerCard("date_differences", ("datetime",), build, learns_from="schema", adds=True)
