"""The learned column as numbers and back; law: predictions leave in the labels' own dtype and spelling."""

from typing import Any, Literal

import numpy as np
import pandas as pd
from pandas.api import types

from bakeoff.data.kinds import decimal_mark, find_kind, unit_in
from bakeoff.data.parsing import plain_values, to_booleans, to_numbers, to_words, without_unit
from bakeoff.data.schema import Schema, Target
from bakeoff.data.spelling import spell, spelled
from bakeoff.data.tidying import no_columns, tidy_column
from bakeoff.errors import DataError, nearest

__all__ = ["decode_labels", "encode_target", "guess_task", "make_target", "no_target", "rows_kept", "usable_rows"]

_LEAST_ROWS = 4
"""Two folds of two rows."""
_MOST_CLASSES = 20
_LARGEST = 1e100
_SMALLEST_SPREAD = 1e-150
_LARGEST_EXACT = 2**53
"""Beyond it two whole numbers may be one float."""


def usable_rows(frame: pd.DataFrame, target: str) -> np.ndarray:
    """Mask of the rows whose target is known: neither missing nor blank. Raises DataError where the column is missing."""
    values = _target_values(frame, target)
    known = values.notna().to_numpy(bool)
    if types.is_string_dtype(values.dtype) or values.dtype == object:
        known = known & (spell(values).str.strip() != "").to_numpy(bool)
    return np.asarray(known)


def rows_kept(frame: pd.DataFrame, kept: np.ndarray) -> pd.DataFrame:
    """The rows of a mask, numbered from 0; of a mask that keeps all, the frame's own memory."""
    return (frame if kept.all() else frame[kept]).reset_index(drop=True)


def _target_values(frame: pd.DataFrame, target: str) -> pd.Series:
    places = [place for place, name in enumerate(frame.columns) if str(name) == str(target)]
    if not places:
        raise no_target(target, [str(name) for name in frame.columns])
    return plain_values(frame.iloc[:, places[0]])


def no_target(target: str, names: list[str]) -> DataError:
    """The error for a target that is not among the columns."""
    if not names:
        return no_columns("the table")
    remedy = f"{nearest(str(target), names)}; the first line of a CSV is read as the columns' names"
    return DataError("the target is not among the columns", where="data.target", given=target, remedy=remedy)


