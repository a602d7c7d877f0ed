"""conform: the same content gives the same frame."""

import datetime as dt
import math
import time
import warnings
from dataclasses import replace
from decimal import Decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from pandas.testing import assert_frame_equal, assert_series_equal

from bakeoff.data import conform, conforming, make_schema
from bakeoff.data.schema import Column, Kind
from bakeoff.data.tidying import tidy
from bakeoff.errors import DataError

ROWS = 60
_RNG = np.random.default_rng(0)
FRAME = pd.DataFrame(
    {
        "count": _RNG.integers(0, 9, ROWS),
        "size": _RNG.normal(size=ROWS).round(6),
        "gaps": np.where(np.arange(ROWS) % 4 == 0, np.nan, np.arange(ROWS) % 17),
        "colour": pd.Series(_RNG.choice(["red", "green", "blue"], ROWS), dtype="str").where(np.arange(ROWS) % 5 != 0),
        "grade": pd.Categorical(_RNG.integers(1, 4, ROWS)),
        "sold": _RNG.integers(0, 2, ROWS).astype(bool),
        "seen": pd.Series(pd.Timestamp("2024-01-03 10:00") + pd.to_timedelta(np.arange(ROWS) * 7, unit="h")),
        "born": pd.Series(pd.date_range("1980-01-20", periods=ROWS).strftime("%d/%m/%Y"), dtype="str"),
        "paid": pd.Series([f"${n * 1234.5:,.2f}" for n in range(ROWS)], dtype="str"),
        "y": np.arange(ROWS) % 7 / 2,
    }
)
SCHEMA = make_schema(FRAME, task="regression", target="y")
EXPECTED = conform(FRAME, SCHEMA)


def test_dtypes_are_those_of_the_kinds() -> None:
    assert {c.name: c.kind for c in SCHEMA.columns} == {
        "count": "numeric",
        "size": "numeric",
        "gaps": "numeric",
        "colour": "categorical",
        "grade": "categorical",
        "sold": "boolean",
        "seen": "datetime",
        "born": "datetime",
        "paid": "numeric",
    }
    assert EXPECTED.dtypes.astype(str).to_dict() == {
        **dict.fromkeys(["count", "size", "gaps", "sold", "paid"], "float64"),
        **dict.fromkeys(["colour", "grade"], "str"),
        **dict.fromkeys(["seen", "born"], "datetime64[ns]"),
    }
    assert EXPECTED["born"].iloc[0] == pd.Timestamp("1980-01-20")
    assert EXPECTED["paid"].iloc[2] == 2469.0
    assert set(EXPECTED["grade"]) == {"1", "2", "3"}


def zoned(values: pd.Series) -> pd.Series:
    return values.dt.tz_localize("UTC").dt.tz_convert("America/New_York")


