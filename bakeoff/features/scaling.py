"""Scalers: put a matrix's columns on one scale; law: learned from training rows without NaN, nothing infinite leaves them.

| name          | what it does                                                                                                |
|---------------|-------------------------------------------------------------------------------------------------------------|
| standard      | mean 0, standard deviation 1                                                                                |
| minmax        | from 0 to 1; rows beyond the training rows' range are cut off there                                         |
| maxabs        | largest absolute value 1; zeros stay zeros                                                                  |
| robust        | median 0, distance of the quartiles 1 (standard deviation where they are equal)                             |
| quantile      | the normal distribution's quantile of the value's rank among the training rows; equal values share a rank   |
| normalizer    | maxabs, then every row has length 1; a row of zeros stays zero                                              |
| pca           | standard, then the principal components that hold 99 % of the variance, 200 at most                         |
| piecewise     | standard, and how far a value has come through each of 24 ranges (of many columns fewer) of equally many rows |
| truncated_svd | maxabs, then the strongest directions of the uncentred matrix: half as many as columns, 50 at most          |
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from bakeoff.errors import ParamsError, nearest

__all__ = ["SCALERS", "Piecewise", "Projection", "Quantiles", "RowLength", "Scaler", "Scaling", "fit_scaler"]

VARIANCE_KEPT = 0.99
MOST_COMPONENTS = 200
MOST_DIRECTIONS = 50
MOST_ROWS = 20_000
"""Training rows, evenly spread, that components and quantiles are learned from."""
KNOTS = 100
RANGES, FEWEST_RANGES = 24, 4
MOST_RANGES = 1_500
"""Ranges of all columns together, about: what bounds the matrix of wide tables."""
ROWS_AT_ONCE = 500
"""Rows that are worked on at a time where more is made of them: what is written is still in the processor's cache when it is read."""
LARGEST = 1e37
TAIL = 1e-3
"""Ranks are kept this far away from 0 and 1: no quantile beyond 3.1."""


class Scaling(Protocol):
    """A fitted scaler: picklable, (rows, columns) without NaN in, (rows, features) out."""

    def transform(self, matrix: np.ndarray, out: np.ndarray | None = None) -> np.ndarray:
        """The scaled matrix; written to `out`, which may be the matrix itself, where the scaler needs no other memory."""
        ...

    def made_of(self) -> list[tuple[str, int]] | None:
        """Each feature's name, {} for its column's, and the number of the column most of which is in it; None: columns stay as they are."""
        ...


@dataclass(frozen=True)
class Scaler:
    """(matrix - center) / spread, kept between `low` and `high`."""

    center: np.ndarray
    spread: np.ndarray
    low: float = -LARGEST
    high: float = LARGEST

    def transform(self, matrix: np.ndarray, out: np.ndarray | None = None) -> np.ndarray:
        """The scaled matrix."""
        scaled = np.asarray(np.subtract(matrix, self.center, out=out))
        scaled /= self.spread
        return np.clip(scaled, self.low, self.high, out=scaled)

    def made_of(self) -> None:
        return None


@dataclass(frozen=True)
class RowLength:
    """Rows of length 1 of what `first` gives."""

    first: Scaler

    def transform(self, matrix: np.ndarray, out: np.ndarray | None = None) -> np.ndarray:
        """The normalised matrix."""
        scaled = self.first.transform(matrix, out)
        length = np.linalg.norm(scaled, axis=1, keepdims=True)
        scaled /= np.where(length > 0, length, 1.0)
        return scaled

    def made_of(self) -> None:
        return None


