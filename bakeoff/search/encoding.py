"""Encoded folds: a recipe's matrix, made once and memory-mapped; law: what learns from rows is fitted inside the fold."""

import os
import tempfile
from pathlib import Path
from typing import Any

import joblib
import numpy as np
from scipy import sparse

from bakeoff.errors import writing
from bakeoff.features import Encoder, LearnsFrom, RecipeCard, customized, fit_encoder, recipe_learns_from
from bakeoff.search.preparing import Prepared
from bakeoff.search.summarizing import keep_features

__all__ = ["EncodedFolds"]

DENSE, SPARSE = "matrix.npy", "matrix.npz"


class EncodedFolds:
    """A prepared run's matrices, recipe by recipe, as one process sees them."""

    def __init__(self, prepared: Prepared, seed: int) -> None:
        self.prepared, self.seed = prepared, seed
        self._encoders: dict[Path, Encoder] = {}

    def of(self, recipe: str, fold: int | None) -> tuple[Encoder, Any]:
        """The recipe's encoder as fitted for a fold (None: on all rows), and its matrix of all rows, read-only; maybe a CSR array.

        The matrix is (n, features) float64. Training rows are as `fit_encoder` gives them (out-of-fold where it learns from the target),
        the others as `transform` does.
        """
        shared = fold is None or self.learns_from(recipe) == "schema"
        folder = self.prepared.path / "encoded" / f"{recipe}-{'all' if shared else fold}"
        if folder not in self._encoders:
            if not folder.exists():
                self._write(recipe, None if shared else fold, folder)
            self._encoders[folder] = joblib.load(folder / "encoder.joblib")
        # The matrix is mapped anew each time: kept open, those of all folds and recipes would count as this process's memory.
        if (folder / SPARSE).exists():
            return self._encoders[folder], sparse.load_npz(folder / SPARSE)
        return self._encoders[folder], np.load(folder / DENSE, mmap_mode="r")

    def make(self, recipe: str) -> None:
        """Encodes every fold that is not encoded yet."""
        for fold in range(len(self.prepared.folds)):
            self.of(recipe, fold)

    def learns_from(self, recipe: str) -> LearnsFrom:
        """What fitting the recipe's encoder to this table looks at."""
        return recipe_learns_from(self._card(recipe), self.prepared.schema)

    def _card(self, recipe: str) -> RecipeCard:
        return customized(recipe, self.prepared.params.featurization)

    def _write(self, recipe: str, fold: int | None, folder: Path) -> None:
        frame, target = self.prepared.frame, self.prepared.target
        train = np.arange(len(target)) if fold is None else self.prepared.folds[fold].train
        groups = None if self.prepared.groups is None else self.prepared.groups[train]
        encoder, encoded = fit_encoder(
            self._card(recipe), frame.iloc[train], target[train], self.prepared.schema, seed=self.seed, groups=groups
        )
        if not fold:
            keep_features(self.prepared.path, recipe, encoder)
        matrix = encoded
        if fold is not None:
            rest = np.setdiff1d(np.arange(len(target)), train)
            matrix = _merged(train, encoded, rest, encoder.transform(frame.iloc[rest]))
        with writing(folder):
            _put(folder, matrix, encoder)


def _merged(train: np.ndarray, encoded: Any, rest: np.ndarray, others: Any) -> Any:
    """The rows of two matrices in their places."""
    if sparse.issparse(encoded):
        return sparse.csr_array(sparse.vstack([encoded, others], format="csr"))[np.argsort(np.concatenate([train, rest]))]
    matrix = np.empty((len(train) + len(rest), encoded.shape[1]))
    matrix[train], matrix[rest] = encoded, others
    return matrix


def _put(folder: Path, matrix: Any, encoder: Encoder) -> None:
    folder.parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".encoding-", dir=folder.parent) as beside:
        made = Path(beside) / folder.name
        made.mkdir()
        if sparse.issparse(matrix):
            sparse.save_npz(made / SPARSE, matrix, compressed=False)
        else:
            np.save(made / DENSE, matrix)
        joblib.dump(encoder, made / "encoder.joblib")
        try:
            os.rename(made, folder)
        except OSError:  # another worker was faster; its files are the same
            if not folder.exists():
                raise
