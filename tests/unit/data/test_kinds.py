"""Kinds of columns of words: numbers however they are spelled, and what only looks like them."""

import numpy as np
import pandas as pd
import pytest

from bakeoff.data import conform, make_schema
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
