"""conform: the typed frame recipes are fitted on and predict from; law: same content, same frame, whatever its dtypes and column order."""

import warnings
from collections.abc import Iterator, Mapping
from numbers import Number

import numpy as np
import pandas as pd
from pandas.api import types

from bakeoff.data.kinds import kind_of_dtype
from bakeoff.data.parsing import (
    dates_spelled_otherwise,
    missing_words,
    plain_values,
    to_booleans,
    to_dates,
    to_numbers,
    to_tokens,
    to_words,
    without_unit,
)
from bakeoff.data.schema import Column, Schema
from bakeoff.data.spelling import spell
from bakeoff.data.tidying import no_frame
from bakeoff.errors import DataError, nearest

__all__ = ["conform", "conform_column"]

_TOLERATED = 0.05
"""Share of values that may fail to parse without a warning: what kinds.py allows in training."""
_VALUES_TOGETHER = 2_000_000
"""Numbers that are copied at a time."""


def conform(frame: pd.DataFrame, schema: Schema) -> pd.DataFrame:
    """Exactly the schema's columns, in its order, on the frame's own index.

    Numeric and boolean columns come out as float64, categorical and text ones as `str`, lists as `str` of one token a line, datetimes
    as datetime64[ns] in UTC without zone;
    missing values are NaN or NaT, and so are values that do not parse: a UserWarning names the column where they are many, or where
    many dates are not spelled as they were in training.
    Raises DataError naming the columns that are missing, and for what is no frame.
    """
    if not isinstance(frame, pd.DataFrame):
        raise no_frame(frame, "what to predict", "a pandas DataFrame")
    places: dict[str, int] = {}
    for place, name in enumerate(frame.columns):
        if str(name) in places and str(name) in schema.names():
            raise DataError("the frame has a column twice", where=str(name), remedy="leave one of them out")
        places[str(name)] = place
    missing = [name for name in schema.names() if name not in places]
    if missing:
        raise DataError(
            f"{'a column is' if len(missing) == 1 else f'{len(missing)} columns are'} missing: {', '.join(missing)}",
            where="the frame",
            given=f"columns {_some(list(places))}",
            allowed=f"at least the columns {_some(schema.names())}",
            remedy="add them; a column whose values are unknown may be all missing. " + nearest(missing[0], places) if places else "",
        )
    dtypes = list(frame.dtypes)
    plain = [column.name for column in schema.columns if column.kind == "numeric" and _is_number(dtypes[places[column.name]])]
    others, rest = {}, set(schema.names()) - set(plain)
    for column in schema.columns:
        if column.name in rest:
            values = plain_values(frame.iloc[:, places[column.name]], column.separator)
            others[column.name] = _of_kind(values, column)
            _warn_of_unread(values, others[column.name], column)
            _warn_of_other_dates(values, column)
    conformed = pd.concat([*_numbers(frame, places, plain), pd.DataFrame(others, index=frame.index)], axis=1)
    return conformed if list(conformed.columns) == schema.names() else conformed[schema.names()]


def _is_number(dtype: object) -> bool:
    return isinstance(dtype, np.dtype) and dtype.kind in "iuf"


