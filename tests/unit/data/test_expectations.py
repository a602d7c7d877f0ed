"""Inferred expectations hold for their table, break for a changed one, and differ readably."""

import json
import time
from typing import Any

import numpy as np
import pandas as pd
import pytest

from bakeoff.data import diff_expectations, infer_expectations
from bakeoff.errors import DataError

ROWS = 400
NUMBER = np.arange(ROWS)
DAYS = pd.Timestamp("2024-01-01") + pd.to_timedelta(NUMBER % 100, unit="D")
FRAME = pd.DataFrame(
    {
        "age": 18 + NUMBER % 61,
        "income": np.where(NUMBER % 10 == 0, np.nan, (NUMBER * 37 % 1000) / 8),
        "colour": pd.Series(np.array(["red", "green", "blue"])[NUMBER % 3], dtype="str"),
        "grade": pd.Categorical(NUMBER % 4),
        "seen": DAYS,
        "born": pd.Series(DAYS.strftime("%d.%m.%Y"), dtype="str"),
        "paid": pd.Series([f"${n * 99:,.2f}" for n in NUMBER], dtype="str"),
        "took": pd.to_timedelta(NUMBER % 90, unit="s"),
        "half": (NUMBER % 100 / 8).astype("float16"),
        "article": 400638133110 + NUMBER % 101 * 3,
        "moment": 1e15 + NUMBER % 100 / 8,
        "sold": NUMBER % 2 == 0,
        "maybe": pd.Series(np.array([True, False, None])[NUMBER % 3], dtype=object),
        "note": pd.Series([f"the customer said thing number {n} twice" for n in NUMBER], dtype="str"),
        "empty": np.nan,
        "y": np.where(NUMBER % 2 == 0, "p", "q"),
    }
)


def suite(frame: pd.DataFrame = FRAME) -> dict[str, Any]:
    return infer_expectations(frame, "y", "shop")


def test_a_suite_is_plain_json_and_the_same_each_time() -> None:
    made = suite()
    assert json.loads(json.dumps(made)) == made == suite(FRAME.copy())
    assert set(made) == {"name", "expectations", "meta"}
    assert made["meta"]["inferred_from"] == {"rows": ROWS, "columns": 16}


def test_what_is_expected_reads_well() -> None:
    found = {(e["type"], e["kwargs"].get("column")): e["kwargs"] for e in suite()["expectations"]}
    assert found["expect_table_row_count_to_be_between", None] == {"min_value": 40, "max_value": 4000}
    assert found["expect_column_values_to_be_between", "age"] == {"column": "age", "min_value": 12, "max_value": 84, "mostly": 0.99}
    assert found["expect_column_values_to_not_be_null", "age"]["mostly"] == 0.99
    assert found["expect_column_values_to_not_be_null", "income"]["mostly"] == 0.85
    assert found["expect_column_values_to_be_in_set", "colour"]["value_set"] == ["blue", "green", "red"]
    assert found["expect_column_distinct_values_to_equal_set", "y"]["value_set"] == ["p", "q"]
    assert found["expect_column_values_to_match_regex", "born"]["regex"] == r"^\d{1,2}\.\d{1,2}\.\d{4}$"
    assert all(("expect_column_to_exist", column) in found for column in FRAME.columns)


SPELLED = {
    "units": lambda n: f"{n * 100} g" if n % 25 == 0 else f"{n}.5 kg",
    "multipliers": lambda n: (f"{n}", f"{n / 10}K", f"{n / 100}M")[n % 3],
    "one unit": lambda n: f"{n} kg",
    "a code before": lambda n: f"CHF {n * 99:,.2f}",
    "a sign before": lambda n: f"-R$ {n}",
    "a code in brackets": lambda n: f"(CHF {n})",
    "codes behind": lambda n: f"{n},50 {('EUR', 'zł')[n % 2]}",
    "exponents": lambda n: f"{n}.5e+10",
}


@pytest.mark.parametrize("name", SPELLED)
def test_numbers_in_text_are_expected_as_they_are_spelled(name: str) -> None:
    words = pd.Series([SPELLED[name](n) for n in range(ROWS)], dtype="str")
    made = infer_expectations(pd.DataFrame({"size": words, "y": FRAME["y"]}), "y", "shop")["expectations"]
    (kept,) = [e["kwargs"] for e in made if e["type"] == "expect_column_values_to_match_regex"]
    assert kept["mostly"] == 0.95
    assert words.str.contains(kept["regex"], regex=True).all()
    assert not pd.Series(["cheap", "12 parsecs", "CHF", "1 kg more"]).str.contains(kept["regex"], regex=True).any()


