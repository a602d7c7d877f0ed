"""hashed_one_hot: a category as one of a fixed number of buckets; law: nothing is learned, so any category has its feature."""

import zlib
from dataclasses import dataclass

import numpy as np
import pandas as pd

from bakeoff.data.schema import Column
from bakeoff.features.card import FeaturizerCard, Parameter

__all__ = ["CARD", "HashedOneHot"]


@dataclass(frozen=True)
class HashedOneHot:
    """Per column: 0/1 of each bucket, then of missing. Categories of one bucket are told apart by nothing."""

    columns: tuple[str, ...]
    buckets: int

    def fit_transform(self, frame: pd.DataFrame, _y: np.ndarray, _seed: int, _groups: np.ndarray | None = None) -> np.ndarray:
        return self.transform(frame)

    def transform(self, frame: pd.DataFrame) -> np.ndarray:
        matrix = np.zeros((len(frame), len(self.columns) * (self.buckets + 1)))
        for place, name in enumerate(self.columns):
            codes, words = pd.factorize(frame[name])
            buckets = np.array([zlib.crc32(str(word).encode()) % self.buckets for word in words] + [self.buckets], dtype=np.int64)
            matrix[np.arange(len(frame)), place * (self.buckets + 1) + buckets[codes]] = 1.0
        return matrix

    def features(self) -> tuple[tuple[str, str], ...]:
        parts = (*(f"bucket_{number}" for number in range(self.buckets)), "(missing)")
        return tuple((f"{name}.{part}", name) for name in self.columns for part in parts)


def build(columns: tuple[Column, ...], buckets: int = 32) -> HashedOneHot:
    """The featurizer of these columns."""
    return HashedOneHot(tuple(c.name for c in columns), buckets)


CARD = FeaturizerCard(
    "hashed_one_hot", ("categorical",), build, learns_from="schema", parameters={"buckets": Parameter(2, 1024, whole=True)}
)
