"""From any dtype to numbers, truth values, dates and words; law: one value parses alike whatever its column's dtype and neighbours."""

import re
from collections.abc import Callable, Sequence
from decimal import Decimal
from itertools import accumulate
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from pandas.api import types

from bakeoff.data.spelling import as_number, is_missing, spell, spelled, taken

__all__ = [
    "CURRENCIES",
    "DATE_FORMATS",
    "LIST_SEPARATORS",
    "MISSING_WORDS",
    "dates_spelled_otherwise",
    "missing_words",
    "plain_values",
    "to_booleans",
    "to_dates",
    "to_numbers",
    "to_tokens",
    "to_words",
    "units_together",
    "usual_dtype",
    "without_sign",
    "without_unit",
]

MISSING_WORDS = frozenset(
    {"", "#n/a", "-", "--", ".", "?", "missing", "n.a.", "n/a", "na", "nan", "nil", "none", "not available", "null", "unknown"}
    | {"k.a.", "k. a.", "keine angabe", "nicht bekannt", "unbekannt"}
)
"""Lower-case words that stand for a missing value among numbers, truth values and dates; among categories they are categories."""

LIST_SEPARATORS = ("|", ";", ",")
"""What may stand between the tokens of a list in text; the first joins those of columns that hold lists."""

_BRACKETS = {"[": "]", "(": ")", "{": "}"}

_TRUE = frozenset(["true", "yes", "y", "t", "on", "1"])
_FALSE = frozenset(["false", "no", "n", "f", "off", "0"])

DATE_FORMATS = (
    "ISO8601",
    "%Y/%m/%d",
    "%Y/%m/%d %H:%M",
    "%Y/%m/%d %H:%M:%S",
    "%m/%d/%Y",
    "%m/%d/%Y %H:%M",
    "%m/%d/%Y %H:%M:%S",
    "%m/%d/%Y %I:%M %p",
    "%m/%d/%Y %I:%M:%S %p",
    "%d/%m/%Y",
    "%d/%m/%Y %H:%M",
    "%d/%m/%Y %H:%M:%S",
    "%d.%m.%Y",
    "%d.%m.%Y %H:%M",
    "%d.%m.%Y %H:%M:%S",
    "%d-%m-%Y",
    "%d-%m-%Y %H:%M",
    "%d-%m-%Y %H:%M:%S",
    "%d %b %Y",
    "%d %B %Y",
    "%d-%b-%Y",
    "%d-%b-%y",
    "%b %d, %Y",
    "%B %d, %Y",
    "%m/%d/%y",
    "%d/%m/%y",
    "%d.%m.%y",
    "%d/%m/%Y %I:%M %p",
    "%d/%m/%Y %I:%M:%S %p",
    "%m/%d/%y %H:%M",
    "%d/%m/%y %H:%M",
    "%d.%m.%y %H:%M",
    "%m-%d-%Y",
    "%d-%m-%y",
    "%Y.%m.%d",
    "%Y-%m-%d %I:%M %p",
    "%d %b %Y %H:%M",
    "%b %d %Y",
    "%a, %d %b %Y %H:%M:%S %Z",
)
"""Spellings of dates that are recognised, in order of preference where several fit."""
SINCE = " since "
"""Between a spelling and the first of the hundred years that its two digits tell, where these are not 1969 to 2068."""

