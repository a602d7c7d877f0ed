"""Columns with a role of their own: weights, groups, split marks, time; law: what cannot play its role is refused, with its YAML path."""

import numpy as np
import pandas as pd

from bakeoff.data.conforming import conform_column
from bakeoff.data.kinds import date_words, decimal_mark, find_kind
from bakeoff.data.parsing import to_booleans, to_numbers, to_words
from bakeoff.data.schema import Column
from bakeoff.errors import DataError, nearest

__all__ = ["positive_code", "role_column", "row_groups", "row_times", "row_weights", "split_marks"]


def role_column(frame: pd.DataFrame, name: str, where: str) -> pd.Series:
    """The column of this name. Raises DataError naming `where` it was asked for."""
    if name not in frame:
        raise DataError("no such column", where=where, given=name, remedy=nearest(name, map(str, frame.columns)))
    return frame[name]


def row_weights(frame: pd.DataFrame, name: str, where: str = "data.weight") -> np.ndarray:
    """(n,) float64, none below 0, some above it. Raises DataError."""
    column = role_column(frame, name, where)
    weights = to_numbers(column, decimal_mark(column))
    wrong = ~np.isfinite(weights) | (weights < 0)
    if wrong.any():
        shown = list(dict.fromkeys("missing" if pd.isna(value) else str(value) for value in column[wrong].head(100)))
        raise DataError(
            f"{wrong.sum()} of {len(column)} row weights are no finite numbers of at least 0",
            where=f"{where}: {name}",
            given=", ".join(shown[:5]),
            allowed="0, 1, 2.5, …",
            remedy="mend or leave out these rows",
        )
    if not weights.any():
        raise DataError("every row weight is 0", where=f"{where}: {name}", remedy="give some rows a weight above 0")
    return weights


def row_groups(frame: pd.DataFrame, name: str) -> np.ndarray:
    """(n,) int64 codes, equal for equal values; rows without a value share one. Raises DataError."""
    column = role_column(frame, name, "validation.group")
    return np.asarray(pd.factorize(to_words(column), use_na_sentinel=False)[0], dtype=np.int64)


def split_marks(frame: pd.DataFrame, names: tuple[str, ...]) -> tuple[np.ndarray, ...]:
    """Per column a mask of the rows that train, the others judging. Raises DataError."""
    found = []
    for name in names:
        column = role_column(frame, name, "validation.split_columns")
        numbers = to_numbers(column) if not _is_truth(column) else to_booleans(column)
        wrong = ~np.isin(numbers, (0.0, 1.0))
        where = f"validation.split_columns: {name}"
        if wrong.any():
            shown = list(dict.fromkeys("missing" if pd.isna(value) else str(value) for value in column[wrong].head(100)))
            raise DataError(
                "a split column holds other values than 0 and 1", where=where, given=", ".join(shown[:5]), allowed="1 train, 0 validation"
            )
        if len(np.unique(numbers)) < 2:
            raise DataError(
                "a split column has one part only", where=where, given=f"{numbers[0]:.0f} in every row", allowed="1 train, 0 validation"
            )
        found.append(numbers == 1)
    return tuple(found)


def row_times(frame: pd.DataFrame, name: str) -> np.ndarray:
    """(n,) of what orders the rows: datetime64[ns], or float64 where the column holds numbers. Raises DataError."""
    column = role_column(frame, name, "validation.time")
    kind = find_kind(column)
    where = f"validation.time: {name}"
    if kind not in ("datetime", "numeric"):
        raise DataError(
            "the column cannot be read as dates or numbers",
            where=where,
            given=", ".join(map(str, column.dropna().head(3))) or "no value",
            allowed="dates, or numbers",
        )
    spellings = date_words(column) if kind == "datetime" else ()
    described = Column(name, kind, str(column.dtype), spellings, decimal=decimal_mark(column))
    times = conform_column(column, described).to_numpy()
    unknown = pd.isna(times)
    if unknown.any():
        given = ", ".join(dict.fromkeys("missing" if pd.isna(value) else str(value) for value in column[unknown].head(5)))
        raise DataError(
            f"{unknown.sum()} of {len(column)} rows have no time", where=where, given=given, remedy="mend or leave out these rows"
        )
    return np.asarray(times)


def positive_code(labels: tuple[object, ...], label: object) -> int:
    """The code of the label that counts as positive, however it is spelled. Raises DataError with the labels."""
    exact = [code for code, known in enumerate(labels) if known == label and isinstance(known, bool) == isinstance(label, bool)]
    spelled = [code for code, known in enumerate(labels) if str(known).lower() == str(label).lower()]
    if not spelled and isinstance(label, bool):  # YAML reads yes and on as a truth value
        truth = to_booleans(pd.Series([str(known) for known in labels], dtype="str"))
        spelled = np.flatnonzero(truth == label).tolist()
    if not exact and len(spelled) != 1:
        raise DataError(
            "the target has no such label", where="data.positive_label", given=repr(label), allowed=", ".join(map(repr, labels[:50]))
        )
    return (exact or spelled)[0]


def _is_truth(column: pd.Series) -> bool:
    return find_kind(column) == "boolean"
