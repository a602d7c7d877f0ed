"""Targets become numbers and come back in their own dtype and spelling."""

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from bakeoff.data import Schema, decode_labels, encode_target, guess_task, make_schema, usable_rows
from bakeoff.data.tidying import tidy
from bakeoff.errors import DataError


def schema_of(values: object, task: str = "classification") -> Schema:
    values = pd.Series(values)
    return make_schema(pd.DataFrame({"x": range(len(values)), "y": values}), task=task, target="y")


LABELS = {
    "words": pd.Series(["b", "a", "b", "a"], dtype="str"),
    "words with odd spelling": pd.Series([" B", "b ", " B", "b "], dtype="str"),
    "codes": pd.Series(["01", "1", "01", "1"], dtype="str"),
    "integers": pd.Series([3, 1, 3, 1]),
    "small integers": pd.Series([3, 1, 3, 1], dtype="int8"),
    "floats": pd.Series([0.5, 1.0, 0.5, 1.0]),
    "integers that are one float": pd.Series([2**53 + 1, 2**53] * 2),
    "truth": pd.Series([True, False, True, False]),
    "truth as objects": pd.Series([True, False, True, False], dtype=object),
    "category of words": pd.Series(["b", "a", "b", "a"], dtype="category"),
    "category of integers": pd.Series([3, 1, 3, 1], dtype="category"),
    "mixed objects": pd.Series([1, "a", 1, "a"], dtype=object),
}


@pytest.mark.parametrize("name", LABELS)
def test_labels_come_back_as_they_were(name: str) -> None:
    values = LABELS[name]
    schema = schema_of(values)
    codes = encode_target(values, schema)
    assert codes.dtype == np.int64
    assert sorted(set(codes)) == [0, 1]
    back = decode_labels(codes, schema)
    assert back.tolist() == values.tolist()
    assert [type(v) for v in back.tolist()] == [type(v) for v in values.tolist()]
    plain = values.dtype.categories.dtype if isinstance(values.dtype, pd.CategoricalDtype) else values.dtype
    if plain.kind in "iufb":
        assert back.dtype == plain


def test_labels_are_sorted() -> None:
    assert schema_of([10, 9, 10, 9]).target.labels == (9, 10)
    assert schema_of(["b", "a", "b", "a"]).target.labels == ("a", "b")


def test_whole_numbers_read_as_floats_because_of_gaps_stay_whole() -> None:
    schema = schema_of([1, 0, None, 1, 0])
    assert schema.target.labels == (0, 1)
    assert schema.target.dtype == "int64"


@pytest.mark.parametrize(
    ("trained", "given"),
    [
        ([1, 2, 1, 2], pd.Series(["1", "2", "1.0", "2"], dtype="str")),
        ([1, 2, 1, 2], pd.Series([1.0, 2.0, 1.0, 2.0])),
        (["1", "2", "1", "2"], pd.Series([1.0, 2.0, 1.0, 2.0])),
        (["1", "2", "1", "2"], pd.Series([1, 2, 1, 2], dtype="category")),
        ([False, True, False, True], pd.Series(["no", "yes", "FALSE", "1"], dtype="str")),
    ],
)
def test_one_label_in_other_dtypes_is_one_label(trained: list[object], given: pd.Series) -> None:
    assert encode_target(given, schema_of(trained)).tolist() == [0, 1, 0, 1]


def test_unknown_and_missing_labels_are_named() -> None:
    schema = schema_of(["a", "b", "a", "b"])
    with pytest.raises(DataError, match=r"1 rows have a target that the training rows do not have\n  given: 'c'\n  allowed: 'a', 'b'"):
        encode_target(pd.Series(["a", "c"]), schema)
    with pytest.raises(DataError, match="1 rows"):
        encode_target(pd.Series(["a", None]), schema)


def test_numbers_come_as_floats_however_spelled() -> None:
    schema = schema_of([1, 2, 3, 4], "regression")
    assert schema.target.labels == ()
    assert encode_target(pd.Series([1, 2]), schema).dtype == np.float64
    assert encode_target(pd.Series(["1,234", "$5"], dtype="str"), schema).tolist() == [1234.0, 5.0]
    with pytest.raises(DataError, match="1 of 2 values of the target are no finite numbers"):
        encode_target(pd.Series(["1", "big"]), schema)


def test_numbers_are_read_as_the_training_rows_write_them() -> None:
    schema = schema_of(["1.912,29 €", "870,00 €", "12,50 €", "3.000,10 €"], "regression")
    assert encode_target(pd.Series(["1.234 €", "1,234"], dtype="str"), schema).tolist() == [1234.0, 1.234]
    assert encode_target(pd.Series([1.234]), schema).tolist() == [1.234]
    assert guess_task(pd.DataFrame({"x": 1, "y": [f"{n},{n} €" for n in range(40)]}), "y") == "regression"


