"""The judge of a dataset, on suites edited by hand."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from bakeoff.data import infer_expectations
from bakeoff.errors import ParamsError
from tasks.contract import judge, read_expectations

WHERE = Path("data/expectations/x.json")
TABLE = pd.DataFrame({"age": [20.0, 30.0, 41.0, None], "town": pd.Series(["A", "B", "A", "B"], dtype="str"), "y": [0, 1, 0, 1]})


def suite(*expectations: dict[str, Any]) -> dict[str, Any]:
    return {"name": "x", "expectations": list(expectations)}


def test_an_inferred_suite_holds_on_its_own_table() -> None:
    broken, asked, page = judge(TABLE, infer_expectations(TABLE, "y", "x"), WHERE)
    assert broken == []
    assert asked > 5
    assert "<html" in page


def test_what_is_broken_is_said_with_what_was_seen() -> None:
    between = {"type": "expect_column_values_to_be_between", "kwargs": {"column": "age", "min_value": 0, "max_value": 40}}
    towns = {"type": "expect_column_values_to_be_in_set", "kwargs": {"column": "town", "value_set": ["A"], "mostly": 0.9}}
    gone = {"type": "expect_column_to_exist", "kwargs": {"column": "income"}}
    rows = {"type": "expect_table_row_count_to_be_between", "kwargs": {"min_value": 100}}
    broken, asked, _ = judge(TABLE, suite(between, towns, gone, rows), WHERE)
    assert asked == 4
    said = "\n".join(broken)
    assert "column 'age': expect_column_values_to_be_between (min_value 0" in said
    assert "seen 1 of 4 values (33.33 %) outside, such as 41.0" in said
    assert "for at least 90.00% of the values: seen 2 of 4 values (50.00 %) outside, such as B" in said
    assert "column 'income': expect_column_to_exist: seen nothing of the kind" in said
    assert "expect_table_row_count_to_be_between (min_value 100): seen 4" in said


def test_values_of_a_column_that_is_gone_are_broken_too() -> None:
    broken, _, _ = judge(TABLE, suite({"type": "expect_column_values_to_not_be_null", "kwargs": {"column": "income"}}), WHERE)
    assert len(broken) == 1
    assert '"income" in BatchData does not exist' in broken[0]


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        (
            {"type": "expect_colum_to_exist", "kwargs": {"column": "age"}},
            r"expectations\[0\]\.type: great-expectations knows no such(.|\n)*expect_column_to_exist",
        ),
        (
            {"type": "expect_column_values_to_be_between", "kwargs": {"column": "age", "least": 1}},
            r"does not take these kwargs(.|\n)*least",
        ),
        (
            {"type": "expect_column_values_to_be_between", "kwargs": {"column": "age", "min_value": "young"}},
            r"kwargs: expect_column_values_to_be_between",
        ),
        ({"kwargs": {"column": "age"}}, "an expectation has a type and kwargs"),
        ("expect_column_to_exist", "an expectation has a type and kwargs"),
    ],
)
def test_a_suite_that_great_expectations_would_pass_over_is_a_mistake(entry: Any, message: str) -> None:
    with pytest.raises(ParamsError, match=message):
        judge(TABLE, suite(entry), WHERE)


@pytest.mark.parametrize("text", ["{", "[]", '{"expectations": 1}'])
def test_a_file_that_is_no_suite(tmp_path: Path, text: str) -> None:
    path = tmp_path / "x.json"
    path.write_text(text)
    with pytest.raises(ParamsError, match="expectation"):
        read_expectations(path)


def test_of_a_wide_table_the_gone_columns_are_named_and_a_hundred_judged() -> None:
    wide = pd.DataFrame({f"c{number}": [0.5, 1.0, 2.0, 4.0] for number in range(300)} | {"y": [0, 1, 0, 1]})
    kept = infer_expectations(wide, "y", "x", task="classification")
    assert len({entry["kwargs"].get("column", "") for entry in kept["expectations"]}) == 102
    assert judge(wide.assign(new=1), kept, WHERE)[0] == []
    broken, _, _ = judge(wide.drop(columns="c7"), kept, WHERE)
    assert any("expect_table_columns_to_match_set" in line and line.endswith('seen without ["c7"]') for line in broken)
