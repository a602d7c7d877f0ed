"""Kinds of columns of words: numbers however they are spelled, and what only looks like them."""

import time
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from bakeoff.data import conform, kinds, make_schema
from bakeoff.data.parsing import DATE_FORMATS
from bakeoff.data.schema import Column

ROWS = 400
_RNG = np.random.default_rng(0)


def learned(spelled: list[str], kinds: dict[str, str] | None = None) -> tuple[Column, list[float]]:
    """The column that a table's words become, and what they are read as, the last rows by themselves."""
    frame = pd.DataFrame({"size": pd.Series(spelled, dtype="str"), "y": np.arange(len(spelled)) / 2})
    schema = make_schema(frame, task="regression", target="y", kinds=kinds)  # type: ignore[arg-type]
    alone = pd.concat([conform(frame.iloc[[row]], schema) for row in range(len(frame) - 3, len(frame))])
    read = conform(frame, schema)["size"].tolist()
    assert alone["size"].tolist() == read[-3:]
    return schema.columns[0], read


def with_points(number: int) -> str:
    return f"{number:,}".replace(",", ".")


@pytest.mark.parametrize("largest", [1, 12, 200])
@pytest.mark.parametrize("rows", [ROWS, 12_000])
def test_points_stand_between_thousands_where_some_numbers_reach_a_million(rows: int, largest: int) -> None:
    numbers = [*_RNG.integers(0, 1000, rows // 2), *_RNG.integers(1000, 1_000_000, rows - rows // 2)]
    numbers[8 : 8 + largest] = _RNG.integers(1_000_000, 2_000_000_000, largest).tolist()
    for given in (numbers, [-number for number in numbers]):
        column, read = learned([with_points(number) for number in given])
        assert (column.kind, column.decimal) == ("numeric", ",")
        assert read == given


def test_three_decimals_alone_are_decimals() -> None:
    numbers = [round(1 + n / 1000, 3) for n in range(ROWS)]
    column, read = learned([f"{number:.3f}" for number in numbers])
    assert (column.decimal, read) == (".", numbers)


def test_codes_of_parts_stay_categories() -> None:
    codes = [".".join(map(str, _RNG.integers(100, 103, parts))) for parts in _RNG.integers(1, 4, ROWS)]
    assert learned(codes)[0].kind == "categorical"


UNITS = {
    "K M": (lambda n: f"{n / 10}M" if n % 25 == 7 else f"{n}K", lambda n: n * 1e5 if n % 25 == 7 else n * 1e3, "1 K M"),
    "ones, k, M": (lambda n: (f"{n}", f"{n / 10}k", f"{n}M")[n % 3], lambda n: (n, n * 100, n * 1e6)[n % 3], "1 k M"),
    "one MB": (lambda n: "1,5 GB" if n == 8 else f"{n},5 MB", lambda n: 1500 if n == 8 else n + 0.5, "MB GB"),
    "kg g Kg lb": (
        lambda n: {7: "1,250 g", 8: "3.5Kg", 9: "2 lb"}.get(n, f"{n} kg"),
        lambda n: {7: 1.25, 8: 3.5, 9: -1.0}.get(n, n),
        "kg g Kg",
    ),
    "ms s": (lambda n: "2 s" if n == 8 else f"{n}ms", lambda n: 2000 if n == 8 else n, "ms s"),
    "ml ML": (lambda n: "500 ML" if n == 8 else f"{n} ml", lambda n: 500 if n == 8 else n, "ml ML"),
    "MHz mHz": (lambda n: "2000 mHz" if n == 8 else f"{n} MHz", lambda n: 2000 if n == 8 else n, "MHz mHz"),
    "L, ml or ML": (
        lambda n: {7: "500 ml", 8: "500 ML"}.get(n, f"{n} L"),
        lambda n: {7: -1.0, 8: -1.0}.get(n, n),
        "L",
    ),
    "MB Mb": (lambda n: "500 Mb" if n == 8 else f"{n} MB", lambda n: -1.0 if n == 8 else n, "MB"),
    "B beside G": (
        lambda n: (f"{n + 1}K", f"{n / 10}M", f"{n}B", f"{n / 100}G")[n % 4],
        lambda n: ((n + 1) * 1e3, n * 1e5, n, n * 1e7)[n % 4],
        None,
    ),
    "K M B T": (
        lambda n: {7: "2.5B", 8: "1T"}.get(n, f"{n}K" if n % 2 else f"{n}M"),
        lambda n: {7: 2.5e9, 8: 1e12}.get(n, n * 1e3 if n % 2 else n * 1e6),
        None,
    ),
    "half kg, half g": (lambda n: f"{n} g" if n % 2 else f"{n} kg", lambda n: n / 1000 if n % 2 else n, "kg g"),
    "hours": (lambda n: f"{n} h", lambda n: n, "h"),
}


@pytest.mark.parametrize("name", UNITS)
@pytest.mark.parametrize("rows", [ROWS, 12_000])
def test_the_few_numbers_with_another_unit_of_its_kind_are_converted(rows: int, name: str) -> None:
    spell, number, unit = UNITS[name]
    column, read = learned([spell(n) for n in range(rows)])
    assert column.kind == "numeric"
    assert unit is None or column.unit == unit
    np.testing.assert_allclose(np.nan_to_num(read, nan=-1.0), [number(n) for n in range(rows)])


@pytest.mark.parametrize("spelling", DATE_FORMATS)
def test_dates_are_found_in_all_their_spellings(spelling: str) -> None:
    days = pd.Series(pd.date_range("2003-02-01 01:02:03", periods=ROWS, freq="37h"))
    assert learned(days.dt.strftime("%Y-%m-%d" if spelling == "ISO8601" else spelling.replace("%Z", "GMT")).tolist())[0].kind == "datetime"


def test_codes_are_not_tried_with_each_spelling_of_dates(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kinds, "_reads", lambda *_: pytest.fail("a code was tried"))
    assert learned([f"{'ABC'[n % 3]}{n // 9}-x" for n in range(ROWS)])[0].kind == "categorical"


@pytest.mark.parametrize("text", ["ein Stück; " * 2000, f"ein Stück{' ' * 10_000}Stück"])
def test_long_texts_are_known_not_to_be_numbers_or_dates_without_reading_all_of_them(text: str) -> None:
    """Seconds a text, where each mark behind a digit is taken for that between the parts of a date, or each of many blanks for the first
    before a sign of currency (in ASCII pandas uses RE2)."""
    texts = pd.Series([f"{row} {text}" for row in range(60)], dtype="str")
    begun = time.process_time()
    assert kinds.find_kind(texts) == "text"
    assert time.process_time() - begun < 10


@pytest.mark.parametrize("word", [lambda n: f"A{n % 50}", lambda n: f"cell-{n % 40}", lambda n: "3,5" if n % 9 == 0 else "abcdefg"[n % 7]])
def test_codes_and_words_are_not_asked_as_a_column_whether_they_are_numbers_or_dates(
    word: Callable[[int], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each question takes pandas milliseconds, and a wide table has thousands of columns."""
    for asked in ("looks_like_numbers", "_unit_of", "date_formats"):
        monkeypatch.setattr(kinds, asked, lambda *_: pytest.fail("a column of codes is asked"))
    assert kinds.find_kind(pd.Series([word(n) for n in range(ROWS)], dtype="str")) == "categorical"


@pytest.mark.parametrize("word", ["$1.2M", "7,5 km/h", "(3.50)", "−4 °C", "1e-3", "EUR 12", "US$ 12", "12 zł", "3 Kč", "5%", "1 234,5 m²"])
def test_each_spelling_of_a_number_passes_the_first_look(word: str) -> None:
    assert kinds._may_be_a_number(word)


def test_an_open_range_is_no_number_below_zero() -> None:
    column, _ = learned([f"{age % 90} -" for age in range(ROWS)])
    assert column.kind == "categorical"
    column, read = learned([f"{age % 90}-" for age in range(ROWS)])
    assert (column.kind, read[1:10]) == ("numeric", [-float(age) for age in range(1, 10)])


def test_a_first_look_is_taken_of_what_is_not_missing() -> None:
    words = pd.Series("?", index=range(5000), dtype="str")
    seen = pd.Series(range(5000)).sample(200, random_state=0).tolist()  # one word that is odd among few known ones decides nothing
    words[[row for row in range(5000) if row not in seen][:60]] = [f"{n}" for n in range(60)]
    words[seen[0]] = "5 or 6"
    assert kinds.find_kind(words) == "numeric"


def test_few_numbers_have_a_unit_and_a_word_for_missing_where_numbers_are_asked_for() -> None:
    few = ["pending" if n % 7 == 3 else f"{n % 20} kg" for n in range(ROWS)]
    assert learned(few)[0].kind == "categorical"
    column, read = learned(few, {"size": "numeric"})
    assert (column.unit, column.unknown) == ("kg", "pending")
    np.testing.assert_array_equal(read, [np.nan if n % 7 == 3 else n % 20 for n in range(ROWS)])


CENTURIES = [
    (1940, 1999, "since 1940"),
    (1930, 1980, "since 1930"),
    (1925, 2010, "since 1925"),
    (1975, 2049, "since 1975"),
    (1990, 2024, ""),
    (2003, 2049, ""),
]


@pytest.mark.parametrize(("first", "last", "since"), CENTURIES)
@pytest.mark.parametrize("spelling", ["%d.%m.%y", "%m/%d/%y %H:%M"])
def test_two_digit_years_are_those_behind_the_widest_gap(first: int, last: int, since: str, spelling: str) -> None:
    days = pd.Series(pd.date_range(f"{first}-01-05 03:00", f"{last}-12-28", periods=ROWS).floor("min"))
    frame = pd.DataFrame({"born": days.dt.strftime(spelling), "y": np.arange(ROWS) / 2})
    schema = make_schema(frame, task="regression", target="y")
    (column,) = schema.columns
    assert (column.kind, column.categories) == ("datetime", (f"{spelling} {since}".strip(),))
    expected = days if "%H" in spelling else days.dt.normalize()
    assert conform(frame, schema)["born"].tolist() == expected.tolist()
    assert conform(frame.iloc[[7]], schema)["born"].tolist() == [expected.iloc[7]]
    assert conform(pd.DataFrame({"born": [None, "?"]}), schema)["born"].isna().all()
