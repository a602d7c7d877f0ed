"""Linear scores: words add up to one strong feature, and no training row's score knows its own target."""

import numpy as np
import pandas as pd

from bakeoff.data.schema import Column
from bakeoff.features import get_featurizer

COLUMN = (Column("said", "text", "str"),)
RNG = np.random.default_rng(0)
WORTH = {"good": 3.0, "fresh": 2.0, "stale": -2.0, "bad": -3.0, "bread": 0.0, "today": 0.0}
SAID = [" ".join(RNG.choice([*WORTH], 4)) for _ in range(120)]
SUMS = np.array([sum(WORTH[word] for word in said.split()) for said in SAID])


def texts(values: object) -> pd.DataFrame:
    return pd.DataFrame({"said": pd.Series(values, dtype="str")})


def scores(y: np.ndarray, groups: np.ndarray | None = None) -> np.ndarray:
    return np.asarray(get_featurizer("linear_scores").build(COLUMN).fit_transform(texts(SAID), y, 3, groups))


def test_words_add_up_to_the_target_of_rows_never_seen() -> None:
    featurizer = get_featurizer("linear_scores").build(COLUMN, penalty=0.1)
    assert np.corrcoef(featurizer.fit_transform(texts(SAID), SUMS, 0)[:, 0], SUMS)[0, 1] > 0.9
    best, middle, worst, nothing = featurizer.transform(texts(["good fresh good today", "good bread bad", "stale bad bad", None]))[:, 0]
    assert best > middle + 2 > worst + 4
    np.testing.assert_allclose(nothing, SUMS.mean())
    assert featurizer.features() == (("said.linear_score", "said"),)


def test_classes_have_a_score_each_and_two_of_them_one() -> None:
    build = get_featurizer("linear_scores").build
    two, three, many = build(COLUMN), build(COLUMN), build(COLUMN)
    assert two.fit_transform(texts(SAID), np.arange(120) % 2, 0).shape == (120, 1)
    assert two.features() == (("said.linear_score_of_class_1", "said"),)
    assert three.fit_transform(texts(SAID), np.arange(120) % 3, 0).shape == (120, 3)
    np.testing.assert_allclose(three.transform(texts(SAID)).sum(axis=1), 1, atol=0.01)
    assert many.fit_transform(texts(SAID), np.arange(120) % 40, 0).shape == (120, 30)


def test_a_training_row_s_own_target_changes_its_own_score_in_nothing() -> None:
    before = scores(SUMS)
    for row in range(5):
        after = scores(np.where(np.arange(120) == row, 1000, SUMS))
        assert after[row, 0] == before[row, 0]
        assert (after != before).any()


def test_a_group_s_targets_never_reach_its_own_rows() -> None:
    groups = np.repeat(np.arange(24), 5) * 7
    inside = groups == 21
    before, after = scores(SUMS, groups), scores(np.where(inside, SUMS + 1000, SUMS), groups)
    np.testing.assert_array_equal(after[inside], before[inside])
    assert (after[~inside] != before[~inside]).any()


def test_columns_without_a_word_in_common_score_zero() -> None:
    for values in (["one", "two", "three"], [None, None, None], ["same"] * 3, ["alone"]):
        featurizer = get_featurizer("linear_scores").build(COLUMN)
        np.testing.assert_array_equal(featurizer.fit_transform(texts(values), np.arange(len(values)) * 1.0, 0), 0)
        np.testing.assert_array_equal(featurizer.transform(texts(["one", None])), 0)


def test_text_and_many_categories_are_taken_few_are_not() -> None:
    takes = get_featurizer("linear_scores").takes
    towns = tuple(map(str, range(31)))
    assert takes(COLUMN[0])
    assert [takes(Column("town", "categorical", "str", towns[:size])) for size in (30, 31)] == [False, True]
