"""date_parts: a date as elapsed days and the parts of the calendar that things depend on; law: nothing is learned, missing is NaN."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from bakeoff.data.schema import Column
from bakeoff.features.card import FeaturizerCard
from bakeoff.features.numbers import middles_of

__all__ = ["CARD", "DateParts"]

PARTS = ("days", "year", "month", "day", "weekday", "day_of_year", "hour")


@dataclass(frozen=True)
class DateParts:
    """Seven features per column; `days` counts from 1970 with the time of day as fraction, `hour` has minutes as fraction.

    Of dates that lie close together `days` counts from their middle, of which `middles` has place and value.
    """

    columns: tuple[str, ...]
    middles: tuple[tuple[int, float], ...] = ()

    def fit_transform(self, frame: pd.DataFrame, _y: np.ndarray, _seed: int, _groups: np.ndarray | None = None) -> np.ndarray:
        return self.transform(frame)

    def transform(self, frame: pd.DataFrame) -> np.ndarray:
        blocks = [_parts(pd.DatetimeIndex(frame[name])) for name in self.columns]
        for place, middle in self.middles:
            blocks[place][:, 0] -= middle
        return np.column_stack(blocks)

    def features(self) -> tuple[tuple[str, str], ...]:
        return tuple((f"{name}.{part}", name) for name in self.columns for part in PARTS)


def _parts(dates: pd.DatetimeIndex) -> np.ndarray:
    days = ((dates - pd.Timestamp(0)) / pd.Timedelta(days=1)).to_numpy(dtype=np.float64)
    calendar = [dates.year, dates.month, dates.day, dates.day_of_week, dates.day_of_year, dates.hour + dates.minute / 60]
    return np.column_stack([days, *(np.asarray(part, dtype=np.float64) for part in calendar)])


def build(columns: tuple[Column, ...]) -> DateParts:
    """The featurizer of these columns."""
    return DateParts(tuple(c.name for c in columns), middles_of(columns))


CARD = FeaturizerCard("date_parts", ("datetime",), build, learns_from="schema")