_WHOLE = re.compile(r"^([+-]?\d+)\.0+$")
_ISO_DATE = r"\d{4}-\d{1,2}-\d{1,2}(?:[T ].*)?$"
_NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?"
_BLANKS = r"'’\u00a0\u202f"
_GROUPED = {
    mark: rf"[+-]?(?:\d{{1,3}}(?:[{other}{_BLANKS}]\d{{3}})+|[1-9]\d{{0,2}}(?: \d{{3}})+{more})(?:{re.escape(mark)}\d+)?(?:e-?\d+)?"
    for mark, other, more in ((".", ",", r"|[1-9]\d?(?:,\d{2})+,\d{3}"), (",", ".", ""))
}
"""What is put between thousands, and 12,34,567 as India writes it; 030 123 456 is no number."""
_BETWEEN_GROUPS = {".": rf"[, {_BLANKS}]", ",": rf"[. {_BLANKS}]"}
_BOOKED = r"^\((.+)\)$|^([^-](?:.*\S)?)-$"
"""How accounts write what is below 0: (12.50), 12.50-; '65 -' is no number, but a range without an end."""
_CODES = "EUR|USD|GBP|CHF|JPY|CNY|INR|BRL|AUD|CAD|NZD|SEK|NOK|DKK|PLN|CZK|HUF|TRY|RUB|MXN|ZAR"
CURRENCIES = rf"(?:[$€£¥₹₽₩₺₫₴]|(?:US|AU|NZ|CA|HK|NT|R)\$|zł|kr|Kč|Ft|(?:{_CODES}))"
"""Regular expression of the signs and codes that may stand before or after an amount of money."""
_PREFIXED = re.compile(r"(?P<prefix>[nuµmcdkKMGT]?)(?P<base>B|s|g|m|l|L|W|Wh|Hz|V|A|J|Pa)")
_PREFIXES = {"n": -9, "u": -6, "µ": -6, "m": -3, "c": -2, "d": -1, "": 0, "k": 3, "K": 3, "M": 6, "G": 9, "T": 12}
_MULTIPLIERS = {"k": 3, "K": 3, "m": 6, "M": 6, "b": 9, "B": 9, "G": 9, "T": 12}
_ONES = "1"
"""What numbers are in where the letters behind them multiply. These and prefixes are powers of ten."""
_SIGNS = rf"^([+-]?)\s*{CURRENCIES}\s*|(?:{CURRENCIES}|%)$"
"""Blanks before the last one are stripped: an expression that begins with them reads a run of them again from each."""


def to_numbers(values: pd.Series, decimal: str = ".") -> np.ndarray:
    """float64 of any column, NaN where missing, infinite or no number; '1,234', '$5', '12%' are 1234, 5, 12, durations seconds.

    `decimal` is what stands before the decimals of numbers in text: with ',' '1.912,29 €' is 1912.29 and '1,234' 1.234.
    """
    dtype = values.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        return _per_category(values, lambda categories: to_numbers(categories, decimal))
    if dtype.kind == "m":
        numbers = values.dt.total_seconds().to_numpy(np.float64, na_value=np.nan)
    elif types.is_bool_dtype(dtype) or types.is_numeric_dtype(dtype):
        numbers = values.to_numpy(np.float64, na_value=np.nan)
    elif types.is_datetime64_any_dtype(dtype):
        numbers = np.full(len(values), np.nan)
    else:
        numbers = _numbers_of_objects(values, decimal)
    return np.where(np.isfinite(numbers), numbers, np.nan)


def _numbers_of_objects(values: pd.Series, decimal: str) -> np.ndarray:
    if types.is_object_dtype(values.dtype):
        values = pd.Series([as_number(value) for value in values], index=values.index, dtype=object)
    numbers = pd.to_numeric(values, errors="coerce").to_numpy(np.float64, na_value=np.nan, copy=True)
    if decimal == ",":
        numbers[values.map(lambda value: isinstance(value, str)).to_numpy(bool)] = np.nan  # '1.234' is 1234 here
    hard = np.isnan(numbers) & values.notna().to_numpy()
    if hard.any():
        codes, spellings = pd.factorize(spell(values[hard]))
        numbers[hard] = _numbers_of_spellings(pd.Series(spellings, dtype="str"), decimal)[codes]
    return numbers


def _numbers_of_spellings(spellings: pd.Series, decimal: str) -> np.ndarray:
    """Numbers of distinct strings, currency and percent signs and groups of thousands taken away; the minus of typographers is one."""
    bare = spellings.str.strip().str.replace("\u2212", "-", regex=False)
    bare = bare.str.replace(_BOOKED, r"-\1\2", regex=True).str.replace(_SIGNS, r"\1", regex=True).str.rstrip()
    grouped = bare.str.fullmatch(_GROUPED[decimal]).to_numpy(bool)
    if grouped.any():
        bare = bare.where(~grouped, bare.str.replace(_BETWEEN_GROUPS[decimal], "", regex=True))
    if decimal == ",":
        bare = bare.where(~bare.str.contains(".", regex=False), "").str.replace(",", ".", regex=False)
    plain = bare.str.fullmatch(_NUMBER, case=False).to_numpy(bool)
    return np.asarray(pd.to_numeric(bare.where(plain), errors="coerce").to_numpy(np.float64, na_value=np.nan))