@dataclass(frozen=True)
class Quantiles:
    """Normal quantiles of ranks; `knots` (KNOTS, columns) are the training rows' quantiles at even places."""

    knots: np.ndarray

    def transform(self, matrix: np.ndarray, out: np.ndarray | None = None) -> np.ndarray:
        """The quantiles of every column's ranks."""
        from scipy.special import ndtri

        places = np.linspace(0, 1, len(self.knots))
        ranks = np.empty_like(matrix) if out is None else out
        for column, knots in enumerate(self.knots.T):
            values = matrix[:, column]  # equal knots: up gives the rank of the last, down of the first, their mean the middle
            up, down = np.interp(values, knots, places), np.interp(-values, -knots[::-1], -places[::-1])
            ranks[:, column] = (up - down) / 2
        return np.asarray(ndtri(np.clip(ranks, TAIL, 1 - TAIL, out=ranks), out=ranks))

    def made_of(self) -> None:
        return None


@dataclass(frozen=True)
class Projection:
    """What `first` gives, projected on directions (features, columns)."""

    name: str
    first: Scaler
    directions: np.ndarray

    def transform(self, matrix: np.ndarray, out: np.ndarray | None = None) -> np.ndarray:
        """The components' values."""
        return np.asarray(self.first.transform(matrix, out) @ self.directions.T)

    def made_of(self) -> list[tuple[str, int]]:
        strongest = np.abs(self.directions).argmax(axis=1).tolist()
        return [(f"{self.name}_{number}", column) for number, column in enumerate(strongest, start=1)]


@dataclass(frozen=True)
class Piecewise:
    """What `first` gives, then per column that has knots one feature per range: 0 below it, 1 above it, in between the way come.

    Source: Gorishniy et al., On embeddings for numerical features in tabular deep learning, NeurIPS 2022 (piecewise linear encoding).
    """

    first: Scaler
    columns: tuple[int, ...]
    knots: tuple[np.ndarray, ...]

    def transform(self, matrix: np.ndarray, out: np.ndarray | None = None) -> np.ndarray:  # noqa: ARG002 wider than the matrix
        """The scaled columns and the ways through their ranges."""
        own = matrix.shape[1]
        made = np.empty((len(matrix), own + sum(len(knots) - 1 for knots in self.knots)))
        for start in range(0, len(matrix), ROWS_AT_ONCE):
            rows = slice(start, start + ROWS_AT_ONCE)
            self.first.transform(matrix[rows], made[rows, :own])
            place = own
            for column, knots in zip(self.columns, self.knots, strict=True):
                ways = made[rows, place : place + len(knots) - 1]
                np.subtract(matrix[rows, column, None], knots[:-1], out=ways)
                ways /= np.diff(knots)
                np.clip(ways, 0.0, 1.0, out=ways)
                place += len(knots) - 1
        return made

    def made_of(self) -> list[tuple[str, int]]:
        own = [("{}", column) for column in range(len(self.first.center))]
        several = zip(self.columns, self.knots, strict=True)
        return own + [(f"{{}}_range_{number}", column) for column, knots in several for number in range(1, len(knots))]


def _standard(matrix: np.ndarray) -> Scaler:
    center = matrix.mean(axis=0)
    return Scaler(center, _never_zero(_deviation(matrix, center), center))


def _minmax(matrix: np.ndarray) -> Scaler:
    low = matrix.min(axis=0)
    return Scaler(low, _never_zero(matrix.max(axis=0) - low, low), 0.0, 1.0)


def _maxabs(matrix: np.ndarray) -> Scaler:
    largest = np.abs(matrix).max(axis=0)
    return Scaler(np.zeros(matrix.shape[1]), _never_zero(largest, np.zeros(1)))


def _robust(matrix: np.ndarray) -> Scaler:
    low, middle, high = np.quantile(matrix, [0.25, 0.5, 0.75], axis=0)
    noise = _noise(middle)
    return Scaler(middle, np.where(high - low > noise, high - low, _never_zero(_deviation(matrix, matrix.mean(axis=0)), middle)))


def _quantile(matrix: np.ndarray) -> Quantiles:
    sample = _evenly(matrix)
    return Quantiles(np.quantile(sample, np.linspace(0, 1, min(KNOTS, len(sample))), axis=0))


def _normalizer(matrix: np.ndarray) -> RowLength:
    return RowLength(_maxabs(matrix))


