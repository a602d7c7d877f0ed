"""Threads that predict: as many as there are cores, or as a trial has; they never change what is said."""

import os

import numpy as np
import pytest

from bakeoff.algorithms import Fitting, Setting, TableFacts, get_algorithm
from bakeoff.algorithms._scoring import FEW_ROWS, scoring_threads


def test_a_trials_child_predicts_with_the_trials_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    assert [scoring_threads(rows) for rows in (1, FEW_ROWS, FEW_ROWS + 1)] == [1, 1, 3]


@pytest.mark.parametrize("asked", [None, "", "4,2"])
def test_elsewhere_all_cores_predict(monkeypatch: pytest.MonkeyPatch, asked: str | None) -> None:
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    if asked is not None:
        monkeypatch.setenv("OMP_NUM_THREADS", asked)
    assert scoring_threads(FEW_ROWS + 1) == len(os.sched_getaffinity(0))


@pytest.mark.parametrize("name", ["lightgbm", "catboost", "xgboost"])
@pytest.mark.parametrize("classes", [0, 2, 3])
def test_what_is_said_of_a_row_is_the_same_with_any_number_of_threads(monkeypatch: pytest.MonkeyPatch, name: str, classes: int) -> None:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(2 * FEW_ROWS, 5))
    y = X[:, 0] ** 2 + X[:, 1] if not classes else np.digitize(X[:, 0], np.linspace(-0.5, 0.5, classes - 1)).astype(np.int64)
    card, facts = get_algorithm(name), TableFacts(len(X), 5, classes, numeric=5)
    setting = Setting(task="classification" if classes else "regression", seed=0, threads=1, classes=classes)
    estimator = card.fit(card.build(setting, card.cheap_start(facts)), Fitting(X=X, y=y))
    said = []
    for threads in ("1", "2"):
        monkeypatch.setenv("OMP_NUM_THREADS", threads)
        said.append(estimator.predict_proba(X) if classes else estimator.predict(X))
    np.testing.assert_array_equal(*said)
    few = estimator.predict_proba(X[:10]) if classes else estimator.predict(X[:10])
    np.testing.assert_array_equal(few, said[0][:10])