def test_numbers_whose_errors_cannot_be_squared_are_refused() -> None:
    values = np.arange(8.0)
    for scale in (1e-140, 1e98):
        assert encode_target(pd.Series(values * scale), schema_of(values * scale, "regression")).tolist() == (values * scale).tolist()
    with pytest.raises(DataError, match=r"too large to be squared"):
        schema_of(values * 1e101, "regression")
    with pytest.raises(DataError, match=r"y: .*too little to be squared.*\n  given: from 0 to 7e-200.*\n.*at least 1e-150\n.*unit"):
        schema_of(values * 1e-200, "regression")
    with pytest.raises(DataError, match="every row has the same target"):
        schema_of(values * 0, "regression")


def test_durations_are_seconds_to_learn_whatever_holds_them() -> None:
    timed = pd.Series(pd.to_timedelta(np.arange(40) * 60, unit="s"))
    for held in (timed, timed.astype(object), timed.astype(pd.ArrowDtype(pa.duration("us")))):
        frame = pd.DataFrame({"x": 1, "y": held})
        assert guess_task(frame, "y") == "regression"
        assert encode_target(held, schema_of(tidy(frame)["y"], "regression")).tolist() == (np.arange(40) * 60.0).tolist()


def test_numbers_with_a_unit_are_learned_as_numbers() -> None:
    frame = pd.DataFrame({"x": range(100), "y": [f"{50 + n / 2} kg" for n in range(100)]})
    assert guess_task(frame, "y") == "regression"
    schema = make_schema(frame, task="regression", target="y")
    assert encode_target(frame["y"], schema).tolist() == [50 + n / 2 for n in range(100)]
    with pytest.raises(DataError, match="1 of 1 values of the target are no finite numbers"):
        encode_target(pd.Series(["50 lb"]), schema)


def test_usable_rows() -> None:
    frame = pd.DataFrame({"y": pd.Series(["a", None, " ", "b"], dtype="str"), 3: [1.0, np.nan, np.inf, 0.0]})
    assert usable_rows(frame, "y").tolist() == [True, False, False, True]
    assert usable_rows(frame, "3").tolist() == [True, False, True, True]
    with pytest.raises(DataError, match="the target is not among the columns"):
        usable_rows(frame, "z")


@pytest.mark.parametrize("target", [None, ("t", 1), 4])
def test_a_target_that_is_no_column_is_refused_whatever_it_is(target: Any) -> None:
    with pytest.raises(DataError, match="the target is not among the columns"):
        guess_task(pd.DataFrame({3: ["a", "b"]}), target)


def test_a_numbered_column_is_found_by_its_number() -> None:
    assert usable_rows(pd.DataFrame({3: ["a", None]}), 3).tolist() == [True, False]  # type: ignore[arg-type]


def test_no_columns_at_all_are_told() -> None:
    with pytest.raises(DataError, match="the table has no columns"):
        guess_task(pd.DataFrame(), "y")


@pytest.mark.parametrize(
    ("values", "task"),
    [
        (["a", "b"] * 20, "classification"),
        ([True, False] * 20, "classification"),
        ([0, 1] * 20, "classification"),
        ([1, 2, None, 1] * 20, "classification"),
        (list(range(40)), "regression"),
        ([0.5, 1.5] * 20, "regression"),
        (["1,000", "2,500"] * 20, "classification"),
        (["1.5", "2.5"] * 20, "regression"),
    ],
)
def test_guess_task(values: list[object], task: str) -> None:
    assert guess_task(pd.DataFrame({"y": values}), "y") == task


DATES = pd.Series(pd.to_datetime(["2020-01-02", "2020-01-01", "2020-01-02", "2020-01-01"]))
DATED = {
    "dates": DATES,
    "dates as objects": pd.Series(DATES.dt.date, dtype=object),
    "timestamps as objects": DATES.astype(object),
    "category of dates": DATES.astype("category"),
    "days": pd.to_timedelta(pd.Series([1, 0, 1, 0]), unit="D"),
    "times of day": DATES + pd.to_timedelta(pd.Series([10, 0, 10, 0]), unit="h"),
}


@pytest.mark.parametrize("name", DATED)
def test_dates_and_durations_are_labels_spelled_alike_alone_and_among_others(name: str) -> None:
    values = DATED[name]
    schema = schema_of(tidy(values.to_frame("y"))["y"])
    assert encode_target(values, schema).tolist() == [1, 0, 1, 0]
    assert [encode_target(values.iloc[[row]], schema).item() for row in range(4)] == [1, 0, 1, 0]
    first = "0 days 00:00:00" if name == "days" else "2020-01-01"
    assert decode_labels(np.array([0]), schema).tolist() == [first]
