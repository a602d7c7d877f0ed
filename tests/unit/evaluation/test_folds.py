"""Folds cover every row once, keep the classes' shares, and come out the same for the same seed."""

import numpy as np
import pytest

from bakeoff.errors import DataError
from bakeoff.evaluation import Fold, folds_by_size, make_folds


def assert_covers(folds: tuple[Fold, ...], rows: int) -> None:
    np.testing.assert_array_equal(np.sort(np.concatenate([fold.valid for fold in folds])), np.arange(rows))
    for fold in folds:
        np.testing.assert_array_equal(np.sort(np.concatenate([fold.train, fold.valid])), np.arange(rows))
        assert (np.diff(fold.train) > 0).all()


@pytest.mark.parametrize("task", ["classification", "regression"])
def test_every_row_is_judged_once(task: str) -> None:
    y = np.random.default_rng(0).integers(0, 3, 103)
    folds = make_folds(y, task, folds=4, seed=1)
    assert_covers(folds, 103)
    assert {len(fold.valid) for fold in folds} == {25, 26}


def test_classes_keep_their_shares() -> None:
    y = np.repeat([0, 1, 2], [70, 23, 9])
    for fold in make_folds(y, "classification", folds=5, seed=3):
        np.testing.assert_allclose(np.bincount(y[fold.valid], minlength=3), [14, 4.6, 1.8], atol=1)


def test_a_rare_class_is_judged_as_often_as_it_has_rows(recwarn: pytest.WarningsRecorder) -> None:
    y = np.array([0] * 20 + [1] * 2)
    folds = make_folds(y, "classification", folds=5, seed=0)
    assert_covers(folds, 22)
    assert sum(1 in y[fold.valid] for fold in folds) == 2
    assert not recwarn.list


@pytest.mark.parametrize("folds", [1, 2, 7])
def test_every_class_is_in_every_training_part(folds: int) -> None:
    y = np.random.default_rng(0).permutation([0] * 40 + [1] * 7 + [2] * 3 + [3] * 2 + [4])
    for fold in make_folds(y, "classification", folds=folds, seed=0):
        assert set(y[fold.train]) == {0, 1, 2, 3, 4}
        assert 4 not in y[fold.valid]


def test_the_seed_says_how() -> None:
    y = np.random.default_rng(0).integers(0, 2, 60)
    first, same, other = (make_folds(y, "classification", folds=3, seed=seed) for seed in (5, 5, 6))
    assert all(np.array_equal(a.valid, b.valid) for a, b in zip(first, same, strict=True))
    assert not all(np.array_equal(a.valid, b.valid) for a, b in zip(first, other, strict=True))


@pytest.mark.parametrize(("rows", "folds"), [(2, 8), (2_000, 8), (2_001, 5), (20_000, 5), (20_001, 3), (200_000, 3), (200_001, 1)])
def test_the_table_by_size(rows: int, folds: int) -> None:
    assert folds_by_size(rows) == folds


def test_large_data_is_judged_on_one_holdout() -> None:
    (fold,) = make_folds(np.tile([0, 1, 1], 70_000), "classification", folds=None, seed=0)
    assert len(fold.valid) == 42_000
    assert len(fold.train) == 168_000


def test_never_more_folds_than_rows() -> None:
    assert len(make_folds(np.arange(3.0), "regression", folds=10, seed=0)) == 3
    with pytest.raises(DataError, match="at least 2 rows\n  given: 1 rows"):
        make_folds(np.zeros(1), "regression", folds=None, seed=0)
    with pytest.raises(DataError, match="at least 2 rows of one class\n  given: 3 rows"):
        make_folds(np.arange(3), "classification", folds=None, seed=0)
