"""crossed_encoding: combinations of categories as their mean target; law: chosen and learned from training rows, encoded out of fold.

Two columns that say little apart may say it together (product and country, hour and day off). Candidates are pairs and triples of columns
with few enough values; those are kept that explain, out of fold, most of what single columns leave unexplained.
"""

from dataclasses import dataclass, field
from itertools import combinations
from math import prod

import numpy as np
import pandas as pd

from bakeoff.data.schema import Column
from bakeoff.features._out_of_fold import means_at, out_of_fold_means, parts_of, targets_of
from bakeoff.features._words import places_in
from bakeoff.features.card import FeaturizerCard, Parameter

__all__ = ["CARD", "CrossedEncoding"]

MOST_VALUES = 50
"""Distinct numbers up to which a numeric column counts as categories."""
MOST_COLUMNS = 12
MOST_IN_TRIPLES = 6
MOST_ROWS = 20_000
"""Training rows, evenly spread, that crosses are judged on."""
MOST_CLASSES = 5
LEAST_GAIN = 0.003
"""Share of the variance that single columns leave, below which a cross is not kept."""
NOISE = 20
"""Divided by the rows the share below which a gain may be luck: the best cross of columns that say nothing seldom has more."""


@dataclass
class CrossedEncoding:
    """Per kept cross the smoothed mean target of its combinations of values, as in target_encoding; unseen ones get the overall mean."""

    columns: tuple[str, ...]
    smoothing: float
    most_crosses: int
    folds: int = 5
    classes: tuple[int, ...] = ()
    crosses: tuple[tuple[str, ...], ...] = ()
    overall: np.ndarray = field(default_factory=lambda: np.zeros(1))
    values: dict[str, pd.Index] = field(default_factory=dict)
    """The known values of every crossed column."""
    tables: list[tuple[np.ndarray, np.ndarray]] = field(default_factory=list)
    """Per cross the known combinations, in order, and their features."""

    def fit_transform(self, frame: pd.DataFrame, y: np.ndarray, seed: int, groups: np.ndarray | None = None) -> np.ndarray:
        self.classes, targets = targets_of(y, MOST_CLASSES)
        self.overall = targets.mean(axis=0)
        self.values = {name: known for name in self.columns if (known := _known(frame[name])) is not None}
        sizes = {name: _places(known) for name, known in self.values.items()}
        parts = parts_of(len(frame), self.folds, seed, groups)
        rows = np.linspace(0, len(frame) - 1, min(len(frame), MOST_ROWS)).astype(np.int64)
        judged = {name: _codes(frame[name].iloc[rows], known) for name, known in self.values.items()}
        self.crosses = _chosen(judged, sizes, targets[rows], parts[rows], self)
        self.values = {name: self.values[name] for cross in self.crosses for name in cross}
        codes = {name: _codes(frame[name], known) for name, known in self.values.items()}
        blocks = [np.zeros((len(frame), 0))]
        self.tables = []
        for cross in self.crosses:
            together = self._together(codes, cross)
            blocks.append(_out_of_fold(together, prod(sizes[name] for name in cross), targets, parts, self.smoothing))
            self.tables.append(_table(together, targets, self.smoothing))
        return np.concatenate(blocks, axis=1)

    def transform(self, frame: pd.DataFrame) -> np.ndarray:
        codes = {name: _codes(frame[name], known) for name, known in self.values.items()}
        blocks = [np.zeros((len(frame), 0))]
        for cross, table in zip(self.crosses, self.tables, strict=True):
            blocks.append(_looked_up(self._together(codes, cross), table, self.overall))
        return np.concatenate(blocks, axis=1)

    def features(self) -> tuple[tuple[str, ...], ...]:
        of = tuple(f"of_class_{code}" for code in self.classes) or ("mean_target",)
        return tuple((f"{' × '.join(cross)}.{part}", *cross) for cross in self.crosses for part in of)

    def _together(self, codes: dict[str, np.ndarray], cross: tuple[str, ...]) -> np.ndarray:
        return _combined([codes[name] for name in cross], [_places(self.values[name]) for name in cross])