SPELLINGS = {
    "integers as floats": {"count": lambda c: c.astype("float64"), "grade": lambda c: c.astype("float64")},
    "numbers as strings": {c: lambda v: v.astype("str") for c in ("count", "size", "gaps", "grade")},
    "nullable": {"count": lambda c: c.astype("Int64"), "gaps": lambda c: c.astype("Float64"), "sold": lambda c: c.astype("boolean")},
    "arrow": {
        "count": lambda c: c.astype("int64[pyarrow]"),
        "size": lambda c: c.astype("double[pyarrow]"),
        "colour": lambda c: c.astype("string[pyarrow]"),
    },
    "objects": {c: lambda v: v.astype(object) for c in FRAME.columns},
    "categories": {c: lambda v: v.astype("category") for c in FRAME.columns if c != "y"},
    "floats with .0 as strings": {
        "count": lambda c: c.astype("float64").astype("str"),
        "grade": lambda c: c.astype("float64").astype("str"),
    },
    "truth as 0 and 1": {"sold": lambda c: c.astype("int8")},
    "truth as words": {"sold": lambda c: c.map({True: "Yes", False: "no"})},
    "truth as strings": {"sold": lambda c: c.astype("str")},
    "dates as strings": {"seen": lambda c: c.astype("str")},
    "dates as ISO strings with a zone": {"seen": lambda c: zoned(c).map(lambda t: t.isoformat())},
    "dates in another zone": {"seen": zoned},
    "dates in seconds": {"seen": lambda c: c.astype("datetime64[s]")},
    "dates as objects": {
        "seen": lambda c: pd.Series(c.dt.to_pydatetime(), dtype=object),
        "born": lambda _: pd.Series(EXPECTED["born"].dt.date, dtype=object),
    },
    "dates parsed": {"born": lambda _: EXPECTED["born"], "paid": lambda _: EXPECTED["paid"]},
    "blanks around words": {"colour": lambda c: " " + c + " "},
    "None for missing": {
        "colour": lambda c: c.astype(object).where(c.notna(), None),
        "gaps": lambda c: c.astype(object).where(c.notna(), None),
    },
}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_the_same_content_in_other_dtypes_conforms_alike(spelling: str) -> None:
    changed = FRAME.assign(**{name: change(FRAME[name]) for name, change in SPELLINGS[spelling].items()})
    assert_frame_equal(conform(changed, SCHEMA), EXPECTED, check_exact=True)


def test_order_extra_columns_and_the_target_do_not_matter() -> None:
    shuffled = FRAME[FRAME.columns[::-1]].drop(columns="y").assign(extra=[[1]] * ROWS)
    assert_frame_equal(conform(shuffled, SCHEMA), EXPECTED)


def test_a_row_alone_conforms_as_among_others() -> None:
    alone = pd.concat([conform(FRAME.iloc[[i]], SCHEMA) for i in range(ROWS)])
    assert_frame_equal(alone, EXPECTED)


def test_the_index_is_kept_and_no_rows_are_fine() -> None:
    assert conform(FRAME.iloc[5:8], SCHEMA).index.tolist() == [5, 6, 7]
    assert conform(FRAME.head(0), SCHEMA).dtypes.equals(EXPECTED.dtypes)
    assert conform(FRAME.head(0).astype(object), SCHEMA).dtypes.equals(EXPECTED.dtypes)


def test_conform_is_idempotent_and_leaves_its_input_alone() -> None:
    before = FRAME.copy(deep=True)
    assert_frame_equal(conform(EXPECTED, SCHEMA), EXPECTED)
    assert_frame_equal(FRAME, before)


def test_missing_columns_are_all_named() -> None:
    with pytest.raises(DataError, match=r"2 columns are missing: size, colour"):
        conform(FRAME.drop(columns=["size", "colour"]).rename(columns={"gaps": "gaps"}), SCHEMA)
    with pytest.raises(DataError, match=r"did you mean Size"):
        conform(FRAME.rename(columns={"size": "Size"}), SCHEMA)


@pytest.mark.parametrize("given", [FRAME.iloc[0], {"size": 1}, [[1]], np.ones((2, 3)), None, "new.csv"], ids=lambda g: type(g).__name__)
def test_what_is_no_frame_is_refused_in_words(given: object) -> None:
    with pytest.raises(DataError, match=r"what to predict: this is no table\n  given: .*\n  allowed: a pandas DataFrame"):
        conform(given, SCHEMA)  # type: ignore[arg-type]


def test_a_column_given_twice_is_named() -> None:
    with pytest.raises(DataError, match=r"size: the frame has a column twice"):
        conform(pd.concat([FRAME, FRAME[["size"]]], axis=1), SCHEMA)


def test_unseen_categories_pass_through() -> None:
    assert conform(FRAME.head(1).assign(colour="mauve"), SCHEMA)["colour"].tolist() == ["mauve"]


def test_infinite_numbers_and_far_dates_are_missing() -> None:
    odd = FRAME.head(2).assign(size=[np.inf, -np.inf], seen=pd.to_datetime(["9999-12-31", "0001-01-01"]).astype("datetime64[s]"))
    conformed = conform(odd, SCHEMA)
    assert conformed["size"].isna().all()
    assert conformed["seen"].isna().all()