def without_sign(word: str) -> str:
    """An amount or a share without its sign of currency or percent, blanks around it taken away."""
    return re.sub(_SIGNS, r"\1", word.strip()).rstrip()


def units_together(units: Sequence[str]) -> str:
    """The first unit and those of the others that can be converted to it, blanks between them, as `without_unit` takes them.

    >>> units_together(["kg", "g", "lb"]), units_together(["K", "M"]), units_together(["h"])
    ('kg g', '1 K M', 'h')
    """
    multiplying = _powers(units, _ONES)
    if units[0] in ("k", "K", "M", "G") and len(set(multiplying.values())) > 1:  # of m, B or T alone nobody knows
        return " ".join([_ONES, *multiplying])
    return " ".join(_powers(units, units[0]))


def _powers(units: Sequence[str], of: str) -> dict[str, int]:
    """What power of ten of `of` each unit is, of those of which that is known.

    Not of spellings that differ in case alone, ml and ML, where that would make other units of them. B is a billion, and a byte beside G.
    """
    if of == _ONES:
        return {unit: 0 if unit in ("b", "B") and "G" in units else _MULTIPLIERS[unit] for unit in units if unit in _MULTIPLIERS}
    found = {unit: power for unit in units if (power := _power(unit, of)) is not None}
    twins = [{other for other in found if other.lower() == unit.lower()} for unit in found]
    return {unit: found[unit] for unit, alike in zip(found, twins, strict=True) if len({found[other] for other in alike}) == 1}


def _power(unit: str, of: str) -> int | None:
    """What power of ten one unit is of another; None where that is not known, as of bits and bytes."""
    if unit.lower() == of.lower():
        return 0 if unit[-1:] == of[-1:] or unit[-1:] not in ("b", "B") else None
    one, other = _PREFIXED.fullmatch(unit), _PREFIXED.fullmatch(of)
    if one and other and (one["base"] == other["base"] or {one["base"], other["base"]} == {"l", "L"}):
        return _PREFIXES[one["prefix"]] - _PREFIXES[other["prefix"]]
    return None


def without_unit(values: pd.Series, unit: str) -> pd.Series:
    """Numbers in text without the unit behind them; what has another one stays as it is.

    Of several units with blanks between them, numbers are in the first: with 'kg g', '500 g' becomes '500e-3'.
    """
    if not unit or types.is_numeric_dtype(values.dtype):
        return values
    first, *others = unit.split()
    if not others:
        return values.map(lambda value: value.strip().removesuffix(unit) if isinstance(value, str) else value)
    powers = _powers(others if first == _ONES else [first, *others], first)
    with_unit = re.compile(rf"(.*[\d.])\s*({'|'.join(map(re.escape, powers))})")

    def bare(value: Any) -> Any:
        found = with_unit.fullmatch(value.strip()) if isinstance(value, str) else None
        return value if found is None else f"{found[1]}e{powers[found[2]]}" if powers[found[2]] else found[1]

    return values.map(bare)


def to_booleans(values: pd.Series) -> np.ndarray:
    """1.0, 0.0 and NaN of truth values, 1 and 0, and the usual words in any case; NaN for everything else."""
    dtype = values.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        return _per_category(values, to_booleans)
    if types.is_bool_dtype(dtype):
        return np.asarray(values.to_numpy(np.float64, na_value=np.nan))
    if types.is_numeric_dtype(dtype):
        numbers = values.to_numpy(np.float64, na_value=np.nan)
        return np.where((numbers == 0) | (numbers == 1), numbers, np.nan)
    words = to_words(values)
    codes, spellings = pd.factorize(words)
    truth = np.array([1.0 if w.lower() in _TRUE else 0.0 if w.lower() in _FALSE else np.nan for w in spellings] + [np.nan])
    return np.asarray(truth[codes])


