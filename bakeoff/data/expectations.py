"""A great-expectations suite as plain JSON, inferred from a table; law: made without GX, the same for the same table, edited by hand."""

import re
import zlib
from collections.abc import Collection
from typing import Any

import numpy as np
import pandas as pd
from pandas.api import types

from bakeoff.data.kinds import date_words, find_kind, is_identifier, kind_of_dtype, unit_in
from bakeoff.data.parsing import CURRENCIES
from bakeoff.data.schema import Kind
from bakeoff.data.target import guess_task, usable_rows

__all__ = ["infer_expectations"]

_MOST_CATEGORIES = 50
_MOST_COLUMNS = 100
"""Columns with expectations of their own; great-expectations takes 10 ms or more for each expectation, whatever the number of rows."""
_LARGEST = 1e300
"""A number beyond it, such as the largest double for "unknown", is no end of a range."""
_NUMBER_TYPES = ["bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float32", "float64"]
_DATE_TYPES = ["datetime64[s]", "datetime64[ms]", "datetime64[us]", "datetime64[ns]"]
_DURATION_TYPES = ["timedelta64[s]", "timedelta64[ms]", "timedelta64[us]", "timedelta64[ns]"]
_NUMBER_WORDS = rf"^(?:[\s(+\u2212-]*{CURRENCIES})?[^A-Za-z\d]*\d[^A-Za-z]*(?:[eE][+-]?\d+\s*)?"
"""Each part ends where the next one begins: where two may have the same letters, a long text is read again from each of them."""
_DATE_PARTS = {"%Y": r"\d{4}", "%b": "[A-Za-z]+", "%B": "[A-Za-z]+", "%a": "[A-Za-z]+", "%p": "[A-Za-z]+", "%Z": "[A-Za-z]+"}
_RULES = {
    "columns": f"all must be there; of more than {_MOST_COLUMNS}, the values of that many and of the target are judged",
    "missing values": "1.5 times the share that was seen, at least 1 %",
    "ranges": "what was seen and a tenth of it on both sides, for 99 % of the values",
    "categories": f"97 % of the values among those seen, for columns of at most {_MOST_CATEGORIES}",
    "rows": "a tenth to ten times",
    "target": "its classes exactly, or its range",
}

Expectation = dict[str, Any]


def infer_expectations(frame: pd.DataFrame, target: str, name: str, *, task: str = "", drop: Collection[str] = ()) -> dict[str, Any]:
    """The suite a table like this one keeps. Where `task` is '' it is guessed.

    Columns that come along later are allowed; of identifiers any value is; those in `drop` are not looked at. Raises DataError where
    the target is missing.
    """
    known = frame.set_axis([str(column) for column in frame.columns], axis=1).drop(columns=list(drop), errors="ignore")
    targets = known.loc[usable_rows(known, target), target]
    others = [column for column in known.columns if column != target]
    expectations = [_rows(len(known)), _exists(target)]
    expectations += [_exists(column) for column in others] if len(others) <= _MOST_COLUMNS else [_all_exist(others)]
    classes = (task or guess_task(known, target)) == "classification"
    judged = {target, *_spread(others)}
    for column in filter(judged.__contains__, known.columns):
        values = known[column]
        expectations.append(_not_null(values))
        if column == target and classes and not types.is_timedelta64_dtype(values.dtype):  # great-expectations cannot tell which it saw
            expectations.append(_classes(targets))
        else:
            expectations += _kind_and_values(values)
    meta = {"inferred_from": {"rows": len(known), "columns": known.shape[1]}, "rules": _RULES}
    return {"name": name, "expectations": expectations, "meta": meta}


def _expect(kind: str, seen: str = "", **kwargs: Any) -> Expectation:
    made: Expectation = {"type": f"expect_{kind}", "kwargs": kwargs}
    return {**made, "meta": {"seen": seen}} if seen else made