@pytest.mark.parametrize("again", ["7 ", "7 € ", "$7 "])
def test_long_remarks_among_numbers_in_text_are_read_once(again: str) -> None:
    remark = f"ü{again * 3000}x"
    words = pd.Series([remark if n % 40 == 0 else f"{n} €" for n in range(ROWS)], dtype="str")
    begun = time.process_time()
    made = infer_expectations(pd.DataFrame({"paid": words, "y": FRAME["y"]}), "y", "shop")["expectations"]
    assert time.process_time() - begun < 5
    assert [e["kwargs"]["mostly"] for e in made if e["type"] == "expect_column_values_to_match_regex"] == [pytest.approx(0.925, abs=0.005)]


def test_a_spelling_that_no_value_has_is_not_expected() -> None:
    made = infer_expectations(FRAME.assign(born=" " + FRAME["born"]), "y", "shop")["expectations"]
    assert "expect_column_values_to_match_regex" not in {e["type"] for e in made if e["kwargs"].get("column") == "born"}


def test_the_task_decides_what_is_expected_of_the_target() -> None:
    frame = FRAME.assign(y=NUMBER % 5)
    types = {e["type"] for e in infer_expectations(frame, "y", "n", task="regression")["expectations"] if e["kwargs"].get("column") == "y"}
    assert "expect_column_values_to_be_between" in types
    assert "expect_column_distinct_values_to_equal_set" not in types


def test_a_missing_target_is_named() -> None:
    with pytest.raises(DataError, match=r"^data\.target: the target is not among the columns\n  given: z\n"):
        infer_expectations(FRAME, "z", "shop")


def test_columns_that_nobody_learns_from_are_not_judged() -> None:
    frame = pd.DataFrame({"customer_id": range(1000, 1100), "x": range(100), "note": ["a", "b"] * 50, "y": ["no", "yes"] * 50})
    suite = infer_expectations(frame, "y", "shop", drop=["note"])
    told = {(e["type"], e["kwargs"].get("column")) for e in suite["expectations"]}
    assert not any(column == "note" for _, column in told)
    assert {kind for kind, column in told if column == "customer_id"} == {
        "expect_column_to_exist",
        "expect_column_values_to_not_be_null",
    }
    assert ("expect_column_values_to_be_between", "x") in told


@pytest.mark.parametrize("largest", [1.7e308, -1.7976931348623157e308, 1e300])
def test_numbers_that_stand_for_unknown_are_no_end_of_a_range(largest: float) -> None:
    frame = pd.DataFrame({"x": [1.5, largest, 2.5, -largest] * 5, "y": ["no", "yes"] * 10})
    kinds = [e["type"] for e in infer_expectations(frame, "y", "shop")["expectations"] if e["kwargs"].get("column") == "x"]
    assert ("expect_column_values_to_be_between" in kinds) == (abs(largest) <= 1e300)


def test_differences_are_lines_a_person_understands() -> None:
    old = FRAME.assign(income=FRAME["income"].fillna(0))
    new = old.assign(age=18 + NUMBER % 100, colour=old["colour"].replace("red", "mauve"), late=NUMBER).drop(
        columns=["note", "sold", "maybe"]
    )
    new.loc[:60, "income"] = np.nan
    assert diff_expectations(suite(old), suite(new.head(300))) == [
        "the table: rows 40…4000 → 30…3000",
        "late: new: column",
        "age: range 12…84 → 8…127",
        "income: missing at most 1 % → 30.5 %",
        "colour: categories + mauve − red",
        "late: new: missing at most 1 %",
        "late: new: type bool, int8, int16, int32, int64, uint8, uint16, uint32, uint64, float32, float64",
        "late: new: range 0…330 (99 %)",
        "sold: no longer: column",
        "maybe: no longer: column",
        "note: no longer: column",
        "sold: no longer: missing at most 1 %",
        "sold: no longer: categories False, True",
        "maybe: no longer: missing at most 49.88 %",
        "maybe: no longer: categories False, True",
        "note: no longer: missing at most 1 %",
    ]


def test_equal_suites_do_not_differ_and_hand_made_changes_are_told() -> None:
    edited = suite()
    assert diff_expectations(suite(), edited) == []
    for expectation in edited["expectations"]:
        expectation["meta"] = {"notes": "looked at"}
    assert diff_expectations(suite(), edited) == []
    edited["expectations"].append({"type": "expect_column_mean_to_be_between", "kwargs": {"column": "age", "min_value": 30}})
    assert diff_expectations(suite(), edited) == ["age: new: column_mean_to_be_between 30"]


