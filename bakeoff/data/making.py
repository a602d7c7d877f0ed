"""make_schema: what a table can be learned from; law: every column is either in the schema or dropped with its reason."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from bakeoff.data.conforming import conform_column
from bakeoff.data.kinds import (
    date_words,
    decimal_mark,
    find_kind,
    is_identifier,
    kind_of_dtype,
    list_separator,
    unit_in,
    unknown_in,
    usual_separator,
)
from bakeoff.data.parsing import SINCE, missing_words, plain_values, to_words, without_unit
from bakeoff.data.schema import FAR, Column, DroppedColumn, Kind, Schema
from bakeoff.data.target import make_target, no_target, rows_kept, usable_rows
from bakeoff.data.tidying import check_columns
from bakeoff.errors import DataError, nearest

__all__ = ["MOST_YEARS", "by_frequency", "make_schema"]

_UNREAD = 0.5
"""Share of the values that a chosen kind may leave unread."""
MOST_YEARS = 60
"""Between the first and the last of dates with two-digit years, of a hundred that these can tell, that are taken as they are read."""
_LEAST_GAP, _NEWEST_YEAR = 10, 2050
"""Years in a row that no date of a column has, so that its hundred years begin behind them; and the last that such a column ends in."""


def make_schema(
    frame: pd.DataFrame,
    *,
    task: str,
    target: str,
    drop: Iterable[str] | Mapping[str, str] = (),
    kinds: Mapping[str, Kind] | None = None,
    mode: str = "auto",
) -> Schema:
    """Kinds and drops of a table's columns, seen in its rows with a target. `kinds` overrides what is found, and keeps a column.

    `drop` are columns to leave out, with the reason of each where it is a mapping.
    mode "off": kinds by dtype alone, and only columns without any value are dropped. Raises DataError where nothing can be learned.
    """
    names = [str(name) for name in frame.columns]
    chosen = dict(kinds or {})
    left_out = drop if isinstance(drop, Mapping) else dict.fromkeys(drop, "left out by data.drop")
    _check_names(names, target, left_out, chosen)
    learned = make_target(frame, target, task)
    rows = rows_kept(frame, usable_rows(frame, target)).set_axis(names, axis=1)
    columns: list[Column] = []
    dropped = [DroppedColumn(name, left_out[name]) for name in names if name in left_out]
    twins: dict[bytes, str] = {}
    for name in names:
        if name == target or name in left_out:
            continue
        raw = rows[name]
        column, values = _column(raw, chosen.get(name), mode)
        reason = _reason_to_drop(raw, column, values, mode if name not in chosen else "off")
        if not reason and mode != "off" and name not in chosen:
            twin = twins.setdefault(_fingerprint(values), name)
            reason = f"the same values as {twin}" if twin != name else ""
        if reason:
            dropped.append(DroppedColumn(name, reason))
        else:
            columns.append(column)
    if not columns:
        given = "; ".join(f"{d.name}: {d.reason}" for d in dropped[:20]) or "no column beside the target"
        raise DataError(
            "no column is left to learn from", where=target, given=given, remedy="add columns, or keep some by featurization.kinds"
        )
    return Schema(task, learned, tuple(columns), tuple(dropped))


def _check_names(names: list[str], target: str, drop: Mapping[str, str], kinds: Mapping[str, Kind]) -> None:
    check_columns(names, "the table")
    if target not in names:
        raise no_target(target, names)
    for where, given in (("data.drop", list(drop)), ("featurization.kinds", list(kinds))):
        unknown = [name for name in given if name not in names]
        if unknown:
            raise DataError("no such column", where=where, given=", ".join(unknown), remedy=nearest(unknown[0], names))
        if target in given:
            raise DataError("the target cannot be named here", where=where, given=target, remedy="take it out of this list")
    for name in kinds:
        if name in drop:
            raise DataError("a column that is left out has no kind", where=f"featurization.kinds.{name}", given=drop[name])


def _column(values: pd.Series, kind: Kind | None, mode: str) -> tuple[Column, pd.Series]:
    """The column and its conformed values. Of dates in text, `categories` holds their formats: 03/04/2024 alone does not tell it."""
    name, dtype = str(values.name), str(values.dtype)
    found = kind or (kind_of_dtype(values) if mode == "off" else find_kind(values))
    spellings = date_words(values) if found == "datetime" else ()
    separator = _separator(values) if found == "list" else ""
    unit = unit_in(values, asked=kind is not None) if found == "numeric" else ""
    decimal = decimal_mark(without_unit(values, unit)) if found == "numeric" else "."
    unknown = unknown_in(values, asked=kind is not None) if found in ("numeric", "datetime") else ""
    column = Column(name, found, dtype, spellings, separator, decimal=decimal, unit=unit, unknown=unknown)
    conformed = conform_column(values, column)
    if any("%y" in spelling for spelling in spellings) and (first := _first_of_century(conformed)) is not None:
        column = replace(column, categories=tuple(f"{one}{SINCE}{first}" if "%y" in one else one for one in spellings))
        conformed = conform_column(values, column)
    if kind:
        _check_wish(to_words(plain_values(values)), conformed, column)
    if found in ("numeric", "datetime"):
        column = replace(column, middle=_middle(conformed))
    if found == "categorical":
        column = Column(name, found, dtype, by_frequency(conformed), order=_order_of_dtype(values, column))
    if found == "text":
        column = Column(name, found, dtype, characters=round(float(conformed.fillna("").str.len().mean())))
    return column, conformed


def _first_of_century(dates: pd.Series) -> int | None:
    """The first of the hundred years that two digits tell, behind the widest gap of years: 1940 where 40 to 99 occur, or 40 to 99 and 00 to
    20. None where they are within MOST_YEARS as they are read, 1969 to 2068, or the gap is small.
    """
    years = np.unique(dates.dt.year.dropna().to_numpy(int))
    if not len(years) or years[-1] - years[0] <= MOST_YEARS:
        return None
    digits = np.unique(years % 100)
    gaps = np.diff(np.append(digits, digits[0] + 100))
    widest = int(gaps.argmax())
    first, last = int(digits[(widest + 1) % len(digits)]), int(digits[widest])
    if gaps[widest] < _LEAST_GAP:
        return None
    century = 2000 if first + (last - first) % 100 + 2000 <= _NEWEST_YEAR else 1900
    return century + first


def _middle(values: pd.Series) -> float:
    """The mean of conformed numbers, or of dates in days since 1970; 0 where they are not FAR from 0, or all the same."""
    days = values.dtype.kind == "M"
    numbers = ((values - pd.Timestamp(0)) / pd.Timedelta(days=1) if days else values).to_numpy(np.float64)
    numbers = numbers[np.isfinite(numbers)]
    if not len(numbers):
        return 0.0
    with np.errstate(over="ignore", invalid="ignore"):  # a spread that is no number is beyond all comparison
        mean, spread = float(numbers.mean()), float(numbers.std())
    return mean if 0 < FAR * spread < abs(mean) else 0.0


def _order_of_dtype(values: pd.Series, column: Column) -> tuple[str, ...] | None:
    """The order of a pandas Categorical that has one, its categories spelled as the column's are."""
    if not isinstance(values.dtype, pd.CategoricalDtype) or not values.cat.ordered:
        return None
    return tuple(conform_column(pd.Series(values.cat.categories), column).astype("str").tolist())


