"""FeaturizerCard and RecipeCard: the declarations recipes are composed of; law: facts and functions, no inheritance."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

import numpy as np
import pandas as pd

from bakeoff.data.schema import Column, Kind, Schema

__all__ = ["Featurizer", "FeaturizerCard", "Imputation", "LearnsFrom", "Parameter", "RecipeCard", "any_column"]

LearnsFrom = Literal["schema", "rows", "target"]


class Featurizer(Protocol):
    """What `build` gives: picklable, conformed frame in, float64 (rows, features) out."""

    def fit_transform(self, frame: pd.DataFrame, y: np.ndarray, seed: int, groups: np.ndarray | None = None, /) -> np.ndarray:
        """Learn from the training rows and give their features; `transform` may differ for them where the target was looked at.

        `groups` are codes of rows that belong together, which no out-of-fold estimate may part.
        """
        ...

    def transform(self, frame: pd.DataFrame) -> np.ndarray:
        """The features of any rows."""
        ...

    def features(self) -> tuple[tuple[str, ...], ...]:
        """Name and raw column, or columns, of each feature, in the matrix's order; known once fitted."""
        ...


def any_column(_column: Column) -> bool:
    """True."""
    return True


@dataclass(frozen=True)
class Parameter:
    """A number that a featurizer is built with, and the range it may have."""

    low: float
    high: float
    whole: bool = False


@dataclass(frozen=True)
class Imputation:
    """How a column's missing values are filled: mean, median, most_frequent or constant:VALUE."""

    strategy: str
    indicator: bool = True


@dataclass(frozen=True)
class FeaturizerCard:
    """A block of features made of the columns of some kinds.

    `learns_from` says what fitting looks at: "schema" (nothing in the rows; may be fitted on all rows), "rows" (fitted inside the fold)
    or "target" (inside the fold, out-of-fold on its training rows).
    """

    name: str
    kinds: tuple[Kind, ...]
    build: Callable[..., Featurizer]
    """Of a tuple of columns, and of `parameters` as keywords."""
    learns_from: LearnsFrom = "rows"
    gives_codes: bool = False
    """Its features are category codes (0, 1, … ; NaN missing), to be treated as categories by an algorithm that can."""
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    """What featurization.parameters may set."""
    takes: Callable[[Column], bool] = any_column
    """Of the columns of its kinds, those that it has features for."""
    adds: bool = False
    """Whether its features stand beside those of another featurizer that takes the same columns; nothing stands in for it."""
    sparse: bool = False
    """Whether it gives a scipy CSR array, mostly zeros."""


@dataclass(frozen=True)
class RecipeCard:
    """An ordered choice of featurizers, by name."""

    name: str
    featurizers: tuple[str, ...]
    imputed: bool = False
    """Whether missing values are filled in the whole matrix, after the featurizers."""
    screened: bool = False
    """Whether features that tell no more than shuffled ones are left out (screening.py)."""
    scaler: str | None = None
    """Name of a scaler applied to the whole matrix last."""
    parameters: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """By featurizer, what it is built with beyond its own defaults."""
    imputation: Mapping[str, Imputation] = field(default_factory=dict)
    """By column, how missing values are filled before any featurizer looks."""
    only: Mapping[str, Callable[[Column], bool]] = field(default_factory=dict)
    """By featurizer, which of the columns it takes it shall have here."""

    def columns_for(self, featurizer: FeaturizerCard, schema: Schema) -> tuple[Column, ...]:
        """The columns that a featurizer of this recipe is built with."""
        wanted = self.only.get(featurizer.name, any_column)
        return tuple(c for c in schema.columns if c.kind in featurizer.kinds and featurizer.takes(c) and wanted(c))
