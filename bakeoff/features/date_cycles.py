"""date_cycles: where a date stands in the year, the week and the day, as points on circles; law: nothing is learned, missing is NaN.

For what measures distances and adds up: 31 December and 1 January are neighbours here.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from bakeoff.data.schema import Column
from bakeoff.features.card import FeaturizerCard

__all__ = ["CARD", "DateCycles"]

CYCLES = ("year", "week", "day")


@dataclass(frozen=True)
class DateCycles:
    """Sine and cosine of the angle in each cycle, six features per column."""

    columns: tuple[str, ...]

    def fit_transform(self, frame: pd.DataFrame, _y: np.ndarray, _seed: int, _groups: np.ndarray | None = None) -> np.ndarray:
        return self.transform(frame)

    def transform(self, frame: pd.DataFrame) -> np.ndarray:
        return np.concatenate([_circles(pd.DatetimeIndex(frame[name])) for name in self.columns], axis=1)

    def features(self) -> tuple[tuple[str, str], ...]:
        return tuple((f"{name}.{wave}_of_{cycle}", name) for name in self.columns for cycle in CYCLES for wave in ("sine", "cosine"))


def _circles(dates: pd.DatetimeIndex) -> np.ndarray:
    hours = np.asarray(dates.hour + dates.minute / 60, dtype=np.float64)
    year = np.asarray(dates.day_of_year, dtype=np.float64) / 365.25
    week = (np.asarray(dates.day_of_week, dtype=np.float64) + hours / 24) / 7
    angles = 2 * np.pi * np.stack([year, week, hours / 24])
    return np.stack([wave(angle) for angle in angles for wave in (np.sin, np.cos)], axis=1)


def build(columns: tuple[Column, ...]) -> DateCycles:
    """The featurizer of these columns."""
    return DateCycles(tuple(c.name for c in columns))


CARD = FeaturizerCard("date_cycles", ("datetime",), build, learns_from="schema", adds=True)