def _check_wish(words: pd.Series, conformed: pd.Series, column: Column) -> None:
    """Raises DataError where most values cannot be read as the kind that was asked for."""
    given = words[~(missing_words(words) | words.str.strip().str.lower().eq(column.unknown or "nan").to_numpy(bool))]
    unread = given[conformed[given.index].isna()]
    if len(unread) > _UNREAD * len(given):
        what = f"{'no value' if len(unread) == len(given) else 'few values'} can be read as {column.kind}"
        raise DataError(what, where=f"column {column.name}", given=str(unread.iloc[0]), remedy="choose another kind for it")


def _separator(values: pd.Series) -> str:
    words = to_words(plain_values(values)).dropna()
    return list_separator(words) or usual_separator(words)


def by_frequency(words: pd.Series) -> tuple[str, ...]:
    """All spellings, most frequent first, in alphabetical order among equals."""
    counts = words.value_counts(sort=False)
    return tuple(word for _, word in sorted(zip((-counts).tolist(), counts.index.tolist(), strict=True)))


def _reason_to_drop(raw: pd.Series, column: Column, values: pd.Series, mode: str) -> str:
    missing = values.isna().to_numpy()
    if missing.all():
        return "every value is missing"
    if mode == "off":
        return ""
    if not missing.any() and values.iloc[-1] == values.iloc[0] and (values == values.iloc[0]).all():
        return f"constant: every value is {raw.iloc[0]}"
    if is_identifier(raw, column.kind):
        return "an identifier: each row has a value of its own"
    return ""


def _fingerprint(values: pd.Series) -> bytes:
    """Equal for columns with equal values, alike however they were spelled."""
    plain = values.dtype == np.float64
    content = values.to_numpy() + 0.0 if plain else pd.util.hash_pandas_object(values, index=False).to_numpy()  # -0.0 is 0.0
    return hashlib.blake2b(content.tobytes(), person=str(values.dtype).encode()[:16]).digest()
