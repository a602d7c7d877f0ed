"""Which kind a column has and whether it can be learned from at all; law: decided by its content, the same for the same content."""

import re
from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
from pandas.api import types

from bakeoff.data.parsing import (
    CURRENCIES,
    DATE_FORMATS,
    LIST_SEPARATORS,
    MISSING_WORDS,
    missing_words,
    to_numbers,
    to_words,
    units_together,
    without_unit,
)
from bakeoff.data.schema import Kind

__all__ = [
    "date_formats",
    "date_words",
    "decimal_mark",
    "find_kind",
    "is_identifier",
    "kind_of_dtype",
    "list_separator",
    "looks_like_numbers",
    "unit_in",
    "unknown_in",
    "unknown_word",
    "usual_separator",
]

_SAMPLE = 5000
_FIRST_LOOK = 200
"""Words by which it is told whether a format of dates reads any (of three dozen nearly all read none), and that words are no numbers."""
_LONGEST_DATE = 100
"""Characters. Of longer words the expressions that look for dates would read all, some of them again and again."""
_ENOUGH = 0.95
_NAME_OF_A_ROW = r"[A-Za-z0-9_.:#{}\-]{1,64}"
_TRUTH_WORDS = ({"yes", "no"}, {"true", "false"}, {"y", "n"}, {"t", "f"}, {"on", "off"})
_IDENTIFIER_NAME = re.compile(r"(^|[^a-zA-Z])(id|ID|Id)$|[a-z]I[dD]$|^(index|uuid|guid|rownames|row_?number|Unnamed: \d+)$")
_DIGIT = re.compile(r"\d")
_LEADING_ZERO = r"0\d+"
_PARTS_OF_A_DATE = r"(?s)\d.*[^\dA-Za-z].*\d"
"""All DATE_FORMATS have two numbers at least and something between them: codes such as A12 need not be tried with each."""
_MARKS = "/.-:,"
_DECIMAL_COMMA = r"[+-]?\d+,\d+"
_LETTERS = re.compile(r"(?:[^\W\d_]|[°/])+")
_CURRENCY = re.compile(CURRENCIES)
_WITH_UNIT = r"^[+\u2212-]?[\d.,]*\d\s*(?P<unit>[A-Za-zµ°²³/]{1,12})$"
_MONEY_WITH_POINTS = rf"(?:{CURRENCIES}\s*)?[+\u2212-]?(?P<amount>\d[\d.]*)(?:\s*{CURRENCIES})?"
_GROUPED_BY_POINT = r"[+\u2212-]?(?:0|[1-9]\d{0,2}(?:\.\d{3})*)"
_FEWEST_GROUPED = 10
"""Amounts such as '1.912 €' that make three decimals by chance unlikely."""
_FEWEST_VALUES = 30
"""Distinct numbers or dates up to which a word that recurs among them is a category as they may be."""
_FEW_SPELLINGS = 30
"""Up to which lists are categories: there is nothing to take apart."""
_LONGEST_TOKEN = 40
_SHARE_OF_LISTS = 0.3
"""Of the values, those with several tokens, for a column to hold lists."""


def kind_of_dtype(values: pd.Series) -> Kind:
    """The kind the dtype alone speaks for; columns of Python objects are judged by what they hold."""
    dtype = values.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        return "categorical"
    held = types.infer_dtype(values, skipna=True) if types.is_object_dtype(dtype) else ""
    if types.is_bool_dtype(dtype) or held == "boolean":
        return "boolean"
    if (
        types.is_numeric_dtype(dtype)
        or types.is_timedelta64_dtype(dtype)
        or held in ("integer", "floating", "mixed-integer-float", "decimal")
    ):
        return "numeric"
    if types.is_datetime64_any_dtype(dtype) or held in ("datetime", "datetime64", "date"):
        return "datetime"
    return "categorical"


