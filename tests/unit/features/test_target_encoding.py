"""Target encoding: smoothed means, and no training row that knows its own target."""

import numpy as np
import pandas as pd
import pytest

from bakeoff.data.schema import Column
from bakeoff.features import get_featurizer
from bakeoff.features._out_of_fold import out_of_fold_means
from bakeoff.features._words import places_in

COLUMN = (Column("town", "categorical", "str", ("a", "b")),)


def words(values: object) -> pd.DataFrame:
    return pd.DataFrame({"town": pd.Series(values, dtype="str")})


def test_new_rows_get_the_smoothed_mean_and_unseen_ones_the_overall_mean() -> None:
    frame, y = words(["a"] * 30 + ["b"] * 10 + [None] * 10), np.repeat([1.0, 5.0, 9.0], [30, 10, 10])
    featurizer = get_featurizer("target_encoding").build(COLUMN)
    featurizer.fit_transform(frame, y, 0)
    overall = y.mean()
    got = featurizer.transform(words(["a", "b", None, "zebra"]))[:, 0]
    expected = [(30 + 10 * overall) / 40, (50 + 10 * overall) / 20, (90 + 10 * overall) / 20, overall]
    np.testing.assert_allclose(got, expected)
    assert featurizer.features() == (("town.mean_target", "town"),)


def test_classes_have_a_share_each_and_two_of_them_one() -> None:
    frame = words(["a", "b"] * 30)
    build = get_featurizer("target_encoding").build
    two, three = build(COLUMN), build(COLUMN)
    assert two.fit_transform(frame, np.arange(60) % 2, 0).shape == (60, 1)
    assert three.fit_transform(frame, np.arange(60) % 3, 0).shape == (60, 3)
    assert [name for name, _ in three.features()] == [f"town.share_of_class_{code}" for code in range(3)]
    np.testing.assert_allclose(three.transform(frame).sum(axis=1), 1)


def test_a_training_row_s_own_target_changes_its_own_features_in_nothing() -> None:
    rng = np.random.default_rng(0)
    frame, y = words(rng.choice(["a", "b", "c"], 60)), rng.normal(size=60)
    build = get_featurizer("target_encoding").build
    before = build(COLUMN).fit_transform(frame, y, 3)
    for row in range(5):
        other = y.copy()
        other[row] += 1000
        after = build(COLUMN).fit_transform(frame, other, 3)
        assert after[row, 0] == before[row, 0]
        assert (after != before).any()


def test_a_group_s_targets_never_reach_its_own_rows() -> None:
    rng = np.random.default_rng(0)
    frame, y, groups = words(rng.choice(["a", "b"], 80)), rng.normal(size=80), np.repeat(np.arange(16), 5) * 7
    build = get_featurizer("target_encoding").build
    before = build(COLUMN).fit_transform(frame, y, 3, groups)
    inside = groups == 21
    after = build(COLUMN).fit_transform(frame, np.where(inside, y + 1000, y), 3, groups)
    np.testing.assert_array_equal(after[inside], before[inside])
    assert (after[~inside] != before[~inside]).any()


def test_a_row_is_encoded_by_the_other_parts_alone() -> None:
    rng = np.random.default_rng(0)
    places, parts, targets = rng.integers(0, 6, 200), rng.integers(0, 4, 200), rng.normal(size=(200, 2))
    places[parts == 2] += 3  # places 6, 7 and 8 are met in one part alone
    got = out_of_fold_means(places, 10, targets, parts, 5.0)
    for row in range(200):
        others = targets[parts != parts[row]]
        there = targets[(parts != parts[row]) & (places == places[row])]
        np.testing.assert_allclose(got[row], (there.sum(axis=0) + 5 * others.mean(axis=0)) / (len(there) + 5))
    np.testing.assert_allclose(
        out_of_fold_means(places, 10, targets, np.zeros(200, dtype=int), 5.0), np.tile(targets.mean(axis=0), (200, 1))
    )


@pytest.mark.parametrize("times", [1, 20])  # few rows are looked up one by one
def test_a_place_is_found_by_spelling_and_a_missing_value_s_is_nan_s(times: int) -> None:
    values = words(["b", None, "zebra", "a", "b"] * times)["town"]
    assert places_in(values, pd.Index(["a", "b"], dtype="str")).tolist() == [1, -1, -1, 0, 1] * times
    assert places_in(values, pd.Index(["a", None, "b"], dtype="str")).tolist() == [2, 1, -1, 0, 2] * times
    assert places_in(pd.Series([2.0, np.nan, 7.0] * times), pd.Index([1.0, 2.0])).tolist() == [1, -1, -1] * times


@pytest.mark.parametrize("rows", [1, 3])
def test_few_rows_are_enough(rows: int) -> None:
    featurizer = get_featurizer("target_encoding").build(COLUMN)
    assert np.isfinite(featurizer.fit_transform(words(["a"] * rows), np.arange(rows) * 1.0, 0)).all()


def test_of_many_classes_the_largest_have_a_share() -> None:
    frame, y = words(["a", "b"] * 400), np.minimum(np.arange(800) // 4, 99)
    featurizer = get_featurizer("target_encoding").build(COLUMN)
    assert featurizer.fit_transform(frame, y, 0).shape == (800, 30)
    assert featurizer.transform(frame).shape == (800, 30)
    assert "town.share_of_class_99" in dict(featurizer.features())
