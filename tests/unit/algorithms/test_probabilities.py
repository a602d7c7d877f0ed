"""Probabilities for classifiers that have none: learned out of fold, of the classes that can be held out."""

import numpy as np
import pytest
from sklearn.svm import SVC

from bakeoff.algorithms import Fitting
from bakeoff.algorithms._probabilities import WithProbabilities

RNG = np.random.default_rng(0)


def blobs(rows: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    y = np.repeat(np.arange(len(rows)), rows)
    return RNG.normal(size=(len(y), 2)) + 2.0 * np.stack([y % 2, y // 2], axis=1), y


def test_a_class_of_one_row_leaves_the_others_their_probabilities() -> None:
    X, y = blobs((60, 60, 1))
    fitted = WithProbabilities(SVC(), 0).learn(Fitting(X, y))
    shares = fitted.predict_proba(X)
    np.testing.assert_allclose(shares.sum(axis=1), 1)
    np.testing.assert_allclose(shares[:, 2], 1 / 121)
    alone = WithProbabilities(SVC(), 0).learn(Fitting(X[:120], y[:120])).predict_proba(X[:120])
    losses = [-np.log(found[np.arange(120), y[:120]]).mean() for found in (shares, alone)]
    assert losses[0] < 0.5
    assert losses[0] == pytest.approx(losses[1], rel=0.2)


def test_where_no_class_can_be_held_out_decisions_are_all_there_is() -> None:
    X, y = blobs((30, 1))
    shares = WithProbabilities(SVC(), 0).learn(Fitting(X, y)).predict_proba(X)
    np.testing.assert_allclose(shares.sum(axis=1), 1)


def test_rows_of_a_group_are_held_out_together() -> None:
    people, times, rng = 240, 4, np.random.default_rng(1)
    own = rng.normal(size=(people, 2)).repeat(times, axis=0) + rng.normal(0, 1e-3, (people * times, 2))
    y, groups = rng.permutation(np.arange(people) % 2).repeat(times), np.arange(people).repeat(times)
    knowing, blind = (WithProbabilities(SVC(C=1e3, gamma=50.0), 0).learn(Fitting(own, y, groups=given)) for given in (None, groups))
    sure = [float(np.abs(fitted.predict_proba(own)[:, 1] - 0.5).mean()) for fitted in (knowing, blind)]
    assert sure[0] > 0.4
    assert sure[1] < 0.2


def test_where_groups_would_leave_a_class_out_rows_are_dealt_one_by_one() -> None:
    X, y = blobs((40, 40))
    alike, alone = (WithProbabilities(SVC(), 0).learn(Fitting(X, y, groups=given)).predict_proba(X) for given in (y, None))
    np.testing.assert_array_equal(alike, alone)