def _numbers(frame: pd.DataFrame, places: Mapping[str, int], names: list[str]) -> Iterator[pd.DataFrame]:
    """Columns of plain numbers as `conform_column` makes them, many at a time: of a wide table's row, each column by itself takes longer
    than all that predicts from them."""
    together = max(1, _VALUES_TOGETHER // max(1, len(frame)))
    for first in range(0, len(names), together):
        some = names[first : first + together]
        values = frame.iloc[:, [places[name] for name in some]].to_numpy(np.float64)
        yield pd.DataFrame(np.where(np.isfinite(values), values, np.nan), index=frame.index, columns=some)


def conform_column(values: pd.Series, column: Column) -> pd.Series:
    """One column as its kind wants it; lists are joined as they are when a table is stored."""
    return _of_kind(plain_values(values, column.separator), column)


def _of_kind(values: pd.Series, column: Column) -> pd.Series:
    if column.kind in ("categorical", "text"):
        return _truth_words(values, column) if _holds_truth(values, column) else _words(values, column)
    if column.kind == "list":
        return to_tokens(values, column.separator)
    if column.kind == "numeric":
        parsed = to_numbers(without_unit(values, column.unit), column.decimal)
    elif column.kind == "boolean":
        parsed = to_booleans(values)
    else:
        parsed = to_dates(values, column.categories)
    return pd.Series(parsed, index=values.index)


def _words(values: pd.Series, column: Column) -> pd.Series:
    """Words as they are spelled, whole numbers as the codes of one width that training had: of 00734, other readers make 734."""
    words = to_words(values)
    codes = [category for category in column.categories if category.isdecimal()] if _holds_numbers(values) else []
    if len(set(map(len, codes))) != 1 or not any(code.startswith("0") for code in codes):
        return words
    numbers = values.map(lambda value: isinstance(value, Number)).to_numpy(bool) & words.str.isdecimal().to_numpy(bool, na_value=False)
    return words.mask(numbers, words.str.zfill(len(codes[0])))


def _holds_numbers(values: pd.Series) -> bool:
    dtype = values.cat.categories.dtype if isinstance(values.dtype, pd.CategoricalDtype) else values.dtype
    return types.is_object_dtype(dtype) or types.is_numeric_dtype(dtype)


def _holds_truth(values: pd.Series, column: Column) -> bool:
    """Whether a column of categories holds truth values, or held nothing else in training."""
    words = {word.lower() for word in column.categories[:3]}
    return column.dtype == "bool" or words == {"true", "false"} or kind_of_dtype(values) == "boolean"


def _truth_words(values: pd.Series, column: Column) -> pd.Series:
    """Truth values as words, spelled as training spelled them, be it true or TRUE."""
    known, truth = {word.lower(): word for word in column.categories}, to_booleans(values)
    words = np.array([known.get("false", "False"), known.get("true", "True"), np.nan], dtype=object)
    return pd.Series(words[np.where(np.isnan(truth), 2, truth).astype(int)], index=values.index, dtype="str")


def _warn_of_unread(values: pd.Series, conformed: pd.Series, column: Column) -> None:
    given = values.notna().to_numpy()
    lost = given & conformed.isna().to_numpy()
    tolerated = _TOLERATED * given.sum()
    if column.kind in ("categorical", "text", "list") or lost.sum() <= tolerated:
        return
    if column.kind == "datetime" and types.is_datetime64_any_dtype(values.dtype):
        return  # what is lost is beyond the years that nanoseconds count
    unread = spell(values[lost])
    unread = unread[~(missing_words(unread) | unread.isin(["inf", "-inf"]) | unread.str.strip().str.lower().eq(column.unknown))]
    if len(unread) > tolerated:
        warnings.warn(
            f"{column.name}: {len(unread)} of {given.sum()} values are not {column.kind} and count as missing, such as {unread.iloc[0]!r}",
            UserWarning,
            stacklevel=3,
        )


def _warn_of_other_dates(values: pd.Series, column: Column) -> None:
    """Each date is read by itself, so that it means the same in any company: of 04/03 and 04/25 one is read by day, the other by month."""
    if column.kind != "datetime" or types.is_datetime64_any_dtype(values.dtype):
        return
    given, other = values.notna().sum(), dates_spelled_otherwise(values, column.categories)
    if len(other) > _TOLERATED * given:
        usual = ", ".join(column.categories) or "as dates"
        warnings.warn(
            f"{column.name}: {len(other)} of {given} dates are spelled otherwise than in training ({usual}), such as {other[0]!r}; "
            "day and month of others may be taken for each other: spell them as in training, or as 2024-12-31",
            UserWarning,
            stacklevel=3,
        )


def _some(names: list[str], most: int = 12) -> str:
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")