def to_dates(values: pd.Series, formats: tuple[str, ...] = ()) -> np.ndarray:
    """datetime64[ns], UTC without zone, of dates or their spellings; NaT where missing, no date, or outside the years 1678 to 2261.

    `formats` are tried first, then ISO 8601, then the other DATE_FORMATS. Dates without a zone count as UTC. '%d.%m.%y since 1940' reads
    '05.12.55' as a day of 1955.
    """
    dtype = values.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        return _per_category(values, lambda categories: to_dates(categories, formats))
    if isinstance(dtype, pd.DatetimeTZDtype):
        return _to_nanoseconds(values.dt.tz_convert("UTC").dt.tz_localize(None))
    if types.is_datetime64_dtype(dtype):
        return _to_nanoseconds(values)
    if types.is_numeric_dtype(dtype) or types.is_bool_dtype(dtype) or types.is_timedelta64_dtype(dtype):
        return np.full(len(values), np.datetime64("NaT", "ns"))
    codes, spellings = pd.factorize(spell(values))
    found = _dates_of_spellings(pd.Series(spellings, dtype="str").str.strip(), (*formats, *DATE_FORMATS))
    return np.asarray(np.append(found, np.datetime64("NaT", "ns"))[codes])


def dates_spelled_otherwise(values: pd.Series, formats: tuple[str, ...]) -> list[str]:
    """Of a column of words the dates that neither `formats` nor ISO 8601 read, as they are spelled, each as often as it stands."""
    codes, spellings = pd.factorize(spell(values))
    words = pd.Series(spellings, dtype="str").str.strip()
    other = np.isnat(_dates_of_spellings(words, (*formats, "ISO8601")))
    other[other] = ~np.isnat(_dates_of_spellings(words[other], DATE_FORMATS))
    codes = codes[codes >= 0]
    return [str(word) for word in words.to_numpy()[codes[other[codes]]]]


def _dates_of_spellings(spellings: pd.Series, formats: tuple[str, ...]) -> np.ndarray:
    """datetime64[ns] of each spelling by the first format that reads it."""
    found = np.full(len(spellings), np.datetime64("NaT", "ns"))
    left = ~spellings.str.lower().isin(MISSING_WORDS).to_numpy(bool)
    for candidate in dict.fromkeys(formats):
        if not left.any():
            break
        some = spellings[left]
        if candidate == "ISO8601":
            some = some.where(some.str.match(_ISO_DATE).to_numpy(bool))
        spelling, _, first = candidate.partition(SINCE)
        dates = pd.to_datetime(some, format=spelling, errors="coerce", utc=True).dt.tz_localize(None)
        found[left] = _to_nanoseconds(_within_century(dates, int(first)) if first else dates)
        left[left] = np.isnat(found[left])
    return found


def _within_century(dates: pd.Series, first: int) -> pd.Series:
    """Dates of which two digits tell the year, in the hundred years from the first on; a 29 February that is none there is missing."""
    years = dates.dt.year
    moved = first + (years - first) % 100
    parts = pd.DataFrame({"year": moved, "month": dates.dt.month, "day": dates.dt.day})
    return dates.where(moved == years, pd.to_datetime(parts, errors="coerce") + (dates - dates.dt.normalize()))


def _to_nanoseconds(dates: pd.Series) -> np.ndarray:
    """Whole nanoseconds; what does not fit into 64 bits of them (9999-12-31 as 'never') is NaT instead of an error."""
    if dates.dtype == "datetime64[ns]":
        return np.array(dates.to_numpy())
    inside = dates.between(pd.Timestamp("1678-01-01"), pd.Timestamp("2261-12-31"))
    return np.array(dates.where(inside).dt.as_unit("ns").to_numpy())


def to_words(values: pd.Series) -> pd.Series:
    """Column of dtype `str`, NaN where missing or blank, blanks around words taken away; 1, 1.0, '1' and '1.0' spell '1'."""
    if isinstance(values.dtype, pd.CategoricalDtype):
        return taken(to_words(pd.Series(values.cat.categories)).tolist(), values.cat.codes.to_numpy(), values.index)
    if types.is_float_dtype(values.dtype):
        return spell(values)
    codes, spellings = pd.factorize(spell(values))
    return taken([_tidied(word) for word in spellings.tolist()], codes, values.index)


