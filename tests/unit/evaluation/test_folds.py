"""Folds cover every row once, keep the classes' shares, and come out the same for the same seed."""

from itertools import pairwise

import numpy as np
import pytest

from bakeoff.errors import DataError
from bakeoff.evaluation import Fold, Splitting, folds_by_size, hold_out, make_folds, strategy_by_size


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
    assert len(make_folds(np.arange(3.0), "regression", folds=3, seed=0)) == 3
    with pytest.raises(DataError, match=r"validation\.folds: there are fewer rows than folds\n  given: 10 folds, 3 rows"):
        make_folds(np.arange(3.0), "regression", folds=10, seed=0)
    with pytest.raises(DataError, match="at least 2 rows\n  given: 1 rows"):
        make_folds(np.zeros(1), "regression", folds=None, seed=0)
    with pytest.raises(DataError, match="at least 2 rows of one class\n  given: 3 rows"):
        make_folds(np.arange(3), "classification", folds=None, seed=0)


def test_tiny_tables_are_dealt_twice() -> None:
    y = np.random.default_rng(0).normal(size=300)
    folds = make_folds(y, "regression", folds=None, seed=0)
    assert len(folds) == 16
    np.testing.assert_array_equal(np.bincount(np.concatenate([fold.valid for fold in folds])), 2)
    assert not any(np.array_equal(one.valid, other.valid) for one, other in zip(folds[:8], folds[8:], strict=True))
    assert len(make_folds(np.append(y, 1.0), "regression", folds=None, seed=0)) == 8
    assert [strategy_by_size(rows, None) for rows in (300, 301, 200_001)] == ["repeated_k_fold", "k_fold", "holdout"]
    assert strategy_by_size(100, 4) == "k_fold"


@pytest.mark.parametrize("fraction", [0.1, 0.33, 0.75])
def test_a_holdout_takes_its_share_of_every_class_and_never_all_of_it(fraction: float) -> None:
    y = np.random.default_rng(1).permutation(np.repeat([0, 1, 2], [200, 60, 2]))
    (fold,) = make_folds(y, "classification", folds=None, seed=4, splitting=Splitting("holdout", fraction=fraction))
    held = np.bincount(y[fold.valid], minlength=3)
    np.testing.assert_allclose(held[:2], np.array([200, 60]) * fraction, atol=1)
    assert set(y[fold.train]) == {0, 1, 2}
    np.testing.assert_array_equal(np.sort(np.concatenate([fold.train, fold.valid])), np.arange(262))


def test_monte_carlo_splits_differ_and_repeat_themselves() -> None:
    y = np.arange(100.0)
    plan = Splitting("monte_carlo", fraction=0.3)
    first, again = (make_folds(y, "regression", folds=4, seed=0, splitting=plan) for _ in range(2))
    assert [len(fold.valid) for fold in first] == [30] * 4
    assert len({tuple(fold.valid) for fold in first}) == 4
    assert all(np.array_equal(one.valid, other.valid) for one, other in zip(first, again, strict=True))


@pytest.mark.parametrize("strategy", ["k_fold", "repeated_k_fold", "monte_carlo", "holdout"])
def test_groups_stay_whole_and_shares_are_kept_as_far_as_they_let_them(strategy: str) -> None:
    rng = np.random.default_rng(2)
    groups = rng.choice(60, 600, p=rng.dirichlet(np.ones(60)))
    y = (rng.random(600) < 0.3).astype(int)
    folds = make_folds(y, "classification", folds=None, seed=0, splitting=Splitting(strategy, groups=groups))
    wanted = {"k_fold": 1 / 8, "repeated_k_fold": 1 / 8}.get(strategy, 0.2)
    for fold in folds:
        assert not set(groups[fold.train]) & set(groups[fold.valid])
        assert len(fold.train) + len(fold.valid) == 600
        assert len(fold.valid) / 600 == pytest.approx(wanted, abs=0.06)
        assert y[fold.valid].mean() == pytest.approx(y.mean(), abs=0.1)


@pytest.mark.parametrize("strategy", ["holdout", "time_ordered"])
def test_of_very_large_tables_as_many_rows_judge_as_tell_who_is_best(strategy: str) -> None:
    y = np.arange(400_000.0)
    times = y if strategy == "time_ordered" else None
    (fold,) = make_folds(y, "regression", folds=None, seed=0, splitting=Splitting(strategy, times=times))
    assert len(fold.valid) == pytest.approx(50_000, abs=1)
    assert len(fold.train) + len(fold.valid) == 400_000
    (asked,) = make_folds(y, "regression", folds=None, seed=0, splitting=Splitting("holdout", fraction=0.5))
    assert len(asked.valid) == pytest.approx(200_000, abs=1)


@pytest.mark.parametrize(("rare", "judging"), [(1_000, 0.2), (2_000, 0.1), (100_000, 0.05)])
def test_enough_rows_of_a_rare_class_judge(rare: int, judging: float) -> None:
    y = (np.arange(1_000_000) < rare).astype(int)
    (fold,) = make_folds(y, "classification", folds=None, seed=0, splitting=Splitting("holdout"))
    assert len(fold.valid) / 1_000_000 == pytest.approx(judging, abs=1e-4)


def test_two_groups_are_enough_for_a_holdout_and_one_is_not() -> None:
    groups = np.repeat([0, 1], [90, 10])
    for seed in range(5):
        (fold,) = make_folds(np.arange(100.0), "regression", folds=None, seed=seed, splitting=Splitting("holdout", groups=groups))
        assert {len(fold.train), len(fold.valid)} == {90, 10}
    with pytest.raises(DataError, match=r"validation\.group: there are fewer groups than folds\n  given: 1 group\n  allowed: at least 2"):
        make_folds(np.arange(9.0), "regression", folds=None, seed=0, splitting=Splitting("holdout", groups=np.zeros(9, dtype=int)))


def test_more_windows_than_rows_are_refused() -> None:
    with pytest.raises(DataError, match="too few distinct times"):
        make_folds(np.arange(20.0), "regression", folds=50, seed=0, splitting=Splitting("time_ordered", times=np.arange(20.0)))


def test_windows_expand_and_never_part_equal_times() -> None:
    times = np.random.default_rng(0).integers(0, 40, 500).astype(float)
    folds = make_folds(times, "regression", folds=4, seed=0, splitting=Splitting("time_ordered", times=times))
    assert len(folds) == 4
    for earlier, later in pairwise(folds):
        np.testing.assert_array_equal(later.train, np.sort(np.concatenate([earlier.train, earlier.valid])))
    for fold in folds:
        assert times[fold.train].max() < times[fold.valid].min()
    assert sum(len(fold.valid) for fold in folds) + len(folds[0].train) == 500


def test_rows_that_a_class_needs_are_not_held_out() -> None:
    pairs, more = np.repeat(np.arange(10), 2), np.repeat([0, 1, 1, 2], [2, 2, 3, 2])
    for seed in range(20):
        assert not hold_out(20, 0.2, pairs, None, np.random.default_rng(seed), left=2).any()
        held = hold_out(len(more), 0.05, more, None, np.random.default_rng(seed), left=2)
        assert more[held].tolist() == [1]
