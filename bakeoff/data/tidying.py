"""tidy: any table as the dataset store keeps it; law: flat columns with distinct string names, a plain row index, no mixed types."""

import decimal
from collections import Counter
from collections.abc import Collection, Iterable
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from pandas.api import types
from pandas.api.extensions import ExtensionDtype

from bakeoff.data.parsing import plain_values, usual_dtype
from bakeoff.data.spelling import as_number, spell
from bakeoff.errors import DataError

__all__ = ["check_columns", "no_columns", "no_frame", "tidy", "tidy_column"]

_LISTS = (list, tuple, set, frozenset)


def check_columns(names: Iterable[str], where: object) -> None:
    """DataError where a name occurs twice."""
    twice = [repr(name) for name, count in Counter(names).items() if count > 1]
    if twice:
        raise DataError(f"column names occur twice: {', '.join(twice)}", where=where, remedy="give every column a name of its own")


def no_columns(where: object) -> DataError:
    """The error for a table without any."""
    return DataError("the table has no columns", where=where, remedy="give a table with a target and at least one other column")


def no_frame(given: object, where: str, allowed: str) -> DataError:
    """The error for what is no frame where one is wanted."""
    kind = f"{type(given).__module__}.{type(given).__name__}".removeprefix("builtins.")
    return DataError("this is no table", where=where, given=kind, allowed=allowed, remedy="make a frame of it with pd.DataFrame(…)")


def tidy(frame: pd.DataFrame, where: object = "the frame", unused: Collection[str] = ()) -> pd.DataFrame:
    """The frame with string names, rows counted from 0, and columns that Parquet can hold; dates with a zone become UTC without one.

    Raises DataError for no rows, no columns, names that occur twice, and nested values; `unused` columns that hold these, or bytes, are
    kept without a value.
    """
    if frame.shape[1] == 0:
        raise no_columns(where)
    if len(frame) == 0:
        raise DataError("the table has no rows", where=where, given=f"columns {', '.join(map(str, frame.columns[:12]))}", remedy="add rows")
    if isinstance(frame.columns, pd.MultiIndex):
        raise DataError("the columns have names of several levels", where=where, remedy="flatten them to one level")
    names = [str(name) for name in frame.columns]
    check_columns(names, where)
    counted = frame.reset_index(drop=True)
    columns = {}
    for place, name in enumerate(names):
        try:
            columns[name] = tidy_column(counted.iloc[:, place], f"{where}: {name}")
        except DataError:
            if name not in unused:
                raise
            columns[name] = pd.Series(np.nan, index=counted.index)
    return pd.DataFrame(columns)


def _is_plain(dtype: Any) -> bool:
    """Whether Parquet can hold categories of this dtype: not intervals, as pd.cut makes them, nor mixes of objects."""
    return isinstance(dtype, pd.StringDtype) or (isinstance(dtype, np.dtype) and types.is_numeric_dtype(dtype))


def tidy_column(values: pd.Series, where: str) -> pd.Series:
    """One column as `tidy` leaves it. Raises DataError."""
    values = _as_a_file_gives_it(usual_dtype(values))
    dtype = values.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        if _is_plain(dtype.categories.dtype):
            return values
        held = tidy_column(values.astype(object), where)
        if held.dtype.kind == "m":
            return held
        return _in_order(held, tidy_column(pd.Series(dtype.categories, dtype=object), where)) if dtype.ordered else held.astype("category")
    if isinstance(dtype, pd.DatetimeTZDtype):
        return pd.Series(values.dt.tz_convert("UTC").dt.tz_localize(None))
    if types.is_complex_dtype(dtype) or isinstance(dtype, (pd.PeriodDtype, pd.IntervalDtype)):
        return values.astype("str")
    return _as_a_file_gives_it(_tidy_objects(values, where)) if types.is_object_dtype(dtype) else values


def _in_order(held: pd.Series, order: pd.Series) -> pd.Series:
    """Values as categories in this order, where they are of its type and Parquet can hold it."""
    fits = order.dtype == held.dtype and _is_plain(order.dtype)
    return held.astype(pd.CategoricalDtype(pd.Index(order.dropna().unique()), ordered=True) if fits else "category")


def _as_a_file_gives_it(values: pd.Series) -> pd.Series:
    """Nullable and Arrow's dtypes, and dates by the second, as they come back from Parquet: one content has one digest."""
    dtype = values.dtype
    if dtype == "datetime64[s]":
        return pd.Series(values.dt.as_unit("ms"))
    masked = isinstance(dtype, ExtensionDtype) and dtype.na_value is pd.NA and not isinstance(dtype, pd.SparseDtype)
    if not masked:
        return values
    plain = pa.array(values, from_pandas=True).to_pandas(date_as_object=False)
    return pd.Series(plain.array, index=values.index, name=values.name)


def _tidy_objects(values: pd.Series, where: str) -> pd.Series:
    """Columns of Python objects as what all of them are; as words where they are of several types."""
    plain = plain_values(values)
    known = values[plain.notna()]
    nested = known.map(_is_nested).astype(bool)
    if nested.any() and known.map(_is_flat).all():
        return spell(plain)
    if nested.any():
        raise DataError(
            "the column holds nested values",
            where=where,
            given=repr(known.iloc[0])[:80],
            allowed="plain values, or lists of words and numbers",
            remedy="flatten it into columns of plain values, or drop it",
        )
    if known.map(lambda value: isinstance(value, (bytes, bytearray, memoryview))).any():
        raise DataError(
            "the column holds bytes", where=where, allowed="numbers, words, dates", remedy="decode them before, or drop the column"
        )
    held = types.infer_dtype(known, skipna=True)
    if known.empty:
        return pd.Series(np.nan, index=values.index)
    if held == "decimal" or (held == "mixed" and all(isinstance(v, decimal.Decimal) for v in known)):
        return plain.astype("float64")
    if held in ("date", "datetime", "datetime64"):
        return pd.to_datetime(plain, errors="coerce", utc=True).dt.tz_localize(None)
    if held == "timedelta":
        return pd.to_timedelta(plain, errors="coerce")
    if held == "boolean":
        return plain.infer_objects()
    if held in ("integer", "floating", "mixed-integer-float"):
        numbers = plain.infer_objects()
        return numbers if numbers.dtype != object else plain.map(as_number).astype("float64")
    return spell(plain)


def _is_nested(value: Any) -> bool:
    return isinstance(value, (*_LISTS, dict)) or getattr(value, "ndim", 0) > 0


def _is_flat(value: Any) -> bool:
    """Whether it is a list of plain values."""
    listed = isinstance(value, _LISTS) or getattr(value, "ndim", 0) == 1
    return listed and not any(_is_nested(token) or isinstance(token, bytes) for token in value)