def guess_task(frame: pd.DataFrame, target: str) -> Literal["classification", "regression"]:
    """classification for words, truth values, and at most 20 whole numbers that recur; regression for other numbers. Raises DataError."""
    values = tidy_column(_target_values(frame, target)[usable_rows(frame, target)], str(target))
    if isinstance(values.dtype, pd.CategoricalDtype) or find_kind(values) != "numeric":
        return "classification"
    bare = without_unit(values, unit_in(values))
    numbers = to_numbers(bare, decimal_mark(bare))
    distinct = np.unique(numbers[~np.isnan(numbers)])
    whole = bool(np.all(distinct == np.floor(distinct)))
    few = len(distinct) <= min(_MOST_CLASSES, max(2, len(numbers) // 10))
    return "classification" if whole and few else "regression"


def make_target(frame: pd.DataFrame, target: str, task: str) -> Target:
    """The target of a table, its rows without one left out; DataError where it cannot be learned."""
    values = _target_values(frame, target)
    known = values[usable_rows(frame, target)]
    if len(known) == 0:
        raise DataError("every value of the target is missing", where=target, remedy="name another target column")
    if len(known) < _LEAST_ROWS:
        raise DataError(
            "too few rows have a target", where=target, given=f"{len(known)} rows", allowed=f"at least {_LEAST_ROWS}", remedy="add rows"
        )
    return _class_target(values, known, target) if task == "classification" else _number_target(known, target)


def _class_target(values: pd.Series, known: pd.Series, target: str) -> Target:
    if isinstance(known.dtype, pd.CategoricalDtype):
        known = known.astype(known.cat.categories.dtype)
    if types.is_float_dtype(known.dtype) and not np.isfinite(known.to_numpy(np.float64)).all():
        raise DataError("the target holds infinite values", where=target, remedy="leave those rows out")
    # Whole numbers with gaps are read as floats; the labels are the whole numbers.
    if types.is_float_dtype(known.dtype) and values.isna().any() and (known == np.floor(known.to_numpy(np.float64))).all():
        known = known.astype("int64")
    counts = known.value_counts()
    if len(counts) == 1:
        raise DataError(
            "the target has one class only", where=target, given=repr(_plain(counts.index[0])), remedy="add rows of another class"
        )
    single = [str(label) for label, count in counts.items() if count == 1]
    if single:
        number = types.is_numeric_dtype(known.dtype) and len(counts) > 20
        raise DataError(
            f"{len(single)} of {len(counts)} classes have a single row, which cannot be learned and judged both",
            where=target,
            given=", ".join(sorted(single)[:10]) + (" …" if len(single) > 10 else ""),
            allowed="at least 2 rows of each class",
            remedy="the target looks like a quantity: did you mean task: regression?"
            if number
            else "add rows of these classes, or leave theirs out",
        )
    return Target(target, _dtype_name(known), _sorted_labels(counts.index))


def _sorted_labels(labels: pd.Index) -> tuple[Any, ...]:
    plain = [_plain(label) for label in labels]
    try:
        return tuple(sorted(plain))
    except TypeError:
        return tuple(sorted(plain, key=lambda label: (type(label).__name__, label)))


def _plain(label: Any) -> Any:
    """The label as JSON holds it."""
    value = label.item() if isinstance(label, np.generic) else label
    return value if isinstance(value, (bool, int, float, str)) else spelled(value)


def _dtype_name(known: pd.Series) -> str:
    held = types.infer_dtype(known, skipna=True) if known.dtype == object else ""
    return {"boolean": "bool", "integer": "int64", "string": "str"}.get(held, str(known.dtype))


def _number_target(known: pd.Series, target: str) -> Target:
    unit = unit_in(known)
    decimal = decimal_mark(without_unit(known, unit))
    numbers = _finite_numbers(known, target, decimal, unit)
    beyond = known[np.abs(numbers) > _LARGEST]
    if len(beyond):
        raise DataError(
            f"{len(beyond)} of {len(known)} values of the target are too large to be squared, as errors are",
            where=target,
            given=", ".join(map(str, beyond.head(5))),
            allowed=f"-{_LARGEST:g} … {_LARGEST:g}",
            remedy="mend or leave out these rows, or measure in another unit",
        )
    if np.all(numbers == numbers[0]):
        raise DataError(
            "every row has the same target",
            where=target,
            given=f"{numbers[0]:g}",
            remedy="nothing can be learned from it; name another target column",
        )
    spread = np.ptp(numbers)
    if spread < _SMALLEST_SPREAD:
        raise DataError(
            "the values of the target differ by too little to be squared, as errors are",
            where=target,
            given=f"from {numbers.min():g} to {numbers.max():g}, which is {spread:.2g}",
            allowed=f"a difference of at least {_SMALLEST_SPREAD:g}",
            remedy="measure in another unit",
        )
    return Target(target, str(known.dtype), decimal=decimal, unit=unit)


def _finite_numbers(values: pd.Series, where: str, decimal: str, unit: str) -> np.ndarray:
    numbers = to_numbers(without_unit(values, unit), decimal)
    wrong = np.isnan(numbers)
    if wrong.any():
        shown = list(dict.fromkeys(str(v) for v in values[wrong].head(100)))[:5]
        raise DataError(
            f"{wrong.sum()} of {len(values)} values of the target are no finite numbers",
            where=where,
            given=", ".join(shown),
            allowed="numbers",
            remedy="mend or leave out these rows; for named classes use task: classification",
        )
    return numbers


def encode_target(values: pd.Series | np.ndarray, schema: Schema) -> np.ndarray:
    """int64 codes in the order of schema.target.labels, or float64 for a regression target.

    1, 1.0 and '1' are one label. Raises DataError for a missing value or a label the schema does not know.
    """
    target = schema.target
    column = plain_values(pd.Series(values))
    if not target.labels:
        return _finite_numbers(column, target.name, target.decimal, target.unit)
    keys = pd.Index(_keys(pd.Series(list(target.labels), dtype=_label_dtype(target)), target))
    codes = keys.get_indexer(pd.Index(_keys(column, target)))
    if (codes < 0).any():
        unknown = list(dict.fromkeys(repr(_plain(v)) for v in column[codes < 0].head(1000)))
        raise DataError(
            f"{(codes < 0).sum()} rows have a target that the training rows do not have",
            where=target.name,
            given=", ".join(unknown[:10]),
            allowed=", ".join(map(repr, target.labels[:50])),
            remedy="leave these rows out, or train with rows of these classes",
        )
    return np.asarray(codes, dtype=np.int64)


def _keys(values: pd.Series, target: Target) -> np.ndarray:
    """What labels are compared by: numbers as numbers, truth values as 0 and 1, everything else as it is spelled."""
    if target.dtype == "bool":
        return to_booleans(values)
    if all(isinstance(label, (int, float)) and not isinstance(label, bool) for label in target.labels):
        exact = all(abs(label) <= _LARGEST_EXACT for label in target.labels if isinstance(label, int))
        return to_numbers(values) if exact else np.asarray(to_words(values).to_numpy(object))
    return np.asarray(spell(values).to_numpy(object))


def decode_labels(codes: np.ndarray, schema: Schema) -> np.ndarray:
    """The labels of codes, in the target's dtype (strings as Python objects)."""
    labels = np.array(schema.target.labels, dtype=_label_dtype(schema.target))
    return np.asarray(labels[np.asarray(codes, dtype=np.int64)])


def _label_dtype(target: Target) -> np.dtype[Any]:
    if target.dtype == "bool" or target.dtype.lower().rstrip("0123456789") in ("int", "uint", "float"):
        return np.dtype(target.dtype.lower())
    return np.dtype(object)
