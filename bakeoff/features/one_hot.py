"""one_hot: a 0/1 feature per frequent category; law: rare and unseen categories share one feature, missing has its own."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from bakeoff.data.schema import Column
from bakeoff.features._words import places_in
from bakeoff.features.card import FeaturizerCard, Parameter

__all__ = ["CARD", "OneHot"]

MOST_FEATURES = 100
"""Frequent categories of one column at most, where nothing is asked for: what bounds the (dense) matrix, however many there are."""
FEWEST_FEATURES, ALL_FEATURES = 4, 5_000
"""Of one column, and of all together, where nothing is asked for: 300 columns of 50 categories would be 15,000 features."""
FEWEST_ROWS = 5
"""Rows below which a category is rare; 0.1 % of the rows where that is more."""


@dataclass
class OneHot:
    """Per column: its frequent categories, then `(rare)` and `(missing)` where training had such rows."""

    columns: tuple[str, ...]
    most_features: int = MOST_FEATURES
    fewest_rows: int = FEWEST_ROWS
    frequent: list[tuple[str, ...]] = field(default_factory=list)
    has_rare: list[bool] = field(default_factory=list)
    has_missing: list[bool] = field(default_factory=list)

    def fit_transform(self, frame: pd.DataFrame, _y: np.ndarray, _seed: int, _groups: np.ndarray | None = None) -> np.ndarray:
        fewest = max(self.fewest_rows, len(frame) // 1000)
        self.frequent, self.has_rare, self.has_missing = [], [], []
        for name in self.columns:
            counts = frame[name].value_counts()
            kept = sorted(counts.index[counts >= fewest], key=lambda value: (-counts[value], value))[: self.most_features]
            self.frequent.append(tuple(kept))
            self.has_rare.append(len(kept) < len(counts))
            self.has_missing.append(bool(frame[name].isna().any()))
        return self.transform(frame)

    def transform(self, frame: pd.DataFrame) -> np.ndarray:
        matrix = np.zeros((len(frame), len(self.features())))
        start = 0
        for name, frequent, rare, missing in zip(self.columns, self.frequent, self.has_rare, self.has_missing, strict=True):
            codes = places_in(frame[name], pd.Index(frequent, dtype="str"))
            absent = frame[name].isna().to_numpy()
            known = codes >= 0
            matrix[np.flatnonzero(known), start + codes[known]] = 1.0
            start += len(frequent)
            if rare:
                matrix[:, start] = ~known & ~absent
            if missing:
                matrix[:, start + rare] = absent
            start += rare + missing
        return matrix

    def features(self) -> tuple[tuple[str, str], ...]:
        found: list[tuple[str, str]] = []
        for name, frequent, rare, missing in zip(self.columns, self.frequent, self.has_rare, self.has_missing, strict=True):
            values = [*frequent, *["(rare)"] * rare, *["(missing)"] * missing]
            found += [(f"{name}={value}", name) for value in values]
        return tuple(found)


def build(columns: tuple[Column, ...], most_features: int | None = None, fewest_rows: int = FEWEST_ROWS) -> OneHot:
    """The featurizer of these columns."""
    most = most_features or min(MOST_FEATURES, max(FEWEST_FEATURES, ALL_FEATURES // len(columns)))
    return OneHot(tuple(c.name for c in columns), most, fewest_rows)


CARD = FeaturizerCard(
    "one_hot",
    ("categorical",),
    build,
    parameters={"most_features": Parameter(1, 10_000, whole=True), "fewest_rows": Parameter(1, 1_000_000, whole=True)},
)