def find_kind(values: pd.Series) -> Kind:
    """The kind of a column: that of its dtype, and for strings what at least 95 % of a sample spell.

    Two-valued yes/no words are boolean; numbers in strings ('1,234', '1.912,29 €', '12%', '12 kg', n/a words) numeric unless they are
    codes with leading zeros; dates of few formats datetime, one word that recurs among either (unknown_word) counting as missing; tokens
    that recur, in lists of several lengths, list; long and mostly distinct sentences text; everything else categorical.
    """
    kind = kind_of_dtype(values)
    if kind != "categorical" or isinstance(values.dtype, pd.CategoricalDtype):
        return "boolean" if kind == "categorical" and _spells_truth(values.cat.categories) else kind
    words = to_words(values).dropna()
    if words.empty:
        return "categorical"
    distinct = pd.Series(words.unique(), dtype="str")
    if len(distinct) <= 6 and _spells_truth(distinct):
        return "boolean"
    sample = _sample(words)
    if any(map(_DIGIT.search, distinct)):  # a thousand columns of words alone are not asked a dozen questions about digits each
        some = _few_of(_not_missing_of(sample.tolist()))
        if _are_mostly(_may_be_a_number, some) and (looks_like_numbers(sample) or _unit_of(sample)):
            return "numeric"
        if _are_mostly(_may_be_a_date, some) and date_formats(sample):
            return "datetime"
    if list_separator(sample):
        return "list"
    return "text" if _is_text(sample, len(distinct) / len(words)) else "categorical"


def _spells_truth(words: pd.Index | pd.Series) -> bool:
    return {str(w).strip().lower() for w in words} in _TRUTH_WORDS


def _sample(words: pd.Series) -> pd.Series:
    """At most _SAMPLE words, evenly spaced, so that the sample needs no seed."""
    return words.iloc[np.linspace(0, len(words) - 1, min(len(words), _SAMPLE)).astype(int)]


def looks_like_numbers(words: pd.Series) -> bool:
    """Whether at least 95 % of the words that are not missing are numbers, none of them a code with leading zeros such as 00734."""
    known = _not_missing(words)
    if known.empty or known.str.fullmatch(_LEADING_ZERO).any() or _are_codes(known):
        return False
    return bool(np.mean(~np.isnan(to_numbers(known, decimal_mark(known)))) >= _ENOUGH)


def _are_mostly(may_be: Callable[[str], bool], some: Sequence[str]) -> bool:
    """Whether 95 % of all words can be what these few may be. Asked word by word: of a thousand columns of codes, what pandas takes for a
    dozen questions is half a minute."""
    return sum(map(may_be, some)) >= _ENOUGH / 2 * len(some)


def _few_of(words: list[str]) -> list[str]:
    """A first look, by chance: each fifth word may be of another kind."""
    return [words[place] for place in np.random.default_rng(0).permutation(len(words))[:_FIRST_LOOK]]


def _not_missing_of(words: list[str]) -> list[str]:
    """Those that are not missing, however many unknown_word leaves."""
    bare = {word.lower() for word in words if not _DIGIT.search(word)} - MISSING_WORDS
    return [word for word in words if _DIGIT.search(word) or (len(bare) > 1 and word.lower() in bare)]


def _may_be_a_number(word: str) -> bool:
    """Whether it has a digit, and no letters but those of currencies and of an exponent, and of a unit at its end."""
    bare = _CURRENCY.sub("", word)
    return _DIGIT.search(bare) is not None and all(found[0] in "eE" or found.end() == len(bare) for found in _LETTERS.finditer(bare))


def _may_be_a_date(word: str) -> bool:
    return len(word) <= _LONGEST_DATE and re.search(_PARTS_OF_A_DATE, word) is not None


def _unit_of(words: pd.Series, fewest: int = _FEWEST_VALUES) -> str:
    """The unit that stands behind at least 95 % of many numbers, together with those that can be converted to it ('7.5 kg', '500 g'), as
    units_together has them; so do letters that multiply (1.2M, 565K) and numbers without any. '' where there is none."""
    known = _not_missing(words, fewest)
    if known.nunique() < fewest:
        return ""
    counts = known.str.extract(_WITH_UNIT)["unit"].value_counts()
    units = units_together(counts.index.tolist()) if len(counts) else ""
    enough = bool(units) and (units.startswith("1 ") or counts[units.split()].sum() >= _ENOUGH * len(known))
    return units if enough and looks_like_numbers(without_unit(known, units)) else ""


def unknown_word(words: pd.Series, fewest: int = _FEWEST_VALUES) -> str:
    """The one word without a digit, in lower case, that recurs in up to half of a column of many numbers or dates; '' where there is none.

    'pending' among amounts and 'never' among dates stand for a missing value: as that they tell all that they told as a category.
    """
    known = words[~missing_words(words)]
    bare = ~known.str.contains(r"\d", regex=True).to_numpy(bool)
    if not 0 < bare.sum() <= len(known) / 2 or known[~bare].nunique() < fewest:
        return ""
    spellings = known[bare].str.strip().str.lower().unique()
    return str(spellings[0]) if len(spellings) == 1 else ""


