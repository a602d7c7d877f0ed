"""Tables that read well and say little: refused with the reason, or learned from with what was left out told."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from tests.bad_input.conftest import Cli, Refused, customers, experiment, table


def with_target(values: object) -> pd.DataFrame:
    return customers().assign(churned=values)


def test_a_target_that_is_not_among_the_columns(refused: Refused) -> None:
    experiment(customers(), target="churnd")
    refused(3, "data.target: the target is not among the columns", "given: churnd", "what to do: did you mean churned?")


def test_new_offers_the_nearest_target(bakeoff: Cli) -> None:
    code, _, told = bakeoff("new", table(customers()), "--target", "churnd")
    assert code == 3
    assert "the target is not among the columns" in told
    assert "did you mean churned?" in told


def test_a_target_without_any_value(refused: Refused) -> None:
    experiment(with_target(None))
    refused(3, "churned: every value of the target is missing", "what to do: name another target column")


def test_one_class(refused: Refused) -> None:
    experiment(with_target("no"))
    refused(3, "churned: the target has one class only", "given: 'no'", "what to do: add rows of another class")


def test_a_class_with_one_row(refused: Refused) -> None:
    experiment(with_target(["maybe", *["yes", "no"] * 29, "yes"]))
    refused(
        3, "churned: 1 of 3 classes have a single row", "given: maybe", "allowed: at least 2 rows of each class", "what to do: add rows"
    )


@pytest.mark.parametrize(("value", "given"), [("many", "given: many"), (np.inf, "given: inf")])
@pytest.mark.parametrize("name", ["churn.csv", "churn.parquet"])
def test_a_regression_target_that_is_no_number(value: object, given: str, name: str, refused: Refused) -> None:
    numbers = pd.Series(np.arange(60) / 7, dtype=object)
    numbers[3] = value
    content = with_target(numbers.astype("str") if isinstance(value, str) else numbers.astype("float64"))
    experiment(table(content, name), task="regression")
    refused(
        3,
        "churned: 1 of 60 values of the target are no finite numbers",
        given,
        "allowed: numbers",
        "what to do: mend or leave out these rows",
    )


def test_a_constant_regression_target(refused: Refused) -> None:
    experiment(with_target(7), task="regression")
    refused(3, "churned: every row has the same target", "given: 7", "what to do: nothing can be learned from it")


def test_all_null_and_constant_columns_are_left_out_and_said_so(bakeoff: Cli) -> None:
    experiment(customers().assign(fax=None, country="NL"))
    code, printed, _ = bakeoff("plan", "params/churn.yaml")
    assert code == 0
    assert "fax: every value is missing" in printed
    assert "country: constant: every value is NL" in printed


def test_nothing_but_all_null_and_constant_columns(refused: Refused) -> None:
    experiment(customers()[["churned"]].assign(fax=None, country="NL"))
    refused(
        3, "churned: no column is left to learn from", "given: fax: every value is missing; country: constant", "what to do: add columns"
    )


def test_one_row(refused: Refused) -> None:
    experiment(customers().head(1))
    refused(3, "churned: too few rows have a target", "given: 1 rows", "allowed: at least 4", "what to do: add rows")


@pytest.mark.parametrize("task", ["classification", "regression"])
def test_fewer_rows_than_folds(task: str, refused: Refused) -> None:
    experiment(customers().head(8), task=task, target="churned" if task == "classification" else "spent", validation={"folds": 10})
    refused(
        3,
        "validation.folds: there are fewer rows than folds",
        "given: 10 folds, 8 rows",
        "allowed: at most 8",
        "what to do: take fewer folds",
    )


def test_five_thousand_columns(bakeoff: Cli) -> None:
    rng = np.random.default_rng(0)
    wide = pd.DataFrame(rng.normal(size=(20, 5_000)), columns=[f"c{number}" for number in range(5_000)])
    experiment(table(wide.assign(churned=["yes", "no"] * 10), "churn.parquet"))
    code, printed, _ = bakeoff("plan", "params/churn.yaml")
    assert code == 0
    assert "20 rows, 5000 columns; target churned" in printed


def test_fifty_thousand_categories(bakeoff: Cli) -> None:
    codes = np.random.default_rng(0).permutation(np.repeat(np.arange(50_000), 2))
    many = pd.DataFrame({"town": pd.Series(codes).map("town {}".format), "churned": np.where(codes % 2, "yes", "no")})
    experiment(table(many, "churn.parquet"))
    code, printed, _ = bakeoff("plan", "params/churn.yaml")
    assert code == 0
    assert "categorical     1  town" in printed


def test_mixed_type_columns(bakeoff: Cli) -> None:
    experiment(customers().assign(mixed=["1", "gold", "2.5", "2024-01-01"] * 15, mostly=["1,234", "n/a", "$5", "7"] * 15))
    code, printed, _ = bakeoff("plan", "params/churn.yaml")
    assert code == 0
    assert "categorical     2  plan, mixed" in printed
    assert "numeric         3  age, spent, mostly" in printed


UNREADABLE = ["2024-13-45", "31.31.2024", "soon", "yesterday"] * 15


def test_dates_that_cannot_be_read_are_categories(bakeoff: Cli) -> None:
    experiment(customers().assign(joined=UNREADABLE))
    code, printed, _ = bakeoff("plan", "params/churn.yaml")
    assert code == 0
    assert "categorical     2  plan, joined" in printed


def test_dates_that_cannot_be_read_and_were_asked_for(refused: Refused) -> None:
    experiment(customers().assign(joined=UNREADABLE), featurization={"mode": "custom", "kinds": {"joined": "datetime"}})
    refused(3, "column joined: no value can be read as datetime", "given: 2024-13-45", "what to do: choose another kind for it")


def test_a_time_column_that_holds_no_dates(refused: Refused) -> None:
    experiment(customers().assign(joined=UNREADABLE), validation={"time": "joined"})
    refused(3, "validation.time: joined: the column cannot be read as dates or numbers", "given: 2024-13-45", "allowed: dates, or numbers")


@pytest.mark.parametrize(
    ("weights", "given"), [([1, -2, 3], "given: -2"), ([1, "heavy", 3], "given: heavy"), ([1, None, 3], "given: missing")]
)
def test_weights_that_cannot_be_weighed(weights: list[object], given: str, refused: Refused) -> None:
    experiment(customers().assign(w=weights * 20), data={"weight": "w"})
    refused(
        3, "data.weight: w: 20 of 60 row weights are no finite numbers of at least 0", given, "what to do: mend or leave out these rows"
    )


@pytest.mark.parametrize(
    ("sections", "where"),
    [
        ({"data": {"weight": "wait"}}, "data.weight"),
        ({"validation": {"group": "wait"}}, "validation.group"),
        ({"validation": {"split_columns": ["wait"]}}, "validation.split_columns"),
        ({"validation": {"time": "wait"}}, "validation.time"),
        ({"data": {"drop": ["wait"]}}, "data.drop"),
        ({"featurization": {"mode": "custom", "kinds": {"wait": "numeric"}}}, "featurization.kinds"),
    ],
)
def test_a_column_that_is_not_there_is_told_with_the_nearest(sections: dict[str, object], where: str, refused: Refused) -> None:
    experiment(customers().assign(weight=1.0), **sections)
    refused(3, f"{where}: no such column", "given: wait", "what to do: did you mean weight")


@pytest.mark.parametrize(("groups", "given"), [("g", "given: 1 group"), (None, "given: 1 group")])
def test_a_group_column_that_cannot_be_split(groups: object, given: str, refused: Refused) -> None:
    experiment(customers().assign(house=groups), validation={"group": "house"})
    refused(3, "validation.group: there are fewer groups than folds", given, "allowed: at least 2", "what to do: take fewer folds")


def test_the_target_cannot_play_another_role(refused: Refused) -> None:
    experiment(customers(), data={"weight": "churned"})
    refused(2, "data.weight names the target, churned", "name another column")


@pytest.mark.parametrize(
    "spoil", [lambda f: f.drop(columns="churned"), lambda f: f.assign(churned="perhaps")], ids=["gone", "other labels"]
)
def test_a_test_file_whose_target_cannot_be_judged(spoil: Callable[[pd.DataFrame], pd.DataFrame], refused: Refused) -> None:
    test = table(spoil(customers()), "test.csv")
    experiment(customers(), data={"test": test})
    refused(3, "churned", "given: ", "what to do: ")