def test_values_that_do_not_parse_are_missing_with_a_warning() -> None:
    with pytest.warns(UserWarning, match=r"size: 2 of 2 values are not numeric and count as missing, such as 'big'"):
        assert conform(FRAME.head(2).assign(size=["big", "small"]), SCHEMA)["size"].isna().all()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert conform(FRAME.head(2).assign(size=["n/a", "?"]), SCHEMA)["size"].isna().all()


def test_day_first_dates_stay_day_first_where_a_row_could_be_read_both_ways() -> None:
    assert conform(FRAME.head(1).assign(born="03/04/1980"), SCHEMA)["born"].iloc[0] == pd.Timestamp("1980-04-03")


@pytest.mark.parametrize("dtype", ["str", "object", "category"])
def test_many_dates_that_are_not_spelled_as_in_training_are_told(dtype: str) -> None:
    american = pd.Series(["03/04/1980", "04/25/1980", "04/26/1980", None], dtype=dtype)
    with pytest.warns(UserWarning, match=r"born: 2 of 3 dates are spelled otherwise than in training \(%d/%m/%Y\), such as '04/25/1980'"):
        read = conform(FRAME.head(4).assign(born=american), SCHEMA)["born"]
    assert read.tolist()[:3] == [pd.Timestamp("1980-04-03"), pd.Timestamp("1980-04-25"), pd.Timestamp("1980-04-26")]


def test_dates_in_text_are_told_where_training_had_dates() -> None:
    column = Column("born", "datetime", "datetime64[ns]")
    with pytest.warns(UserWarning, match=r"born: 2 of 2 dates are spelled otherwise than in training \(as dates\)"):
        conform(pd.DataFrame({"born": ["03/04/2024", "25/04/2024"]}), replace(SCHEMA, columns=(column,)))


