"""Guardrails see what is there and nothing else."""

import sys

import numpy as np
import pandas as pd
import pytest

from bakeoff.data import Guardrail, Judging, conform, encode_target, guardrails, make_schema

ROWS = 400
_RNG = np.random.default_rng(0)


def clean() -> pd.DataFrame:
    rng = np.random.default_rng(1)
    return pd.DataFrame({"a": rng.normal(size=ROWS), "b": rng.normal(size=ROWS), "y": rng.permutation(["p", "q"] * (ROWS // 2))})


def judge(frame: pd.DataFrame, test: pd.DataFrame | None = None, task: str = "classification", folds: int = 5) -> dict[str, Guardrail]:
    schema = make_schema(frame, task=task, target="y")
    conformed, y, held = conform(frame, schema), encode_target(frame["y"], schema), None if test is None else conform(test, schema)
    return {g.name: g for g in guardrails(conformed, schema, y, Judging(f"{folds} folds", folds, 0, "a file"), held)}


def test_a_clean_table_passes() -> None:
    found = judge(clean(), test=clean().assign(a=0.0))
    assert list(found) == [
        "rows without a target",
        "missing values imputation",
        "high cardinality",
        "class balance",
        "target outliers",
        "two-digit years",
        "validation split handling",
        "train-test split",
        "cross validation",
        "memory",
        "duplicate rows",
        "rows shared between train and test",
        "suspected leakage",
        "id-like columns",
        "constant columns",
        "duplicate columns",
    ]
    assert {name for name, g in found.items() if g.state != "Passed"} == {"validation split handling", "train-test split"}
    assert found["validation split handling"].done == "every candidate is judged by the same 5 folds"
    assert found["train-test split"].done.startswith("a file; scored once")


def test_regression_without_a_test_part_has_every_guardrail_too() -> None:
    found = judge(clean().assign(y=_RNG.normal(size=ROWS)), task="regression")
    assert len(found) == 16
    assert found["class balance"].seen == "the target is a quantity, it has no classes"
    assert found["rows shared between train and test"].seen == "there is no test part"


def test_few_judged_rows_and_too_little_memory_alert(monkeypatch: pytest.MonkeyPatch) -> None:
    assert judge(clean().iloc[:40])["cross validation"].state == "Alerted"
    monkeypatch.setattr(sys.modules["bakeoff.data.guardrails"], "_MEMORY_SHARE", 0.0)
    assert judge(clean())["memory"].done.startswith("a matrix of them takes 0 MB")


NUMBER = np.arange(ROWS)
FINDINGS = [
    ("missing values imputation", {"a": np.where(NUMBER % 4 == 0, np.nan, NUMBER % 7)}, "Done", "a 25.0%"),
    (
        "missing values imputation",
        {"a": pd.Series(np.where(NUMBER % 4 == 0, "pending", (NUMBER * 1.5).astype(str)), dtype="str")},
        "Done",
        "a 25.0% (among them 'pending')",
    ),
    ("high cardinality", {"c": pd.Series([f"c {n % 90}" for n in NUMBER], dtype="str")}, "Done", "c 90"),
    ("constant columns", {"c": 1}, "Done", "c (constant"),
    ("id-like columns", {"id": NUMBER}, "Done", "id (an identifier"),
    ("duplicate columns", {"c": clean()["a"]}, "Done", "c (the same values as a)"),
    ("class balance", {"y": np.where(NUMBER < 20, "p", "q")}, "Alerted", "p: 20, q: 380"),
    (
        "duplicate rows",
        {"a": NUMBER // 4, "b": 1, "c": 2 * (NUMBER // 4) % 7, "y": np.where(NUMBER // 4 % 2, "p", "q")},
        "Alerted",
        "300 of 400",
    ),
    ("two-digit years", {"born": [f"05/12/{(40 + n % 65) % 100:02}" for n in NUMBER]}, "Done", "born from 1940 to 2004"),
    ("two-digit years", {"day": [f"05/12/{n % 97:02}" for n in NUMBER]}, "Alerted", "day from 1969 to 2068"),
    ("suspected leakage", {"c": (clean()["y"] == "p") + 1}, "Alerted", "c alone explains 100.0%"),
    ("suspected leakage", {"c": "code " + clean()["y"]}, "Alerted", "c alone explains 100.0%"),
]


@pytest.mark.parametrize(("name", "columns", "state", "seen"), FINDINGS)
def test_a_finding_is_told(name: str, columns: dict[str, object], state: str, seen: str) -> None:
    found = judge(clean().assign(**columns))[name]
    assert (found.state, seen in found.seen) == (state, True), found
    assert found.done


def test_two_digit_years_that_can_be_told_pass() -> None:
    for dates in ([f"05/12/{n % 30:02}" for n in NUMBER], [f"05/12/{1900 + n % 100}" for n in NUMBER]):
        assert judge(clean().assign(day=dates))["two-digit years"].state == "Passed"


def test_leakage_into_a_number_is_seen_and_a_strong_column_is_not_accused() -> None:
    y = _RNG.normal(size=4000)
    frame = pd.DataFrame({"leak": 3 * y + 1, "strong": y + 0.3 * _RNG.normal(size=4000), "when": pd.Timestamp("2024-01-01"), "y": y})
    assert judge(frame, task="regression")["suspected leakage"].seen == "leak alone explains 100.0%"
    assert judge(frame.drop(columns="leak"), task="regression")["suspected leakage"].state == "Passed"


def test_words_of_their_own_in_each_row_are_no_leak() -> None:
    frame = clean().assign(c=pd.Series([f"word {n}" for n in NUMBER], dtype="str"))
    assert judge(frame)["suspected leakage"].state == "Passed"


def test_too_few_rows_of_a_class_for_the_folds() -> None:
    found = judge(clean().assign(y=["p"] * 3 + ["q"] * (ROWS - 3)))["class balance"]
    assert "fewer rows than 5 splits: p" in found.done


def test_rows_shared_with_the_test_part_are_counted_in_any_dtype() -> None:
    frame = clean().assign(a=NUMBER)
    test = pd.concat([frame.head(30).astype({"a": "str"}), frame.tail(30).assign(b=0.0, a="7")])
    found = judge(frame, test=test)["rows shared between train and test"]
    assert (found.state, found.seen[:8]) == ("Alerted", "30 of 60")


@pytest.mark.parametrize("far", [9_999.0, -1e100])
def test_one_value_that_decides_all_squared_errors_is_told(far: float) -> None:
    y = _RNG.normal(50, 10, size=ROWS).round(2)
    assert judge(clean().assign(y=y), task="regression")["target outliers"].state == "Passed"
    assert judge(clean().assign(y=np.exp(y / 10)), task="regression")["target outliers"].state == "Passed"
    y[7] = far
    found = judge(clean().assign(y=y), task="regression")["target outliers"]
    assert found.state == "Alerted"
    assert f"1 of {ROWS} values: " in found.seen
    assert found.seen.endswith(f": {far:,.6g}")
    assert "median_absolute_error" in found.done
