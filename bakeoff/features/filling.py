"""Filler: the imputation that a person asked for, column by column; law: learned from training rows, before any featurizer looks."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from bakeoff.data.conforming import conform_column
from bakeoff.data.schema import Column, Schema
from bakeoff.features.card import Imputation

__all__ = ["Filler", "constant_of", "fit_filler"]


@dataclass(frozen=True)
class Filler:
    """Fills each column's missing values with its value; `indicated` columns get a 0/1 feature besides."""

    values: Mapping[str, Any]
    indicated: tuple[str, ...]

    def transform(self, frame: pd.DataFrame) -> pd.DataFrame:
        """The conformed frame with these columns filled."""
        filled = frame.copy(deep=False)
        for name, value in self.values.items():
            filled[name] = frame[name].fillna(value)
        return filled

    def indicators(self, frame: pd.DataFrame) -> np.ndarray:
        """(rows, indicated) 1 where the frame, not yet filled, misses a value."""
        return frame[list(self.indicated)].isna().to_numpy(np.float64)

    def features(self) -> tuple[tuple[str, str], ...]:
        """Name and raw column of each indicator."""
        return tuple((f"{name} is missing", name) for name in self.indicated)


def fit_filler(asked: Mapping[str, Imputation], frame: pd.DataFrame, schema: Schema) -> Filler | None:
    """The filler of conformed training rows; None where nothing is asked. A column without any value stays as it is."""
    kinds = {column.name: column for column in schema.columns}
    values = {name: _value(frame[name], kinds[name], wish.strategy) for name, wish in asked.items()}
    values = {name: value for name, value in values.items() if not pd.isna(value)}
    indicated = tuple(name for name in values if asked[name].indicator and frame[name].isna().any())
    return Filler(values, indicated) if values else None


def constant_of(column: Column, text: str) -> Any:
    """constant:TEXT as the column's kind reads it; NaN or NaT where it cannot."""
    return conform_column(pd.Series([text], dtype="str"), column).iloc[0]


def _value(values: pd.Series, column: Column, strategy: str) -> Any:
    if strategy.startswith("constant:"):
        return constant_of(column, strategy.removeprefix("constant:"))
    known = values.dropna()
    if known.empty:
        return np.nan
    if strategy == "most_frequent":
        counts = known.value_counts()
        return min(counts.index[counts == counts.max()])
    return known.mean() if strategy == "mean" else known.median()
