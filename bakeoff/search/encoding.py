"""Encoded folds: a recipe's matrix, made once and memory-mapped; law: what learns from rows is fitted inside the fold."""

import os
import tempfile
from pathlib import Path

import joblib
import numpy as np

from bakeoff.features import Encoder, fit_encoder, recipe_learns_from
from bakeoff.search.preparing import Prepared

__all__ = ["EncodedFolds"]


class EncodedFolds:
    """A prepared run's matrices, recipe by recipe, as one process sees them."""

    def __init__(self, prepared: Prepared, seed: int) -> None:
        self.prepared, self.seed = prepared, seed
        self._opened: dict[Path, tuple[Encoder, np.ndarray]] = {}

    def of(self, recipe: str, fold: int) -> tuple[Encoder, np.ndarray]:
        """The recipe's encoder as fitted for a fold, and its matrix of all rows, (n, features) float64, read-only.

        Training rows are as `fit_encoder` gives them (out-of-fold where it learns from the target), the others as `transform` does.
        """
        shared = recipe_learns_from(recipe) == "schema"
        folder = self.prepared.path / "encoded" / f"{recipe}-{'all' if shared else fold}"
        if folder not in self._opened:
            if not folder.exists():
                self._write(recipe, None if shared else fold, folder)
            self._opened[folder] = joblib.load(folder / "encoder.joblib"), np.load(folder / "matrix.npy", mmap_mode="r")
        return self._opened[folder]

    def _write(self, recipe: str, fold: int | None, folder: Path) -> None:
        frame, target = self.prepared.frame, self.prepared.target
        train = np.arange(len(target)) if fold is None else self.prepared.folds[fold].train
        encoder, encoded = fit_encoder(recipe, frame.iloc[train], target[train], self.prepared.schema, seed=self.seed)
        matrix = encoded
        if fold is not None:
            rest = np.setdiff1d(np.arange(len(target)), train)
            matrix = np.empty((len(target), encoded.shape[1]))
            matrix[train] = encoded
            matrix[rest] = encoder.transform(frame.iloc[rest])
        temporary = Path(tempfile.mkdtemp(prefix=".encoding-", dir=folder.parent))
        np.save(temporary / "matrix.npy", matrix)
        joblib.dump(encoder, temporary / "encoder.joblib")
        try:
            os.rename(temporary, folder)
        except OSError:  # another worker was faster; its files are the same
            if not folder.exists():
                raise
