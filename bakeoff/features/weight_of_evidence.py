"""weight_of_evidence: a category as the evidence it gives for a class; law: no training row's features know its own target or its group's.

Source: Good, Probability and the Weighing of Evidence, 1950: log of the odds among a category's rows over the odds among all.
"""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from bakeoff.data.schema import Column
from bakeoff.features._out_of_fold import means_at, parts_of, targets_of
from bakeoff.features.card import FeaturizerCard, Parameter
from bakeoff.features.target_encoding import looked_up

__all__ = ["CARD", "WeightOfEvidence"]

NEAREST = 1e-6
"""To which shares are kept away from 0 and 1."""


@dataclass
class WeightOfEvidence:
    """What target_encoding's smoothed means say, on the scale that linear models add up; 0 for an unseen category.

    For classes log odds of the share less those of the overall share; for values standard deviations from the overall mean.
    """

    columns: tuple[str, ...]
    smoothing: float
    folds: int
    classes: tuple[int, ...] = ()
    tables: list[pd.DataFrame] = field(default_factory=list)
    """Per column the features of each category, NaN among the index where training rows miss some."""

    def fit_transform(self, frame: pd.DataFrame, y: np.ndarray, seed: int, groups: np.ndarray | None = None) -> np.ndarray:
        frame = frame[list(self.columns)]  # of all columns each part would be a copy
        self.classes, targets = targets_of(y)
        parts = parts_of(len(frame), self.folds, seed, groups)
        matrix = np.zeros((len(frame), len(self.columns) * targets.shape[1]))
        for part in np.unique(parts):
            inside = parts == part
            if not inside.all():
                tables = self._tables(frame[~inside], targets[~inside])
                matrix[inside] = looked_up(frame[inside], self.columns, tables, np.zeros(targets.shape[1]))
        self.tables = self._tables(frame, targets)
        return matrix

    def transform(self, frame: pd.DataFrame) -> np.ndarray:
        return looked_up(frame, self.columns, self.tables, np.zeros(max(1, len(self.classes))))

    def features(self) -> tuple[tuple[str, str], ...]:
        if not self.classes:
            return tuple((f"{name}.deviations_from_mean_target", name) for name in self.columns)
        return tuple((f"{name}.evidence_of_class_{code}", name) for name in self.columns for code in self.classes)

    def _tables(self, frame: pd.DataFrame, targets: np.ndarray) -> list[pd.DataFrame]:
        overall, spread = targets.mean(axis=0), float(targets.std()) or 1.0
        tables = []
        for name in self.columns:
            codes, categories = pd.factorize(frame[name], use_na_sentinel=False)
            means = means_at(codes, len(categories), targets, self.smoothing)
            evidence = _log_odds(means) - _log_odds(overall) if self.classes else (means - overall) / spread
            tables.append(pd.DataFrame(evidence, index=pd.Index(categories)))
        return tables


def _log_odds(shares: np.ndarray) -> np.ndarray:
    kept = np.clip(shares, NEAREST, 1 - NEAREST)
    return np.asarray(np.log(kept / (1 - kept)))


def build(columns: tuple[Column, ...], smoothing: float = 10.0, folds: int = 5) -> WeightOfEvidence:
    """The featurizer of these columns."""
    return WeightOfEvidence(tuple(c.name for c in columns), smoothing, folds)


CARD = FeaturizerCard(
    "weight_of_evidence",
    ("categorical",),
    build,
    learns_from="target",
    parameters={"smoothing": Parameter(0.001, 1e6), "folds": Parameter(2, 50, whole=True)},
    adds=True,
)