def _not_missing(words: pd.Series, fewest: int = _FEWEST_VALUES) -> pd.Series:
    unknown = unknown_word(words, fewest)
    return words[~(missing_words(words) | words.str.strip().str.lower().eq(unknown).to_numpy(bool))]


def decimal_mark(values: pd.Series) -> str:
    """What stands before the decimals of a column's numbers in text: ',' where it is seen ('12,5', '1.912,29 €'), else '.'.

    '1,234' and '1.234 €' are numbers either way and decide nothing, but where money has points before three digits only and no amount
    of a thousand or more is without one ('870 €', '1.912 €'), these stand between groups. So do they in all numbers ('870', '16.336')
    where some reach a million ('1.804.255'), be it one in a thousand.
    """
    if kind_of_dtype(values) != "categorical":
        return "."
    given = values.dropna().astype("str")
    words = _distinct_with_digits(_sample(given))
    seen = words.str.contains(rf",|{CURRENCIES}", regex=True).to_numpy(bool)  # 123.456.789 may be a code
    if not seen.any():
        grouped = words.str.fullmatch(_GROUPED_BY_POINT).all()  # few columns are: only their millions are sought in all rows
        return "," if grouped and _are_in_groups(_distinct_with_digits(given)) else "."
    by_comma, by_point = (~np.isnan(to_numbers(words, mark)) for mark in (",", "."))
    commas, points = int(np.sum(by_comma & ~by_point & seen)), int(np.sum(by_point & ~by_comma))
    return "," if commas > points or (commas == points == 0 and _is_money_in_groups(words)) else "."


def _distinct_with_digits(words: pd.Series) -> pd.Series:
    distinct = pd.Series(words.unique(), dtype="str").str.strip()
    return distinct[distinct.str.contains(r"\d", regex=True)]


def _are_in_groups(words: pd.Series) -> bool:
    """Whether distinct numbers can all have points between thousands, and some of them, unlike codes of one width, have two points."""
    points = words.str.count(r"\.")
    return bool((points > 1).any() and (points < 2).any() and words.str.fullmatch(_GROUPED_BY_POINT).all())


def _are_codes(words: pd.Series) -> bool:
    """Whether words in groups are codes of parts such as 100, 100.200 and 100.200.300: numbers of a million or more hardly recur."""
    large = words[words.str.count(r"\.") > 1]
    if len(large) <= (1 - _ENOUGH) * len(words) or large.nunique() > len(large) / 2:
        return False
    return _are_in_groups(_distinct_with_digits(words))


def _is_money_in_groups(words: pd.Series) -> bool:
    money = words[words.str.contains(CURRENCIES, regex=True)]
    amounts = money.str.extract(f"^{_MONEY_WITH_POINTS}$")["amount"]
    grouped, short = amounts.str.fullmatch(r"[1-9]\d{0,2}(?:\.\d{3})+"), amounts.str.fullmatch(r"\d{1,3}")
    return bool(grouped.sum() >= _FEWEST_GROUPED and short.any() and (grouped | short).all())


def date_formats(words: pd.Series) -> tuple[str, ...]:
    """The one of DATE_FORMATS that reads most of the words, at least 95 %; else the few that do so together, each for 5 % that those
    before it do not read, in that order. () where there are none."""
    known = _not_missing(words)
    short = known[(known.str.len() <= _LONGEST_DATE).to_numpy(bool)]
    if known.empty or short.str.contains(_PARTS_OF_A_DATE, regex=True).sum() < _ENOUGH * len(known):
        return ()
    some = known.sample(min(len(known), _FIRST_LOOK), random_state=0)  # by chance: each fifth word may be of another format
    marks = {frozenset(_MARKS).intersection(word) for word in some}
    candidates = [candidate for candidate in DATE_FORMATS if any(seen.issuperset(_marks_of(candidate)) for seen in marks)]
    reads = {candidate: _reads(known, candidate) for candidate in candidates if _reads(some, candidate).any()}
    left, found = np.ones(len(known), dtype=bool), list[str]()
    while reads and left.mean() > 1 - _ENOUGH:
        best = max(reads, key=lambda candidate: float(np.mean(reads[candidate] & left)))  # of equals the first
        if np.mean(reads[best] & left) < 1 - _ENOUGH:
            return ()
        found.append(best)
        left &= ~reads[best]
    return tuple(found)


