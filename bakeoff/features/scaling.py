"""Scalers: put a matrix's columns on one scale; law: learned from training rows, a constant column becomes 0."""

from dataclasses import dataclass

import numpy as np

from bakeoff.errors import ParamsError, nearest

__all__ = ["SCALERS", "Scaler", "fit_scaler"]


@dataclass(frozen=True)
class Scaler:
    """(matrix - center) / spread."""

    center: np.ndarray
    spread: np.ndarray

    def transform(self, matrix: np.ndarray) -> np.ndarray:
        """The scaled matrix."""
        return np.asarray((matrix - self.center) / self.spread)


def _standard(matrix: np.ndarray) -> Scaler:
    """Mean 0, standard deviation 1."""
    center, spread = matrix.mean(axis=0), matrix.std(axis=0)
    noise = 10 * np.finfo(np.float64).eps * np.abs(center)
    return Scaler(center, np.where(spread > noise, spread, 1.0))


SCALERS = {"standard": _standard}


def fit_scaler(name: str, matrix: np.ndarray) -> Scaler:
    """The scaler of this name, fitted on training rows without NaN."""
    if name not in SCALERS:
        raise ParamsError("there is no such scaler", where="scaler", given=name, remedy=nearest(name, SCALERS))
    return SCALERS[name](matrix)
