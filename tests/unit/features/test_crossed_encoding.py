"""Crossed encoding: finds what two columns say together, keeps nothing that is noise, and no training row knows its own target."""

import numpy as np
import pandas as pd
import pytest

from bakeoff.data.schema import Column
from bakeoff.features import Featurizer, get_featurizer

ROWS = 400
RNG = np.random.default_rng(0)
FRAME = pd.DataFrame(
    {
        "product": pd.Series(RNG.choice(["tea", "coffee"], ROWS), dtype="str"),
        "country": pd.Series(RNG.choice(["uk", "italy"], ROWS), dtype="str"),
        "hour": RNG.integers(0, 6, ROWS).astype(float),
        "open": RNG.integers(0, 2, ROWS).astype(float),
        "weight": RNG.normal(size=ROWS),
    }
)
COLUMNS = (
    Column("product", "categorical", "str", ("tea", "coffee")),
    Column("country", "categorical", "str", ("uk", "italy")),
    Column("hour", "numeric", "float64"),
    Column("open", "boolean", "bool"),
    Column("weight", "numeric", "float64"),
)
LIKED = ((FRAME["product"] == "tea") == (FRAME["country"] == "uk")).to_numpy()


def build(columns: tuple[Column, ...] = COLUMNS, **parameters: float) -> Featurizer:
    return get_featurizer("crossed_encoding").build(columns, **parameters)


def test_two_columns_that_say_nothing_apart_say_it_together() -> None:
    featurizer = build(most_crosses=1)
    training = featurizer.fit_transform(FRAME, LIKED.astype(np.int64), 0)
    ((name, *sources),) = featurizer.features()
    assert (set(name.split(".")[0].split(" × ")), name.split(".")[1]) == ({"product", "country"}, "of_class_1")
    assert set(sources) == {"product", "country"}
    assert training[LIKED].min() > 0.8 > 0.2 > training[~LIKED].max()
    asked = pd.DataFrame({**FRAME[:4], "product": ["tea", "coffee", "tea", "cocoa"], "country": ["uk", "uk", None, "uk"]})
    got = featurizer.transform(asked.astype({"product": "str", "country": "str"}))[:, 0]
    assert got[0] > 0.8 > 0.2 > got[1]
    np.testing.assert_allclose(got[2:], LIKED.mean())


def test_an_unseen_value_is_not_taken_for_a_missing_one() -> None:
    gone = FRAME.assign(product=FRAME["product"].where(FRAME["product"] == "tea"))
    featurizer = build(COLUMNS[:2], most_crosses=1)
    featurizer.fit_transform(gone, LIKED.astype(np.int64), 0)
    asked = pd.DataFrame({"product": pd.Series([None, "cocoa"], dtype="str"), "country": pd.Series(["italy", "italy"], dtype="str")})
    got = featurizer.transform(asked)[:, 0]
    assert got[0] > 0.8
    np.testing.assert_allclose(got[1], LIKED.mean())


def test_numbers_with_few_values_are_crossed_and_numbers_with_many_are_not() -> None:
    rush = np.where(FRAME["open"] == 1, FRAME["hour"], 5 - FRAME["hour"])
    featurizer = build()
    featurizer.fit_transform(FRAME, rush + RNG.normal(0, 0.1, ROWS), 0)
    crosses = [set(name.removesuffix(".mean_target").split(" × ")) for name, *_ in featurizer.features()]
    assert {"hour", "open"} in crosses
    assert not any("weight" in cross for cross in crosses)


@pytest.mark.parametrize("seed", range(3))
def test_nothing_is_kept_of_noise_or_of_what_single_columns_say(seed: int) -> None:
    rng = np.random.default_rng(seed)
    added = (FRAME["product"] == "tea") + 2.0 * (FRAME["country"] == "uk")
    for y in (rng.normal(size=ROWS), rng.integers(0, 3, ROWS), np.zeros(ROWS), (added + rng.normal(0, 0.5, ROWS)).to_numpy()):
        featurizer = build()
        assert featurizer.fit_transform(FRAME, y, seed).shape == (ROWS, 0)
        assert featurizer.features() == ()
        assert featurizer.transform(FRAME[:3]).shape == (3, 0)


def test_a_training_row_s_own_target_changes_its_own_features_in_nothing() -> None:
    y = LIKED + RNG.normal(0, 0.1, ROWS)
    before = build(most_crosses=1).fit_transform(FRAME, y, 3)
    for row in range(5):
        other = np.where(np.arange(ROWS) == row, y + 0.5, y)
        after = build(most_crosses=1).fit_transform(FRAME, other, 3)
        assert after[row, 0] == before[row, 0]
        assert (after != before).any()


def test_a_group_s_targets_never_reach_its_own_rows() -> None:
    y, groups = LIKED + RNG.normal(0, 0.1, ROWS), np.repeat(np.arange(80), 5) * 7
    inside = groups == 21
    before = build(most_crosses=1).fit_transform(FRAME, y, 3, groups)
    after = build(most_crosses=1).fit_transform(FRAME, np.where(inside, y + 0.5, y), 3, groups)
    np.testing.assert_array_equal(after[inside], before[inside])
    assert (after[~inside] != before[~inside]).any()


def test_one_group_alone_has_nothing_to_learn_from() -> None:
    assert build().fit_transform(FRAME, LIKED * 1.0, 0, np.zeros(ROWS, dtype=np.int64)).shape == (ROWS, 0)


@pytest.mark.parametrize("rows", [1, 2, 3])
def test_few_rows_and_a_single_column_are_taken(rows: int) -> None:
    for columns in (COLUMNS, COLUMNS[:1]):
        assert len(build(columns).fit_transform(FRAME[:rows], np.arange(rows) * 1.0, 0)) == rows


def test_numbers_in_single_precision_are_the_same_values() -> None:
    tenths = FRAME.assign(hour=FRAME["hour"] / 10, open=FRAME["open"] / 10)
    target = ((tenths["hour"] > 0.2) == (tenths["open"] > 0)).to_numpy().astype(np.int64)
    featurizer = build(COLUMNS[2:4], most_crosses=1)
    featurizer.fit_transform(tenths, target, 0)
    said = featurizer.transform(tenths)
    assert len(np.unique(said)) > 2
    np.testing.assert_array_equal(
        featurizer.transform(tenths.astype({"hour": "float32", "open": "float32"}).astype({"hour": float, "open": float})), said
    )