def _rows(count: int) -> Expectation:
    return _expect("table_row_count_to_be_between", f"{count} rows", min_value=max(1, count // 10), max_value=count * 10)


def _exists(column: str) -> Expectation:
    return _expect("column_to_exist", column=column)


def _all_exist(columns: list[str]) -> Expectation:
    return _expect("table_columns_to_match_set", f"{len(columns)} columns", column_set=columns, exact_match=False)


def _spread(columns: list[str]) -> list[str]:
    """At most _MOST_COLUMNS of them, drawn by their names, so that a column that comes or goes changes the choice by one."""
    return sorted(columns, key=lambda column: (zlib.crc32(column.encode()), column))[:_MOST_COLUMNS]


def _not_null(values: pd.Series) -> Expectation:
    share = float(values.isna().mean())
    tolerated = max(0.01, min(1.5 * share, (1 + share) / 2))
    return _expect(
        "column_values_to_not_be_null", f"{share:.2%} missing", column=values.name, mostly=float(np.floor((1 - tolerated) * 1e4) / 1e4)
    )


def _classes(values: pd.Series) -> Expectation:
    labels = sorted({_plain(v) for v in values.unique()}, key=lambda label: (type(label).__name__, label))
    return _expect("column_distinct_values_to_equal_set", f"{len(labels)} classes", column=values.name, value_set=labels)


def _kind_and_values(values: pd.Series) -> list[Expectation]:
    """That the kind stays, and what its values may be."""
    column, stored, kind = values.name, kind_of_dtype(values), find_kind(values)
    if values.isna().all() or is_identifier(values, kind):
        return []
    if types.is_timedelta64_dtype(values.dtype):
        return [_expect("column_values_to_be_in_type_list", "durations", column=column, type_list=_DURATION_TYPES)]
    if stored == "numeric" and values.dtype != object:
        numbers = [*_NUMBER_TYPES, "float16"] if values.dtype == np.float16 else _NUMBER_TYPES
        return [_expect("column_values_to_be_in_type_list", "numbers", column=column, type_list=numbers), *_range(values)]
    if stored == "boolean":
        return [_expect("column_values_to_be_in_set", "true and false", column=column, value_set=[False, True])]
    if stored == "datetime":
        return (
            [_expect("column_values_to_be_in_type_list", "dates", column=column, type_list=_DATE_TYPES)] if values.dtype != object else []
        )
    return _words(values, kind)


def _words(values: pd.Series, kind: Kind) -> list[Expectation]:
    if kind == "numeric":
        behind = "|".join([CURRENCIES, *map(re.escape, unit_in(values).removeprefix("1 ").split())])
        return _spelling(values, "numbers in text", rf"{_NUMBER_WORDS}(?:{behind})?$")
    if kind == "datetime":
        return _spelling(values, "dates in text", _date_regex(date_words(values)))
    found = values.dropna().unique()
    if kind in ("text", "list") or len(found) > _MOST_CATEGORIES:
        return []
    value_set = sorted((_plain(v) for v in found), key=lambda value: (type(value).__name__, value))
    return [_expect("column_values_to_be_in_set", f"{len(found)} categories", column=values.name, value_set=value_set, mostly=0.97)]


def _spelling(values: pd.Series, seen: str, regex: str) -> list[Expectation]:
    """That as many values are spelled so as now, 5 % less allowed; nothing where no value need be."""
    share = float(values.dropna().astype("str").str.contains(regex, regex=True).mean())
    mostly = float(np.floor(max(0.0, share - 0.05) * 1e4) / 1e4)
    return [_expect("column_values_to_match_regex", seen, column=values.name, regex=regex, mostly=mostly)] if mostly else []


def _date_regex(formats: tuple[str, ...]) -> str:
    return "|".join(map(_regex_of_format, formats)) or "^$"


def _regex_of_format(date_format: str) -> str:
    if date_format == "ISO8601":
        return r"^\s*\d{4}-\d{1,2}-\d{1,2}(?:[T ].*)?$"
    parts = re.split("(%.)", date_format)
    return "^" + "".join(_DATE_PARTS.get(part, r"\d{1,2}") if part[:1] == "%" else re.escape(part) for part in parts) + "$"


def _range(values: pd.Series) -> list[Expectation]:
    numbers = values.to_numpy(np.float64, na_value=np.nan)
    numbers = numbers[np.isfinite(numbers)]
    if not len(numbers):
        return []
    low, high = float(numbers.min()), float(numbers.max())
    if max(abs(low), abs(high)) > _LARGEST:
        return []
    slack = (high - low) / 10 or abs(high) / 10 or 1.0
    step = 10.0 ** np.floor(np.log10(slack))
    least = np.floor((low - slack) / step) * step
    least = 0.0 if low >= 0 > least else least
    most = np.ceil((high + slack) / step) * step
    digits = max(10, int(np.ceil(np.log10(max(abs(least), abs(most)) / step))) + 1)
    low, high, least, most = (_short(number, digits) for number in (low, high, least, most))
    return [_expect("column_values_to_be_between", f"{low} … {high}", column=values.name, min_value=least, max_value=most, mostly=0.99)]


def _short(number: float, digits: int) -> int | float:
    """The number as a person writes it: at most so many digits, whole where it is whole."""
    short = float(f"{number:.{digits}g}")
    return int(short) if short == int(short) and abs(short) < 2**53 else short


def _plain(value: Any) -> Any:
    plain = value.item() if isinstance(value, np.generic) else value
    if isinstance(plain, float) and plain.is_integer():
        return int(plain)
    return plain if isinstance(plain, (bool, int, float, str)) else str(plain)