@pytest.mark.parametrize("spelled", [["03/04/1980", "n/a"], ["1980-04-25", "1980-04-26"], [None, None], [pd.Timestamp("1980-04-25")] * 2])
def test_dates_that_cannot_be_taken_for_others_are_read_without_a_word(spelled: list[object]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        conform(FRAME.head(2).assign(born=pd.Series(spelled, dtype=object)), SCHEMA)


def test_two_hundred_thousand_rows_conform_within_seconds() -> None:
    rows = 200_000
    large = FRAME.sample(rows, replace=True, random_state=0, ignore_index=True).assign(size=np.random.default_rng(0).normal(size=rows))
    large = large.astype({"size": "str"})
    start = time.process_time()
    conform(large, SCHEMA)
    assert time.process_time() - start < 10


@pytest.mark.parametrize("together", [1, 3 * ROWS, 10**6])
def test_plain_numbers_are_read_alike_however_many_at_a_time(together: int, monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = pd.DataFrame(_RNG.normal(size=(ROWS, 5)), columns=[f"n{place}" for place in range(5)])
    words = ["a", "b", "c"] * (ROWS // 3)
    frame = numbers.assign(n0=np.arange(ROWS), n1=numbers["n1"].astype("float32"), word=words, y=np.arange(ROWS) / 2)
    frame.loc[3, ["n2", "n3"]] = [np.inf, np.nan]
    frame.index = frame.index // 2 * 4 + 7
    schema = make_schema(frame, task="regression", target="y")
    monkeypatch.setattr(conforming, "_VALUES_TOGETHER", together)
    found = conform(frame, schema)
    expected = pd.DataFrame({column.name: conforming.conform_column(frame[column.name], column) for column in schema.columns})
    assert_frame_equal(found, expected)
    assert np.isnan(found["n2"].iloc[3])
    assert_frame_equal(conform(frame.iloc[:0], schema), expected.iloc[:0])


def german(number: float, decimals: int = 2) -> str:
    return f"{number:,.{decimals}f}".translate(str.maketrans(",.", ".,"))


AMOUNTS = (_RNG.integers(1, 9_000_000, ROWS) / 100).tolist()
WHOLE = [7, 870, *(_RNG.integers(1, 90_000, ROWS - 2).tolist())]
MONEY = {
    "1.912,29 €": ([f"{german(amount)} €" for amount in AMOUNTS], AMOUNTS),
    "1.912,29 €, k.A.": (
        [f"{german(a)} €" if n % 5 else "k.A." for n, a in enumerate(AMOUNTS)],
        [a if n % 5 else math.nan for n, a in enumerate(AMOUNTS)],
    ),
    "€ 1.912,29": ([f"€ {german(amount)}" for amount in AMOUNTS], AMOUNTS),
    "-1.912,29": ([f"-{german(amount)}" for amount in AMOUNTS], [-amount for amount in AMOUNTS]),
    "1912,29 EUR": ([f"{amount:.2f} EUR".replace(".", ",") for amount in AMOUNTS], AMOUNTS),
    "12,5 %": ([f"{german(amount, 1)} %" for amount in AMOUNTS], [round(amount, 1) for amount in AMOUNTS]),
    "1.912 €": ([f"{german(whole, 0)} €" for whole in WHOLE], WHOLE),
    "US$1,912": ([f"{('US$', 'HK$ ')[whole % 2]}{whole:,}" for whole in WHOLE], WHOLE),
    "R$ 1.912": ([f"R$ {german(whole, 0)}" for whole in WHOLE], WHOLE),
    "1 912,29": ([german(amount).replace(".", " ") for amount in AMOUNTS], AMOUNTS),
    "($1,912.29)": ([f"(${amount:,.2f})" for amount in AMOUNTS], [-amount for amount in AMOUNTS]),
    "1.912,29-": ([f"{german(amount)}-" for amount in AMOUNTS], [-amount for amount in AMOUNTS]),
    "$1,912.29": ([f"${amount:,.2f}" for amount in AMOUNTS], AMOUNTS),
    "CHF 1'912.29": ([f"CHF {amount:,.2f}".replace(",", "'") for amount in AMOUNTS], AMOUNTS),
    "1,912": ([f"{whole:,}" for whole in WHOLE], WHOLE),
    "1.789 €, petrol": ([f"{1 + n / 1000:.3f} €" for n in range(ROWS)], [1 + n / 1000 for n in range(ROWS)]),
}


@pytest.mark.parametrize(("spelled", "numbers"), MONEY.values(), ids=list(MONEY))
def test_numbers_are_read_as_their_country_writes_them(spelled: list[str], numbers: list[float]) -> None:
    rest = FRAME[["size", "y"]]
    schema = make_schema(rest.assign(price=pd.Series(spelled, dtype="str")), task="regression", target="y")
    assert {c.name: c.kind for c in schema.columns}["price"] == "numeric"
    for dtype in ("str", object, "category"):
        frame = rest.assign(price=pd.Series(spelled, dtype=dtype)).head(3)  # what a few rows say by themselves does not count
        np.testing.assert_allclose(conform(frame, schema)["price"], numbers[:3], rtol=0, atol=0.005)
    given = conform(rest.assign(price=pd.Series(numbers, dtype=object)), schema)["price"]
    np.testing.assert_allclose(given, numbers)


@pytest.mark.parametrize(
    "codes", [[f"{100 + n % 9}.{n + 100}.{200 + n % 7}" for n in range(ROWS)], [f"1.{n % 9}.{n % 7}" for n in range(ROWS)]]
)
def test_codes_with_points_are_no_numbers(codes: list[str]) -> None:
    frame = pd.concat([FRAME[["size", "y"]]] * 2, ignore_index=True).assign(code=pd.Series(codes * 2, dtype="str"))
    assert {c.name: c.kind for c in make_schema(frame, task="regression", target="y").columns}["code"] == "categorical"


MIXED = {
    "dates and words": [pd.Timestamp("2020-01-01"), "soon", pd.Timestamp("2020-01-02 10:00")],
    "days and words": [dt.date(2020, 1, 1), "soon", dt.datetime(2020, 1, 2, 10, tzinfo=dt.UTC)],
    "small floats and words": [np.float32(0.1), "a", np.float64(1e17)],
    "durations and words": [dt.timedelta(days=1), "a", pd.Timedelta(hours=5)],
    "dates": [pd.Timestamp(f"2020-01-{day}") for day in ("01", "02 10:00", "03 10:00:00.5")],
    "instants of several units": [
        pd.Timestamp(f"2020-01-01 10:00:00.{half}").as_unit(unit) for half, unit in (("5", "us"), ("25", "ms"), ("1", "ns"))
    ],
}


@pytest.mark.parametrize("name", MIXED)
def test_a_value_is_spelled_alike_alone_and_among_others(name: str) -> None:
    values = pd.Series(MIXED[name] * 20, dtype=object)
    frame = pd.DataFrame({"mixed": values, "y": np.arange(60) / 2})
    schema = make_schema(tidy(frame), task="regression", target="y", kinds={"mixed": "categorical"})
    known = schema.columns[0].categories
    assert len(known) == 3
    assert sorted(conform(frame, schema)["mixed"].unique()) == sorted(known)
    for dtype in (object, None):  # None: what pandas makes of a row by itself
        alone = [conform(pd.DataFrame({"mixed": pd.Series([value], dtype=dtype)}), schema)["mixed"].iloc[0] for value in MIXED[name]]
        assert sorted(alone) == sorted(known)
    if name == "instants of several units":
        assert sorted(known) == [f"2020-01-01 10:00:00.{half}" for half in ("1", "25", "5")]


ODD = {
    "pd.NA in lists": ([[pd.NA, 1], [2.0], [1, 3]], ["1", "2", "1|3"]),
    "decimals that signal": ([Decimal("sNaN"), Decimal("1.5"), Decimal(2)], [np.nan, "1.5", "2"]),
    "half a surrogate pair": (["a\ud800", "b", "c"], ["a?", "b", "c"]),
    "all pd.NA": ([pd.NA] * 3, [np.nan] * 3),
}


def test_truth_values_are_spelled_as_training_spelled_them() -> None:
    column = Column("on", "categorical", "str", ("true", "FALSE", "unknown"))
    schema = replace(SCHEMA, columns=(column,))
    for dtype in ("bool", "boolean", "object"):
        frame = pd.DataFrame({"on": pd.Series([True, False, True], dtype=dtype)})
        assert conform(frame, schema)["on"].tolist() == ["true", "FALSE", "true"]


def test_truth_values_with_gaps_are_known_again_from_a_file_that_spells_them_otherwise() -> None:
    column = Column("on", "categorical", "object", ("False", "True"))
    told = conform(pd.DataFrame({"on": ["true", "false", None]}), replace(SCHEMA, columns=(column,)))["on"]
    assert told.tolist()[:2] == ["True", "False"]
    assert told.isna().tolist() == [False, False, True]


@pytest.mark.parametrize("zips", [[734, 80331], [734.0, None], pd.Series([734, "80331"], dtype=object), pd.Categorical([734, 80331])])
def test_whole_numbers_have_the_leading_zeros_that_codes_had_in_training(zips: list[object]) -> None:
    schema = replace(SCHEMA, columns=(Column("zip", "categorical", "str", ("00734", "80331", "abroad")),))
    assert conform(pd.DataFrame({"zip": zips}), schema)["zip"].fillna("80331").tolist() == ["00734", "80331"]


@pytest.mark.parametrize("name", ODD)
@pytest.mark.parametrize("kind", ["numeric", "categorical", "boolean", "datetime", "text", "list"])
def test_odd_values_conform_to_every_kind(name: str, kind: Kind) -> None:
    given, words = ODD[name]
    schema = replace(SCHEMA, columns=(Column("odd", kind, "object"),))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        found = conform(pd.DataFrame({"odd": pd.Series(given, dtype=object)}), schema)["odd"]
    if kind == "categorical":
        assert_series_equal(found, pd.Series(words, name="odd", dtype="str"))


def test_a_row_of_sparse_objects_conforms() -> None:
    sparse = pd.DataFrame({"odd": pd.arrays.SparseArray(np.array(["a", "b"], dtype=object), fill_value="a")})
    schema = replace(SCHEMA, columns=(Column("odd", "categorical", "object"),))
    assert [conform(sparse.iloc[[row]], schema)["odd"].item() for row in (0, 1)] == ["a", "b"]


SECONDS = np.arange(ROWS) % 5 * 90_061.5
TIMED = pd.Series(pd.to_timedelta(SECONDS, unit="s"))
DURATIONS = {
    "durations": TIMED,
    "in milliseconds": TIMED.dt.as_unit("ms"),
    "objects": pd.Series([dt.timedelta(seconds=seconds) for seconds in SECONDS], dtype=object),
    "objects of pandas": TIMED.astype(object),
    "objects of numpy": pd.Series([*TIMED.to_numpy()], dtype=object),
    "categories": TIMED.astype("category"),
    "Arrow": TIMED.astype(pd.ArrowDtype(pa.duration("us"))),
}


@pytest.mark.parametrize("name", DURATIONS)
def test_durations_are_seconds_whatever_holds_them(name: str) -> None:
    frame = pd.DataFrame({"lasted": DURATIONS[name], "y": np.arange(ROWS) / 2})
    schema = make_schema(tidy(frame), task="regression", target="y")
    assert [column.kind for column in schema.columns] == ["numeric"]
    expected = pd.Series(SECONDS, name="lasted")
    assert_series_equal(conform(tidy(frame), schema)["lasted"], expected)
    for given in DURATIONS.values():
        assert_series_equal(conform(frame.assign(lasted=given), schema)["lasted"], expected)
    assert conform(frame.iloc[[1]], schema)["lasted"].item() == 90_061.5


def test_a_duration_that_is_missing_or_too_long_is_missing() -> None:
    held = pd.Series([None, dt.timedelta(days=1), pd.NaT, dt.timedelta.max], dtype=object)
    assert tidy(held.to_frame("lasted"))["lasted"].dt.total_seconds().fillna(-1).tolist() == [-1, 86400, -1, -1]


HARD = {
    "large": (10**400, np.nan),
    "larger": (-(10**5000), np.nan),
    "type": (int, np.nan),
    "object": (object(), np.nan),
    "array": (np.array(5), 5.0),
    "duration": (dt.timedelta(days=5), 432_000.0),
}


@pytest.mark.parametrize("name", HARD)
def test_what_is_no_number_or_too_large_is_missing(name: str) -> None:
    value, number = HARD[name]
    schema = replace(SCHEMA, columns=(Column("size", "numeric", "object"),))
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        found = conform(pd.DataFrame({"size": pd.Series([value, 1.5], dtype=object)}), schema)["size"]
    np.testing.assert_equal(found.tolist(), [number, 1.5])
    assert ["are not numeric" in str(warning.message) for warning in told] == [True] * (name in ("type", "object"))


def test_large_numbers_of_python_are_words_too() -> None:
    schema = replace(SCHEMA, columns=(Column("size", "categorical", "object"),))
    assert conform(pd.DataFrame({"size": pd.Series([10**5000, "a"], dtype=object)}), schema)["size"].tolist() == ["inf", "a"]


def test_lists_mean_the_same_joined_or_not() -> None:
    tokens = [["x", "y", "z"], ["x"], ["z", "y"]] * 20
    frame = pd.DataFrame({"tags": [";".join(some) for some in tokens], "y": np.arange(60.0)})
    schema = make_schema(frame, task="regression", target="y", kinds={"tags": "list"})
    assert_frame_equal(conform(pd.DataFrame({"tags": tokens}), schema), conform(frame, schema))
