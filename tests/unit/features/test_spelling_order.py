"""Spelling order: codes stand in their order, what was never seen stands between its neighbours."""

import tracemalloc
from collections.abc import Sequence

import numpy as np
import pandas as pd

from bakeoff.data.schema import Column
from bakeoff.features import get_featurizer


def orders(known: Sequence[str], asked: Sequence[str | None]) -> np.ndarray:
    """The feature of the asked spellings in a column of the known ones, the most frequent first."""
    featurizer = get_featurizer("spelling_order").build((Column("code", "categorical", "str", tuple(known)),))
    assert featurizer.features() == (("code.order", "code"),)
    return np.asarray(featurizer.transform(pd.DataFrame({"code": pd.Series(asked, dtype="str")}))[:, 0])


def increases(values: np.ndarray) -> bool:
    return bool((np.diff(values) > 0).all())


def test_postal_codes_with_leading_zeros_come_in_order_of_their_numbers() -> None:
    known = ["10115", "01067", "80331", *(f"{number:05}" for number in range(99, 110))]
    got = orders(known, ["00099", "00105", "01067", "01068", "10115", "80331", "99999"])
    np.testing.assert_array_equal(got, [99, 105, 1067, 1068, 10115, 80331, 99999])


def test_other_codes_come_in_alphabetical_order_and_unseen_ones_between_their_neighbours() -> None:
    known = [f"{letter}{number}" for letter in "QAC" for number in range(5)]
    assert increases(orders(known, ["A", "A0", "A1", "A10", "A2", "B7", "C0", "C4", "C5", "Q0", "Z"]))
    np.testing.assert_array_equal(orders(known, ["A0", "A4", "B7", "C0", "Q4"]), [0, 4, 4.5, 5, 14])


def test_missing_is_missing_and_so_is_what_is_no_number_among_numbers() -> None:
    letters, numbers = [*"abcdefghijklm"], [str(number) for number in range(20)]
    np.testing.assert_array_equal(orders(letters, [None, "b"]), [np.nan, 1])
    np.testing.assert_array_equal(orders(numbers, [None, "unknown", "7"]), [np.nan, np.nan, 7])
    np.testing.assert_array_equal(orders([*numbers, "n/a"], ["n/a", "19"]), [np.nan, 19])


def test_long_numbers_come_in_order_too_though_trees_hold_them_in_single_precision() -> None:
    known = [f"0400638133{number:04}" for number in range(20)]
    got = orders(known, ["04006381330003", "04006381330007", "0500", "01", None, "04006381330019"]).astype(np.float32)
    np.testing.assert_array_equal(got, [3, 7, -0.5, -0.5, np.nan, 19])
    assert orders([f"{number}{'0' * 50}" for number in range(1, 20)], ["2" + "0" * 50]) == [1]


def test_a_few_categories_have_no_order() -> None:
    takes = get_featurizer("spelling_order").takes
    assert [takes(Column("code", "categorical", "str", tuple(map(str, range(size))))) for size in (11, 12)] == [False, True]


def test_one_long_spelling_among_many_takes_no_room_for_all() -> None:
    known = [f"code {number}" for number in range(2_000)] + ["x" * 100_000]
    tracemalloc.start()
    got = orders(known, [known[-1], "code 7", "y"])
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert got[0] == 2_000
    assert got[2] == 2_000.5
    assert most < 50e6  # as wide as the longest, 2,001 of them would be 800 MB
