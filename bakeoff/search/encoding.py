"""Encoded folds: a recipe's matrix, made once and memory-mapped; law: what learns from rows is fitted inside the fold."""

import hashlib
import os
import pickle
import shutil
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse

from bakeoff.errors import writing
from bakeoff.features import (
    Block,
    Encoder,
    Featurizer,
    LearnsFrom,
    Readings,
    RecipeCard,
    Rows,
    customized,
    encode,
    recipe_learns_from,
    remembering,
)
from bakeoff.runs.folder import lock_file
from bakeoff.search.preparing import Prepared
from bakeoff.search.summarizing import has_features, keep_features

__all__ = ["EncodedFolds"]

FITTED = "fitted.pickle"
PARTS = ("data", "indices", "indptr")
"""Of a CSR array."""
SLOW_SECONDS, SLOW_BYTES = 0.004, 200e6
"""What a featurizer takes on a fold, and how few bytes it makes in a second, for its work to be worth keeping for other recipes."""


class EncodedFolds:
    """A prepared run's matrices, recipe by recipe, as one process sees them."""

    def __init__(self, prepared: Prepared, seed: int) -> None:
        self.prepared, self.seed = prepared, seed
        self._encoders: dict[Path, Encoder] = {}
        self._featurizers: dict[Path, Featurizer] = {}
        """Of blocks: encoders that have one in common hold it once."""
        self._learns_from: dict[str, LearnsFrom] = {}
        """By recipe: to tell it, every column is looked at."""
        self._readings = Readings()

    def of(self, recipe: str, fold: int | None) -> tuple[Encoder, Any]:
        """The recipe's encoder as fitted for a fold (None: on all rows), and its matrix of all rows, read-only; maybe a CSR array.

        The matrix is (n, features) float64. Training rows are as `fit_encoder` gives them (out-of-fold where it learns from the target),
        the others as `transform` does.
        """
        folder = self._folder(recipe, fold)
        if folder not in self._encoders:
            self._encoders[folder] = _fitted(folder) if self.has(recipe, fold) else self._made(recipe, fold, folder)
        # The matrix is mapped anew each time: kept open, those of all folds and recipes would count as this process's memory.
        return self._encoders[folder], _get(folder)

    def has(self, recipe: str, fold: int | None) -> bool:
        """Whether `of` need not encode anything."""
        return (self._folder(recipe, fold) / FITTED).exists()

    def learns_from(self, recipe: str) -> LearnsFrom:
        """What fitting the recipe's encoder to this table looks at."""
        if recipe not in self._learns_from:
            self._learns_from[recipe] = recipe_learns_from(self._card(recipe), self.prepared.schema)
        return self._learns_from[recipe]

    def _is_shared(self, recipe: str, fold: int | None) -> bool:
        return fold is None or self.learns_from(recipe) == "schema"

    def _folder(self, recipe: str, fold: int | None) -> Path:
        return self._root() / f"{recipe}-{'all' if self._is_shared(recipe, fold) else fold}"

    def _root(self) -> Path:
        part = self.prepared.part
        return self.prepared.path / "encoded" / ("" if part is None else f"part-{part}")

    def _card(self, recipe: str) -> RecipeCard:
        return customized(recipe, self.prepared.params.featurization)

    def _made(self, recipe: str, fold: int | None, folder: Path) -> Encoder:
        """The encoder that this process makes, or waits for while another one does."""
        with lock_file(_lock_of(folder)):
            own = None if self._is_shared(recipe, fold) else fold
            return _fitted(folder) if self.has(recipe, fold) else self._write(recipe, own, folder)

    def _write(self, recipe: str, fold: int | None, folder: Path) -> Encoder:
        rows = Rows(
            frame=self.prepared.frame,
            y=self.prepared.target,
            seed=self.seed,
            groups=self.prepared.groups,
            train=None if fold is None else self.prepared.folds[fold].train,
            keep=partial(self._kept, "all" if fold is None else str(fold)),
        )
        with remembering(self._readings):
            encoder, matrix = encode(self._card(recipe), self.prepared.schema, rows)
        if not fold and (self.prepared.part is None or not has_features(self.prepared.path, recipe)):
            keep_features(self.prepared.path, recipe, encoder)
        _put(folder, matrix, encoder)
        return encoder

    def _kept(self, fold: str, name: str, shared: bool, make: Callable[[], Block]) -> Block:
        """A featurizer's block on a fold, read where another recipe or fold left it; left for others where it was slow to make."""
        digest = hashlib.sha256(name.encode()).hexdigest()[:16]
        folder = self._root() / f"block-{digest}-{'shared' if shared else fold}"
        if folder.exists():
            return self._found(folder)
        with lock_file(_lock_of(folder)):  # taken by who has a recipe's at most, and no other block's: nobody waits in a circle
            if folder.exists():
                return self._found(folder)
            begun = time.monotonic()
            featurizer, matrix = make()
            if time.monotonic() - begun > SLOW_SECONDS + matrix.nbytes / SLOW_BYTES:
                _put(folder, matrix, featurizer)
                self._featurizers[folder] = featurizer
            return featurizer, matrix

    def _found(self, folder: Path) -> Block:
        if folder not in self._featurizers:
            self._featurizers[folder] = _fitted(folder)
        return self._featurizers[folder], _get(folder)


def _lock_of(folder: Path) -> Path:
    """What is held while the folder is made; whoever finds the folder needs no lock, and a killed holder holds it no more."""
    return folder.with_name(f"{folder.name}.lock")


def _put(folder: Path, matrix: Any, fitted: Any) -> None:
    """Writes a matrix and what was fitted, whole or not at all."""
    with writing(folder):
        folder.parent.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(prefix=".encoding-", dir=folder.parent))
        try:
            for name, array in _arrays(matrix).items():
                np.save(made / f"{name}.npy", array)
            (made / FITTED).write_bytes(pickle.dumps(fitted, protocol=5))
            os.rename(made, folder)
        except OSError:  # another worker was faster; its files are the same
            if not folder.exists():
                raise
        finally:
            shutil.rmtree(made, ignore_errors=True)


def _fitted(folder: Path) -> Any:
    """What was fitted, as this run's own workers left it."""
    return pickle.loads((folder / FITTED).read_bytes())  # noqa: S301


def _arrays(matrix: Any) -> dict[str, np.ndarray]:
    """What a matrix is written as: an array, or the three of a CSR array and its shape."""
    if not sparse.issparse(matrix):
        return {"matrix": matrix}
    return {**{name: getattr(matrix, name) for name in PARTS}, "shape": np.array(matrix.shape)}


def _get(folder: Path) -> Any:
    """The matrix of a folder, mapped, not read."""
    if (folder / "matrix.npy").exists():
        return np.load(folder / "matrix.npy", mmap_mode="r")
    parts = tuple(np.load(folder / f"{name}.npy", mmap_mode="r") for name in PARTS)
    return sparse.csr_array(parts, shape=tuple(np.load(folder / "shape.npy").tolist()))
