"""Files that hold no table, or hide one: told where, what was given, what is allowed, what to do."""

import pyarrow as pa
import pyarrow.parquet as arrow_parquet
import pytest

from tests.bad_input.conftest import Cli, Refused, customers, experiment, table


def test_no_file(refused: Refused) -> None:
    table(customers(), "other.csv")
    experiment("data/raw/churn.csv")
    refused(3, "data/raw/churn.csv: there is no such file", "allowed: in data/raw: other.csv", "what to do: name an existing table")


@pytest.mark.parametrize(("content", "given"), [("", "given: 0 bytes"), ("\n\n\n", "allowed: a line of column names, then rows")])
def test_an_empty_file(content: str, given: str, refused: Refused) -> None:
    experiment(table(content))
    refused(3, "data/raw/churn.csv: the file is empty", given, "what to do: export the table again")


def test_column_names_without_rows(refused: Refused) -> None:
    experiment(table("age,plan,churned\n"))
    refused(3, "churn.csv: there are column names but no rows", "given: age, plan, churned", "what to do: export the table again")


def test_column_names_twice(refused: Refused) -> None:
    experiment(table("age,age,churned\n1,2,yes\n"))
    refused(3, "churn.csv: column names occur twice: 'age'", "what to do: give every column a name of its own")


def test_text_that_is_not_utf8(refused: Refused) -> None:
    experiment(table("plan,churned\ncafé,yes\n".encode("latin-1")))
    refused(3, "churn.csv: the file is not UTF-8 text", "given: byte 0xe9 at position 16", "allowed: UTF-8", "what to do: save it as UTF-8")


@pytest.mark.parametrize(("line", "fields"), [("1,2", 2), ("1,2,yes,4", 4)])
def test_a_ragged_line(line: str, fields: int, refused: Refused) -> None:
    experiment(table(f"age,plan,churned\n1,a,yes\n{line}\n2,b,no\n"))
    told = refused(3, f"churn.csv: line 3 has {fields} fields, the line of column names has 3", "allowed: 3 fields separated by ','")
    assert f"given: {line}\n" in told
    assert "what to do: mend this line" in told


@pytest.mark.parametrize("separator", [";", "\t", "|"])
def test_another_separator_is_found(separator: str, bakeoff: Cli) -> None:
    experiment(table(customers().to_csv(index=False, sep=separator)))
    code, printed, _ = bakeoff("plan", "params/churn.yaml")
    assert code == 0
    assert "60 rows, 3 columns; target churned" in printed


def test_decimal_commas_are_found(bakeoff: Cli) -> None:
    experiment(table(customers().to_csv(index=False, sep=";", decimal=",")))
    code, printed, _ = bakeoff("plan", "params/churn.yaml")
    assert code == 0
    assert "numeric         2  age, spent" in printed


def test_bytes_that_are_no_parquet(refused: Refused) -> None:
    experiment(table("age,churned\n1,yes\n", "churn.parquet"))
    refused(
        3, "churn.parquet: this is no Parquet file", "given: Parquet magic bytes not found", "what to do: the file is damaged or no Parquet"
    )


def test_a_parquet_file_cut_short(refused: Refused) -> None:
    table(customers(), "whole.parquet")
    with open("data/raw/whole.parquet", "rb") as whole:
        experiment(table(whole.read()[:-100], "churn.parquet"))
    refused(3, "churn.parquet: this is no Parquet file", "what to do: the file is damaged")


def test_nested_columns(refused: Refused) -> None:
    arrow_parquet.write_table(pa.table({"bought": [[[1]], [[2]]], "churned": ["yes", "no"]}), "data/raw/churn.parquet")
    experiment("data/raw/churn.parquet")
    refused(
        3,
        "churn.parquet: columns hold nested values",
        "given: bought (list<element: list<element: int64>>)",
        "allowed: plain values, or lists of words and numbers",
        "what to do: flatten",
    )


def test_a_new_experiment_is_not_written_for_a_file_that_cannot_be_read(bakeoff: Cli) -> None:
    code, printed, told = bakeoff("new", table("a,b\n1\n"), "--target", "b")
    assert (code, printed) == (3, "")
    assert "line 2 has 1 fields" in told