def _marks_of(candidate: str) -> frozenset[str]:
    """What stands between the parts of each date of a format."""
    return frozenset(_MARKS).intersection("-" if candidate == "ISO8601" else candidate)


def _reads(words: pd.Series, candidate: str) -> np.ndarray:
    if candidate == "ISO8601":
        words = words.where(words.str.match(r"\d{4}-\d{1,2}-\d{1,2}(?:[T ].*)?$").to_numpy(bool))
    return pd.to_datetime(words, format=candidate, errors="coerce", utc=True).notna().to_numpy()


def list_separator(words: pd.Series) -> str:
    """What stands between the tokens, where the words are lists of several lengths whose tokens recur; '' where they are none.

    'Braund, Mr. Owen' is none (tokens do not recur), nor 'Paris, FR' (always two), nor '3,5' (a number).
    """
    words = _sample(words)
    distinct = pd.Series(words.unique(), dtype="str")
    if len(distinct) <= _FEW_SPELLINGS or distinct.str.fullmatch(_DECIMAL_COMMA).mean() > _SHARE_OF_LISTS:
        return ""
    for separator in LIST_SEPARATORS:
        counts = words.str.count(re.escape(separator)) + 1
        if (counts > 1).mean() < _SHARE_OF_LISTS or counts.max() < 3 or counts[counts > 1].nunique() < 2:
            continue
        tokens = distinct.str.split(separator, regex=False).explode().str.strip()
        known = tokens[tokens != ""].unique()
        if 0 < len(known) <= len(distinct) / 2 and max(map(len, known)) <= _LONGEST_TOKEN:
            return separator
    return ""


def usual_separator(words: pd.Series) -> str:
    """Of LIST_SEPARATORS the one that most words have, where a person says that they are lists; the first where none has any."""
    return max(LIST_SEPARATORS, key=lambda mark: float(words.str.contains(mark, regex=False).mean()) if len(words) else 0.0)


def _is_text(words: pd.Series, distinct_share: float) -> bool:
    return distinct_share > 0.5 and float(words.str.len().mean()) >= 25 and float((words.str.count(r"\s") + 1).mean()) >= 4


def is_identifier(values: pd.Series, kind: Kind) -> bool:
    """Whether each row has a value of its own that says nothing: short words of letters, digits and marks, or whole numbers in a column
    named as an id. Addresses and paths have parts that say something, and many languages write without blanks."""
    if kind not in ("categorical", "text") and not (kind == "numeric" and _IDENTIFIER_NAME.search(str(values.name))):
        return False
    known = values.dropna()
    if len(known) <= 50 or len(known) < 0.5 * len(values) or not known.is_unique:
        return False
    if kind == "numeric":
        numbers = to_numbers(known, decimal_mark(known))
        return bool(np.all(numbers == np.floor(numbers)))
    return bool(to_words(known).str.fullmatch(_NAME_OF_A_ROW).mean() >= _ENOUGH)


def date_words(values: pd.Series) -> tuple[str, ...]:
    """date_formats of a column of strings; () for columns that hold dates already."""
    return () if kind_of_dtype(values) == "datetime" else date_formats(_sample(to_words(values).dropna()))


def unit_in(values: pd.Series, *, asked: bool = False) -> str:
    """The unit behind the numbers of a column of strings, and those that can be converted to it, be they in one row alone, as
    units_together has them; '' for columns that hold numbers already. Few values may have one where numbers are `asked` for."""
    if kind_of_dtype(values) != "categorical":
        return ""
    words = to_words(values).dropna()
    units = _unit_of(_sample(words), 1 if asked else _FEWEST_VALUES).removeprefix("1 ").split()
    rare = pd.Series(words.unique(), dtype="str").str.extract(_WITH_UNIT)["unit"].dropna() if units else ()
    return units_together([*units, *sorted(set(rare) - set(units))]) if units else ""


def unknown_in(values: pd.Series, *, asked: bool = False) -> str:
    """unknown_word of a column of strings, beside few values where their kind is `asked` for; '' for columns of numbers or dates."""
    if kind_of_dtype(values) != "categorical":
        return ""
    return unknown_word(_sample(to_words(values).dropna()), 1 if asked else _FEWEST_VALUES)
