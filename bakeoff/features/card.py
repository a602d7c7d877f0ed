"""FeaturizerCard and RecipeCard: the declarations recipes are composed of; law: facts and functions, no inheritance."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
import pandas as pd

from bakeoff.data.schema import Column, Kind

__all__ = ["Featurizer", "FeaturizerCard", "LearnsFrom", "RecipeCard"]

LearnsFrom = Literal["schema", "rows", "target"]


class Featurizer(Protocol):
    """What `build` gives: picklable, conformed frame in, float64 (rows, features) out."""

    def fit_transform(self, frame: pd.DataFrame, y: np.ndarray, seed: int, /) -> np.ndarray:
        """Learn from the training rows and give their features; `transform` may differ for them where the target was looked at."""
        ...

    def transform(self, frame: pd.DataFrame) -> np.ndarray:
        """The features of any rows."""
        ...

    def features(self) -> tuple[tuple[str, str], ...]:
        """Name and raw column of each feature, in the matrix's order; known once fitted."""
        ...


@dataclass(frozen=True)
class FeaturizerCard:
    """A block of features made of the columns of some kinds.

    `learns_from` says what fitting looks at: "schema" (nothing in the rows; may be fitted on all rows), "rows" (fitted inside the fold)
    or "target" (inside the fold, out-of-fold on its training rows).
    """

    name: str
    kinds: tuple[Kind, ...]
    build: Callable[[tuple[Column, ...]], Featurizer]
    learns_from: LearnsFrom = "rows"
    gives_codes: bool = False
    """Its features are category codes (0, 1, … ; NaN missing), to be treated as categories by an algorithm that can."""


@dataclass(frozen=True)
class RecipeCard:
    """An ordered choice of featurizers, by name; a kind of column is taken by at most one of them."""

    name: str
    featurizers: tuple[str, ...]
    imputed: bool = False
    """Whether missing values are filled in the whole matrix, after the featurizers."""
    scaler: str | None = None
    """Name of a scaler applied to the whole matrix last."""