def _pca(matrix: np.ndarray) -> Projection:
    first = _standard(matrix)
    strength, directions = _directions(first.transform(_evenly(matrix)))
    share = np.cumsum(strength) / max(strength.sum(), np.finfo(np.float64).tiny)
    kept = int(np.searchsorted(share, VARIANCE_KEPT)) + 1
    return Projection("pca", first, directions[: min(kept, MOST_COMPONENTS)])


def _truncated_svd(matrix: np.ndarray) -> Projection:
    first = _maxabs(matrix)
    _, directions = _directions(first.transform(_evenly(matrix)))
    return Projection("truncated_svd", first, directions[: max(1, min(matrix.shape[1] // 2, MOST_DIRECTIONS))])


def _piecewise(matrix: np.ndarray) -> Piecewise:
    sample = _evenly(matrix)
    several = [column for column, values in enumerate(sample.T) if len(np.unique(values)) > 2]
    ranges = min(RANGES, max(FEWEST_RANGES, MOST_RANGES // max(1, len(several))))
    spots = np.linspace(0, 1, ranges + 1)
    knots = {column: np.unique(np.quantile(sample[:, column], spots)) for column in several[: MOST_RANGES // ranges]}
    found = {column: some for column, some in knots.items() if len(some) > 2}
    return Piecewise(_standard(matrix), tuple(found), tuple(found.values()))


SCALERS: dict[str, Callable[[np.ndarray], Scaling]] = {
    "standard": _standard,
    "minmax": _minmax,
    "maxabs": _maxabs,
    "robust": _robust,
    "quantile": _quantile,
    "normalizer": _normalizer,
    "piecewise": _piecewise,
    "pca": _pca,
    "truncated_svd": _truncated_svd,
}


def fit_scaler(name: str, matrix: np.ndarray) -> Scaling:
    """The scaler of this name, fitted on training rows without NaN."""
    if name not in SCALERS:
        raise ParamsError("there is no such scaler", where="scaler", given=name, remedy=nearest(name, [*SCALERS, "none"]))
    return SCALERS[name](matrix)


def _deviation(matrix: np.ndarray, center: np.ndarray) -> np.ndarray:
    """Standard deviations, without a second matrix as large."""
    blocks = range(0, len(matrix), ROWS_AT_ONCE)
    squares = sum((np.square(matrix[start : start + ROWS_AT_ONCE] - center).sum(axis=0) for start in blocks), np.zeros(len(center)))
    return np.asarray(np.sqrt(squares / len(matrix)))


def _noise(center: np.ndarray) -> np.ndarray:
    """Spreads below this are rounding of the values around `center`."""
    return np.asarray(10 * np.finfo(np.float64).eps * np.abs(center))


def _never_zero(spread: np.ndarray, center: np.ndarray) -> np.ndarray:
    """A constant column is divided by 1."""
    return np.where(spread > _noise(center), spread, 1.0)


def _evenly(matrix: np.ndarray) -> np.ndarray:
    if len(matrix) <= MOST_ROWS:
        return matrix
    return matrix[np.linspace(0, len(matrix) - 1, MOST_ROWS).astype(np.int64)]


def _directions(matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Squared singular values, greatest first, and right singular vectors as rows, whose largest entry is positive.

    From the smaller of the two squares, so that neither many rows nor many columns alone cost much.
    """
    rows, columns = matrix.shape
    if columns <= rows:
        strength, vectors = np.linalg.eigh(matrix.T @ matrix)
        directions = vectors.T
    else:
        strength, vectors = np.linalg.eigh(matrix @ matrix.T)
        directions = vectors.T @ matrix / np.sqrt(np.maximum(strength, np.finfo(np.float64).tiny))[:, None]
    order = np.flatnonzero(strength > max(strength[-1], 0.0) * 1e-12)[::-1]
    if not len(order):  # nothing but zeros
        return np.zeros(1), np.eye(1, columns)
    strength, directions = strength[order], directions[order]
    largest = np.abs(directions).argmax(axis=1)
    return strength, directions * np.sign(directions[np.arange(len(directions)), largest])[:, None]