BROKEN = {
    "new category": ("colour", lambda f: f["colour"].where(NUMBER > 30, "mauve"), "expect_column_values_to_be_in_set"),
    "new category of numbers": ("grade", lambda f: pd.Categorical(NUMBER % 4 + 1), "expect_column_values_to_be_in_set"),
    "missing doubled": ("income", lambda f: f["income"].where(NUMBER > 80), "expect_column_values_to_not_be_null"),
    "range broken": ("age", lambda f: f["age"] * 10, "expect_column_values_to_be_between"),
    "durations became words": ("took", lambda f: f["took"].astype("str"), "expect_column_values_to_be_in_type_list"),
    "narrow range broken": ("article", lambda f: f["article"] + 331, "expect_column_values_to_be_between"),
    "dates became words": ("seen", lambda f: f["seen"].astype("str"), "expect_column_values_to_be_in_type_list"),
    "prices became words": ("paid", lambda f: "cheap", "expect_column_values_to_match_regex"),
    "date words became other words": ("born", lambda f: "once", "expect_column_values_to_match_regex"),
    "truth became words": ("maybe", lambda f: "maybe", "expect_column_values_to_be_in_set"),
    "missing now": ("sold", lambda f: f["sold"].astype(object).where(NUMBER > 10), "expect_column_values_to_not_be_null"),
    "new class": ("y", lambda f: f["y"].where(NUMBER > 1, "r"), "expect_column_distinct_values_to_equal_set"),
}
BROKEN_OTHERWISE = {
    "numbers became words": ("age", lambda f: f["age"].astype("str"), "expect_column_values_to_be_in_type_list"),
    "class gone": ("y", lambda f: "p", "expect_column_distinct_values_to_equal_set"),
    "one new category is tolerated": ("colour", lambda f: f["colour"].where(NUMBER > 4, "mauve"), ""),
    "whole numbers became floats": ("income", lambda f: f["income"].astype("float32"), ""),
}


def broken(frame: pd.DataFrame, inferred: dict[str, Any] | None = None) -> set[tuple[str, str]]:
    """The (expectation, column) pairs of a suite, FRAME's where none is given, that great-expectations itself finds broken."""
    gx = pytest.importorskip("great_expectations")
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    made = json.loads(json.dumps(inferred or suite()))
    enforced = gx.ExpectationSuite(name=made["name"], expectations=made["expectations"], meta=made["meta"])
    asset = context.data_sources.add_pandas("frames").add_dataframe_asset("frame")
    batch = asset.add_batch_definition_whole_dataframe("all").get_batch(batch_parameters={"dataframe": frame})
    found = batch.validate(enforced).results
    return {(r.expectation_config.type, r.expectation_config.kwargs.get("column", "")) for r in found if not r.success}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("changes", [BROKEN, BROKEN_OTHERWISE], ids=["changes", "other changes"])
def test_great_expectations_finds_every_change_and_nothing_else(changes: dict[str, Any]) -> None:
    changed = FRAME.assign(**{column: alter(FRAME) for column, alter, _ in changes.values()})
    expected = {(expectation, column) for column, _, expectation in changes.values() if expectation}
    found = broken(changed)
    assert expected <= found
    assert {column for _, column in found} == {column for _, column in expected}


@pytest.mark.filterwarnings("ignore")
def test_great_expectations_misses_gone_columns_and_rows() -> None:
    found = broken(FRAME.drop(columns=["note", "y"]).head(39))
    assert {("expect_column_to_exist", "note"), ("expect_column_to_exist", "y"), ("expect_table_row_count_to_be_between", "")} <= found


@pytest.mark.filterwarnings("ignore")
def test_great_expectations_lets_a_like_table_pass() -> None:
    assert broken(FRAME.sample(frac=0.5, random_state=0)[FRAME.columns[::-1]].assign(new=1)) == set()


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("column", "task"), [("took", "classification"), ("took", "regression"), ("seen", "classification")])
def test_durations_and_dates_as_a_target_keep_to_their_own_suite(column: str, task: str) -> None:
    frame = FRAME[["age"]].assign(y=FRAME[column])
    assert broken(frame, infer_expectations(frame, "y", "shop", task=task)) == set()


def test_a_column_that_leaves_a_wide_table_changes_little() -> None:
    wide = pd.DataFrame({f"c{number}": [0.5, 1.0, 2.0, 4.0] for number in range(300)} | {"y": [0, 1, 0, 1]})
    old, new = (infer_expectations(frame, "y", "wide", task="classification") for frame in (wide, wide.drop(columns="c7")))
    lines = diff_expectations(old, new)
    assert lines[0] == "the table: columns − c7"
    assert len({line.partition(":")[0] for line in lines[1:]}) <= 2
