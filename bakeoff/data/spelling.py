"""spell: values as text, and one as a number; law: each value by itself, whatever stands beside it in its column and whatever holds it."""

import datetime as dt
import decimal
import sys
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from pandas.api import types

__all__ = ["as_number", "is_missing", "spell", "spelled", "taken"]

_NUMBERS = (bool, np.bool_, int, np.integer, float, np.floating, decimal.Decimal)
_EXACT = 2**63
"""Below it whole floats are spelled as whole numbers."""


def spell(values: pd.Series) -> pd.Series:
    """Column of dtype `str`, NaN where missing; 1.0 is '1', a date at midnight its day, dates with a zone are in UTC without one."""
    dtype = values.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        return taken(spell(pd.Series(values.cat.categories)).tolist(), values.cat.codes.to_numpy(), values.index)
    if types.is_float_dtype(dtype) or dtype.kind in "mM":
        codes, distinct = pd.factorize(values)
        return taken([spelled(value) for value in distinct], codes, values.index)
    if types.is_object_dtype(dtype):
        return pd.Series([spelled(value) for value in values], index=values.index, dtype="str")
    return values.astype("str")


def taken(words: Sequence[str | float], codes: np.ndarray, index: pd.Index) -> pd.Series:
    """The words of codes, -1 being missing, as a column of dtype `str`."""
    return pd.Series(pd.Series(list(words), dtype="str").array.take(codes, allow_fill=True), index=index)


def spelled(value: object) -> str | float:
    """One value as text that UTF-8 can hold, NaN where it is missing."""
    if isinstance(value, str):
        return _encodable(value)
    if is_missing(value):
        return np.nan
    if isinstance(value, (float, np.floating, decimal.Decimal)) or _is_beyond(value):
        return _spelled_float(float(as_number(value)))
    if isinstance(value, (dt.datetime, np.datetime64)):
        return _spelled_date(pd.Timestamp(value))
    if isinstance(value, (dt.timedelta, np.timedelta64)):
        return _without_zeros(str(pd.Timedelta(value)))
    return _encodable(str(value))


def as_number(value: Any) -> float | str:
    """One value as a float where it is a number or a duration (its seconds), infinite beyond what a float holds; else as it is spelled."""
    if isinstance(value, dt.timedelta):
        return value.total_seconds()
    if isinstance(value, np.timedelta64):
        return pd.Timedelta(value).total_seconds()
    if _is_beyond(value):
        return np.inf if value > 0 else -np.inf
    return float(value) if isinstance(value, _NUMBERS) and not is_missing(value) else spelled(value)


def is_missing(value: Any) -> bool:
    """Whether it is None, NaN, NaT or pd.NA; a list is not."""
    if isinstance(value, decimal.Decimal):
        return value.is_nan()  # pandas compares them, which a signaling NaN refuses
    return bool(types.is_scalar(value) and pd.isna(value))


def _is_beyond(value: Any) -> bool:
    """Whether it is a Python number larger than a float can hold; of some thousand digits, Python does not spell it."""
    return isinstance(value, int) and abs(value) > sys.float_info.max


def _spelled_float(number: float) -> str:
    return str(int(number)) if np.isfinite(number) and number == int(number) and abs(number) < _EXACT else repr(number)


def _spelled_date(date: pd.Timestamp) -> str:
    plain = date if date.tzinfo is None else date.tz_convert("UTC").tz_localize(None)
    return _without_zeros(str(plain)).removesuffix(" 00:00:00")


def _without_zeros(clock: str) -> str:
    """How many there are after a point is the unit's doing."""
    return clock.rstrip("0") if "." in clock else clock


def _encodable(text: str) -> str:
    """A surrogate without its other half, which no file can hold, is '?'."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")