def _known(values: pd.Series) -> pd.Index | None:
    """The values a column is crossed by, None where they are too many to be categories, or one alone.

    Numbers in single precision: 0.1 is one value, whatever a later table holds it in.
    """
    numeric = pd.api.types.is_numeric_dtype(values.dtype)
    with np.errstate(over="ignore"):  # numbers beyond are one: infinite
        known = pd.Index((values.astype(np.float32) if numeric else values).dropna().unique())
    few = len(known) <= MOST_VALUES or not numeric
    return known.sort_values() if few and len(known) + values.isna().any() > 1 else None


def _places(known: pd.Index) -> int:
    """How many places `_codes` may give."""
    return len(known) + 2


def _codes(values: pd.Series, known: pd.Index) -> np.ndarray:
    """Places among the known values; missing ones have the place after the last, unseen ones that after it."""
    with np.errstate(over="ignore"):
        codes = places_in(values, known)
    return np.where(codes >= 0, codes, np.where(values.isna(), len(known), len(known) + 1)).astype(np.int64)


def _combined(codes: list[np.ndarray], sizes: list[int]) -> np.ndarray:
    together = codes[0]
    for more, size in zip(codes[1:], sizes[1:], strict=True):
        together = together * size + more
    return together


def _table(together: np.ndarray, targets: np.ndarray, smoothing: float) -> tuple[np.ndarray, np.ndarray]:
    known, places = np.unique(together, return_inverse=True)
    return known, means_at(places, len(known), targets, smoothing)


def _looked_up(together: np.ndarray, table: tuple[np.ndarray, np.ndarray], overall: np.ndarray) -> np.ndarray:
    known, means = table
    places = np.minimum(np.searchsorted(known, together), len(known) - 1)
    return np.where((known[places] == together)[:, None], means[places], overall)


def _out_of_fold(together: np.ndarray, size: int, targets: np.ndarray, parts: np.ndarray, smoothing: float) -> np.ndarray:
    """The out-of-fold means of combinations, of which there may be `size`."""
    if size > len(together):
        known, together = np.unique(together, return_inverse=True)
        size = len(known)
    return out_of_fold_means(together, size, targets, parts, smoothing)


def _chosen(
    codes: dict[str, np.ndarray], sizes: dict[str, int], targets: np.ndarray, parts: np.ndarray, wish: CrossedEncoding
) -> tuple[tuple[str, ...], ...]:
    """The crosses worth a feature, best first."""
    targets = targets - targets.mean(axis=0)

    def means(name: str) -> np.ndarray:
        return _out_of_fold(codes[name], sizes[name], targets, parts, wish.smoothing)

    strength = {name: _explained(targets, means(name)) for name in codes}
    strongest = sorted(strength, key=lambda name: (-strength[name], name))[:MOST_COLUMNS]
    if len(strongest) < 2:
        return ()
    left = targets - _additive(targets, [means(name) for name in strongest])
    candidates = [*combinations(strongest, 2), *combinations(strongest[:MOST_IN_TRIPLES], 3)]
    gains = {}
    for cross in candidates:
        of = [sizes[name] for name in cross]
        together = _combined([codes[name] for name in cross], of)
        gains[cross] = _explained(left, _out_of_fold(together, prod(of), left, parts, wish.smoothing))
    best = sorted(gains, key=lambda cross: (-gains[cross], cross))[: wish.most_crosses]
    return tuple(cross for cross in best if gains[cross] >= max(LEAST_GAIN, NOISE / len(targets)))


def _additive(targets: np.ndarray, means: list[np.ndarray]) -> np.ndarray:
    """What the single columns' means say together, by least squares."""
    together = np.concatenate(means, axis=1)
    return np.asarray(together @ np.linalg.lstsq(together, targets, rcond=None)[0])


def _explained(targets: np.ndarray, predicted: np.ndarray) -> float:
    """Share of the squares that a prediction explains."""
    total = float(np.square(targets).sum())
    return 1 - float(np.square(targets - predicted).sum()) / total if total > 0 else 0.0


def build(columns: tuple[Column, ...], smoothing: float = 10.0, most_crosses: int = 8) -> CrossedEncoding:
    """The featurizer of these columns."""
    return CrossedEncoding(tuple(c.name for c in columns), smoothing, most_crosses)


CARD = FeaturizerCard(
    "crossed_encoding",
    ("categorical", "boolean", "numeric"),
    build,
    learns_from="target",
    parameters={"smoothing": Parameter(0.001, 1e6), "most_crosses": Parameter(1, 100, whole=True)},
    adds=True,
)
