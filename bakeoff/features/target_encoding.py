"""target_encoding: a category as the mean target of its rows; law: no training row's features know its own target or its group's."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from bakeoff.data.schema import Column
from bakeoff.features._out_of_fold import means_at, out_of_fold_means, parts_of, targets_of
from bakeoff.features._words import places_in
from bakeoff.features.card import FeaturizerCard, Parameter

__all__ = ["CARD", "TargetEncoding", "looked_up"]


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
        self.means, blocks = [], []
        for name in self.columns:
            codes, categories = pd.factorize(frame[name], use_na_sentinel=False)
            blocks.append(out_of_fold_means(codes, len(categories), targets, parts, self.smoothing))
            self.means.append(pd.DataFrame(means_at(codes, len(categories), targets, self.smoothing), index=pd.Index(categories)))
        return np.concatenate(blocks, axis=1)

    def transform(self, frame: pd.DataFrame) -> np.ndarray:
        return looked_up(frame, self.columns, self.means, self.overall)

    def features(self) -> tuple[tuple[str, str], ...]:
        if not self.classes:
            return tuple((f"{name}.mean_target", name) for name in self.columns)
        return tuple((f"{name}.share_of_class_{code}", name) for name in self.columns for code in self.classes)


def looked_up(frame: pd.DataFrame, columns: tuple[str, ...], tables: list[pd.DataFrame], overall: np.ndarray) -> np.ndarray:
    """(rows, columns × features) what the columns' tables say of each row; the overall values where they know nothing of it."""
    blocks = []
    for name, table in zip(columns, tables, strict=True):
        places = places_in(frame[name], table.index)
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
