"""cluster_distance: how far a row is from the centres of its table's clusters; law: learned from training rows, never from the target."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from bakeoff.data.schema import Column
from bakeoff.features.card import FeaturizerCard, Parameter
from bakeoff.features.numbers import Numbers
from bakeoff.features.scaling import Scaling, fit_scaler

__all__ = ["CARD", "ClusterDistance"]

CLUSTERS = 8
MOST_ROWS = 10_000
"""Training rows, evenly spread, that centres are found in."""


@dataclass
class ClusterDistance:
    """Euclidean distance to each k-means centre of the standardised numbers; a missing value counts as the column's mean."""

    columns: tuple[str, ...]
    clusters: int
    means: np.ndarray = field(default_factory=lambda: np.zeros(0))
    scaler: Scaling = field(default_factory=lambda: fit_scaler("standard", np.zeros((1, 0))))
    centres: np.ndarray = field(default_factory=lambda: np.zeros((0, 0)))

    def fit_transform(self, frame: pd.DataFrame, _y: np.ndarray, seed: int, _groups: np.ndarray | None = None) -> np.ndarray:
        from sklearn.cluster import KMeans

        rows = np.linspace(0, len(frame) - 1, min(len(frame), MOST_ROWS)).astype(np.int64)
        sample = Numbers(self.columns).transform(frame.iloc[rows])
        known = np.isfinite(sample)
        self.means = np.where(known, sample, 0.0).sum(axis=0) / np.maximum(1, known.sum(axis=0))
        sample = np.where(known, sample, self.means)
        self.scaler = fit_scaler("standard", sample)
        scaled = self._scaled(frame.iloc[rows])
        most = min(self.clusters, len(np.unique(scaled, axis=0)))
        self.centres = KMeans(most, n_init=1, max_iter=50, random_state=seed).fit(scaled).cluster_centers_
        return self.transform(frame)

    def transform(self, frame: pd.DataFrame) -> np.ndarray:
        scaled = self._scaled(frame)
        return np.column_stack([np.linalg.norm(scaled - centre, axis=1) for centre in self.centres])

    def features(self) -> tuple[tuple[str, ...], ...]:
        """Every number is in every distance."""
        return tuple((f"distance_to_cluster_{number}", *self.columns) for number in range(1, len(self.centres) + 1))

    def _scaled(self, frame: pd.DataFrame) -> np.ndarray:
        numbers = Numbers(self.columns).transform(frame)
        return self.scaler.transform(np.where(np.isfinite(numbers), numbers, self.means))


def build(columns: tuple[Column, ...], clusters: int = CLUSTERS) -> ClusterDistance:
    """The featurizer of these columns."""
    return ClusterDistance(tuple(c.name for c in columns), clusters)


CARD = FeaturizerCard("cluster_distance", ("numeric",), build, parameters={"clusters": Parameter(2, 200, whole=True)}, adds=True)
