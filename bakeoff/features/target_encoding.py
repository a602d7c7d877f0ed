"""target_encoding: a category as the mean target of its rows; law: no training row's features know its own target or its group's."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from bakeoff.data.schema import Column
from bakeoff.features._out_of_fold import parts_of, targets_of
from bakeoff.features.card import FeaturizerCard, Parameter

__all__ = ["CARD", "TargetEncoding", "looked_up", "smoothed_means"]


@dataclass
class TargetEncoding:
    """Per column the smoothed mean target: (sum + smoothing × overall mean) / (rows + smoothing).

    For classes the mean is each class's share, one feature a class (of many the largest), and one alone where there are two. Training
    rows are encoded by the means of the other `folds` − 1 parts; missing is a category of its own, an unseen one gets the overall mean.
    """

    columns: tuple[str, ...]
    smoothing: float
    folds: int
    classes: tuple[int, ...] = ()
    overall: np.ndarray = field(default_factory=lambda: np.zeros(1))
    means: list[pd.DataFrame] = field(default_factory=list)
    """Per column the features of each category, NaN among the index where training rows miss some."""

    def fit_transform(self, frame: pd.DataFrame, y: np.ndarray, seed: int, groups: np.ndarray | None = None) -> np.ndarray:
        self.classes, targets = targets_of(y)
        self.overall = targets.mean(axis=0)
        parts = parts_of(len(frame), self.folds, seed, groups)
        matrix = np.empty((len(frame), len(self.columns) * targets.shape[1]))
        for part in np.unique(parts):
            inside = parts == part
            rest = targets[~inside]
            overall = rest.mean(axis=0) if len(rest) else self.overall
            tables = [smoothed_means(frame[name][~inside], rest, overall, self.smoothing) for name in self.columns]
            matrix[inside] = looked_up(frame[inside], self.columns, tables, overall)
        self.means = [smoothed_means(frame[name], targets, self.overall, self.smoothing) for name in self.columns]
        return matrix

    def transform(self, frame: pd.DataFrame) -> np.ndarray:
        return looked_up(frame, self.columns, self.means, self.overall)

    def features(self) -> tuple[tuple[str, str], ...]:
        if not self.classes:
            return tuple((f"{name}.mean_target", name) for name in self.columns)
        return tuple((f"{name}.share_of_class_{code}", name) for name in self.columns for code in self.classes)


def smoothed_means(words: pd.Series, targets: np.ndarray, overall: np.ndarray, smoothing: float) -> pd.DataFrame:
    """Per category the means of the (n, features) targets of its rows, pulled to the overall ones by `smoothing` rows."""
    codes, categories = pd.factorize(words, use_na_sentinel=False)
    rows = np.bincount(codes, minlength=len(categories))[:, None]
    sums = np.stack([np.bincount(codes, column, minlength=len(categories)) for column in targets.T], axis=1)
    return pd.DataFrame((sums + smoothing * overall) / (rows + smoothing), index=pd.Index(categories))


def looked_up(frame: pd.DataFrame, columns: tuple[str, ...], tables: list[pd.DataFrame], overall: np.ndarray) -> np.ndarray:
    """(rows, columns × features) what the columns' tables say of each row; the overall values where they know nothing of it."""
    blocks = []
    for name, table in zip(columns, tables, strict=True):
        places = table.index.get_indexer(pd.Index(frame[name]))
        blocks.append(np.where(places[:, None] >= 0, np.vstack([table.to_numpy(), overall])[places], overall))
    return np.concatenate(blocks, axis=1)


def build(columns: tuple[Column, ...], smoothing: float = 10.0, folds: int = 5) -> TargetEncoding:
    """The featurizer of these columns."""
    return TargetEncoding(tuple(c.name for c in columns), smoothing, folds)


CARD = FeaturizerCard(
    "target_encoding",
    ("categorical",),
    build,
    learns_from="target",
    parameters={"smoothing": Parameter(0.001, 1e6), "folds": Parameter(2, 50, whole=True)},
)