def _tidied(word: str) -> str | float:
    """Word by word: pandas takes a millisecond for each of these steps on a column, however few its words are."""
    word = word.strip()
    if word.endswith("0") and "." in word:
        word = _WHOLE.sub(r"\1", word)
    return word or np.nan


def usual_dtype(values: pd.Series) -> pd.Series:
    """Sparse values, long doubles, and Arrow's durations, lists, structs and bytes in the dtype that others of their content have."""
    dtype = values.dtype
    if isinstance(dtype, pd.SparseDtype):
        return values.astype(dtype.subtype)
    if dtype == np.longdouble:
        return values.astype("float64")
    if isinstance(dtype, pd.ArrowDtype) and dtype.kind == "m":
        return values.astype(np.dtype(f"timedelta64[{dtype.pyarrow_dtype.unit}]"))
    if isinstance(dtype, pd.ArrowDtype) and (pa.types.is_nested(dtype.pyarrow_dtype) or dtype.type is bytes):
        return values.astype(object)
    return values


def plain_values(values: pd.Series, separator: str = "") -> pd.Series:
    """The values in their usual dtype; lists, tuples, sets and arrays as text, decimals that are no number as missing.

    Tokens are joined by `separator`, the first of LIST_SEPARATORS where it is empty; those of sets in order.
    """
    values = usual_dtype(values)
    dtype = values.dtype
    if isinstance(dtype, pd.CategoricalDtype) and types.is_object_dtype(dtype.categories.dtype):
        values = values.astype(object)
    if not types.is_object_dtype(values.dtype):
        return values
    return pd.Series(
        [_plain(value, separator or LIST_SEPARATORS[0]) for value in values], index=values.index, name=values.name, dtype=object
    )


def _plain(value: Any, separator: str) -> Any:
    if isinstance(value, (list, tuple, set, frozenset)) or getattr(value, "ndim", 0) == 1:
        tokens = [str(spelled(token)).replace(separator, " ") for token in value if not is_missing(token)]
        return separator.join(sorted(tokens) if isinstance(value, (set, frozenset)) else tokens)
    return None if isinstance(value, Decimal) and is_missing(value) else value


def to_tokens(values: pd.Series, separator: str) -> pd.Series:
    """Lists, in text or as they are, as text of one token a line; NaN where missing. Brackets around all and quotes around tokens go."""
    codes, spellings = pd.factorize(to_words(plain_values(values)))
    split = [_without_brackets(word).split(separator or LIST_SEPARATORS[0]) for word in spellings]
    lines = ["\n".join(filter(None, (token.strip(" \t\r\n'\"") for token in tokens))) for tokens in split]
    return taken([line or np.nan for line in lines], codes, values.index)


def _without_brackets(word: str) -> str:
    """A list in text without the brackets that enclose all of it; those of 'SQL (DB)|C' and of '(a)|(b)' are its tokens' own."""
    word = word.strip()
    while _is_enclosed(word):
        word = word[1:-1].strip()
    return word


def _is_enclosed(word: str) -> bool:
    opener, closer = word[:1], _BRACKETS.get(word[:1])
    if closer is None or not word.endswith(closer):
        return False
    *depths, last = accumulate((letter == opener) - (letter == closer) for letter in word)
    return opener not in word[1:] or (last == 0 and 0 not in depths)


def missing_words(values: pd.Series) -> np.ndarray:
    """Which strings are missing or stand for a missing value (MISSING_WORDS)."""
    return np.asarray(values.isna() | values.str.strip().str.lower().isin(MISSING_WORDS), dtype=bool)


def _per_category(values: pd.Series, parse: Callable[[pd.Series], np.ndarray]) -> np.ndarray:
    """`parse` of the categories alone, spread over the rows."""
    categories = values.cat.categories
    parsed = parse(pd.Series(categories, dtype=categories.dtype))
    missing = np.datetime64("NaT", "ns") if parsed.dtype.kind == "M" else np.nan
    return np.asarray(np.append(parsed, missing)[values.cat.codes.to_numpy()])
