"""arithmetic: sums, differences, products and ratios of numbers; law: chosen by training rows' target, then values of one row alone.

A tree splits at one number at a time: rooms per household, or where two signals are equal, cost it many splits. Candidates are made of the
columns that a small booster uses most, kept are those that a second one prefers to everything else.
"""

from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd

from bakeoff.data.schema import Column
from bakeoff.features._boosting import gains as gains_of
from bakeoff.features.card import FeaturizerCard, Parameter

__all__ = ["CARD", "Arithmetic"]

MOST_COLUMNS = 8
FEWEST_VALUES = 6
"""Distinct values below which a number is no quantity."""
MOST_ROWS = 10_000
"""Training rows, evenly spread, that candidates are judged on."""
LARGEST = 1e37
SIGNS = ("-", "/", "×", "+")

Formula = tuple[str, str, str]
"""First column, sign, second column."""


@dataclass
class Arithmetic:
    """One feature per kept formula; missing where a part is missing, or a ratio's lower part is 0."""

    columns: tuple[str, ...]
    most_formulas: int
    formulas: tuple[Formula, ...] = ()

    def fit_transform(self, frame: pd.DataFrame, y: np.ndarray, seed: int, _groups: np.ndarray | None = None) -> np.ndarray:
        rows = np.linspace(0, len(frame) - 1, min(len(frame), MOST_ROWS)).astype(np.int64)
        self.formulas = _chosen(frame[list(self.columns)].iloc[rows], y[rows], seed, self.most_formulas)
        return self.transform(frame)

    def transform(self, frame: pd.DataFrame) -> np.ndarray:
        return _values(frame, self.formulas)

    def features(self) -> tuple[tuple[str, ...], ...]:
        return tuple((f"{first} {sign} {second}", first, second) for first, sign, second in self.formulas)


def _values(frame: pd.DataFrame, formulas: tuple[Formula, ...]) -> np.ndarray:
    matrix = np.empty((len(frame), len(formulas)))
    with np.errstate(all="ignore"):
        for place, (first, sign, second) in enumerate(formulas):
            a, b = frame[first].to_numpy(np.float64), frame[second].to_numpy(np.float64)
            matrix[:, place] = {"-": np.subtract, "/": np.divide, "×": np.multiply, "+": np.add}[sign](a, b)
    matrix[~np.isfinite(matrix)] = np.nan
    return np.clip(matrix, -LARGEST, LARGEST, out=matrix)


def _chosen(frame: pd.DataFrame, y: np.ndarray, seed: int, most: int) -> tuple[Formula, ...]:
    """The formulas worth a feature, best first; none where there are fewer than two quantities, or the target is constant."""
    quantities = [name for name in frame if frame[name].nunique() >= FEWEST_VALUES]
    if len(quantities) < 2 or len(np.unique(y)) < 2:
        return ()
    numbers = np.clip(np.nan_to_num(frame[quantities].to_numpy(np.float64), posinf=np.nan, neginf=np.nan, nan=np.nan), -LARGEST, LARGEST)
    gains = gains_of(numbers, y, seed, 0.8)
    strongest = [quantities[place] for place in np.argsort(-gains, kind="stable")[:MOST_COLUMNS] if gains[place] > 0]
    formulas = tuple((a, sign, b) for a, b in combinations(strongest, 2) for sign in SIGNS)
    if not formulas:
        return ()
    gains = gains_of(np.concatenate([numbers, _values(frame, formulas)], axis=1), y, seed, 0.3)[len(quantities) :]
    return tuple(formulas[place] for place in np.argsort(-gains, kind="stable")[:most] if gains[place] > 0)


def build(columns: tuple[Column, ...], most_formulas: int = 12) -> Arithmetic:
    """The featurizer of these columns."""
    return Arithmetic(tuple(c.name for c in columns), most_formulas)


CARD = FeaturizerCard(
    "arithmetic",
    ("numeric",),
    build,
    learns_from="target",
    parameters={"most_formulas": Parameter(1, 200, whole=True)},
    adds=True,
)
