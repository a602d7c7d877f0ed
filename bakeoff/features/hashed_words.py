"""hashed_words: text as its length and how often words of each hash bucket occur; law: nothing is learned, so any text has features."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from bakeoff.data.schema import Column
from bakeoff.features.card import FeaturizerCard, Parameter

__all__ = ["CARD", "HashedWords"]

BUCKETS = 64


@dataclass(frozen=True)
class HashedWords:
    """Per column: characters, words (both NaN where missing), then log(1 + count) of each bucket."""

    columns: tuple[str, ...]
    buckets: int = BUCKETS

    def fit_transform(self, frame: pd.DataFrame, _y: np.ndarray, _seed: int, _groups: np.ndarray | None = None) -> np.ndarray:
        return self.transform(frame)

    def transform(self, frame: pd.DataFrame) -> np.ndarray:
        return np.column_stack([_features(frame[name], self.buckets) for name in self.columns])

    def features(self) -> tuple[tuple[str, str], ...]:
        parts = ("characters", "words", *(f"bucket_{i}" for i in range(self.buckets)))
        return tuple((f"{name}.{part}", name) for name in self.columns for part in parts)


def _features(text: pd.Series, buckets: int) -> np.ndarray:
    from sklearn.feature_extraction.text import HashingVectorizer

    matrix = np.zeros((len(text), 2 + buckets))
    if len(text):
        matrix[:, 0] = text.str.len().to_numpy(dtype=np.float64, na_value=np.nan)
        matrix[:, 1] = text.str.count(r"\S+").to_numpy(dtype=np.float64, na_value=np.nan)
        counts = HashingVectorizer(n_features=buckets, alternate_sign=False, norm=None).transform(text.fillna(""))
        matrix[:, 2:] = np.log1p(counts.toarray())
    return matrix


def build(columns: tuple[Column, ...], buckets: int = BUCKETS) -> HashedWords:
    """The featurizer of these columns."""
    return HashedWords(tuple(c.name for c in columns), buckets)


CARD = FeaturizerCard("hashed_words", ("text",), build, learns_from="schema", parameters={"buckets": Parameter(2, 4096, whole=True)})
