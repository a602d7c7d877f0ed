"""What random_forest and extra_trees share; law: trees are fitted on all threads and asked on one, so that sums keep their order."""

import math
import time
from collections.abc import Mapping
from typing import Any

import numpy as np

from bakeoff.algorithms.card import Dimension, Fitting, Hyperparameters, Setting, TableFacts, choice, fit_plain, integer

__all__ = ["VOTES", "arguments", "cheap_start", "fit", "out_of_bag", "rounds", "space", "start", "work"]

VOTES = 300
MOST_LEAVES, FEWEST_LEAVES = 15_000, 1_000
"""Leaves of one tree at most: bounds the predictor's size on large tables. Down to the fewest where classes are many."""
MOST_BYTES = 500_000_000
"""Of the class shares that all nodes of one forest hold: scikit-learn keeps a number of each class in each."""


def arguments(setting: Setting, hyperparameters: Hyperparameters) -> dict[str, Any]:
    """Keyword arguments of a scikit-learn forest."""
    return {**hyperparameters, "random_state": setting.seed, "n_jobs": setting.threads}


def fit(estimator: Any, fitting: Fitting) -> Any:
    """All trees at once; where there is a deadline, in steps of the same trees, until the next step would not end before it."""
    trees = estimator.n_estimators
    leaves = _most_leaves(trees, int(fitting.y.max()) + 1 if hasattr(estimator, "predict_proba") else 1)
    # out of reach, scikit-learn would make, and zero, room for so many leaves in each tree
    estimator.set_params(max_leaf_nodes=None if fitting.X.shape[0] <= leaves else leaves)
    if fitting.deadline is None:
        fit_plain(estimator, fitting)
    else:
        _grow_in_time(estimator, fitting, trees)
    estimator.n_jobs = 1
    return estimator


def _most_leaves(trees: int, classes: int) -> int:
    """Of one tree; its inner nodes are as many."""
    return min(MOST_LEAVES, max(FEWEST_LEAVES, MOST_BYTES // (2 * np.dtype(np.float64).itemsize * classes * trees)))


def _grow_in_time(estimator: Any, fitting: Fitting, trees: int) -> None:
    begun, done = time.monotonic(), 0
    affordable = 1 if fitting.is_late() else estimator.n_jobs
    while True:
        done = min(trees, done + affordable)
        estimator.set_params(n_estimators=done, warm_start=True)
        fit_plain(estimator, fitting)
        affordable = int(min(done, fitting.seconds_left() * done / (time.monotonic() - begun)))
        if done == trees or affordable < 1:
            return


def out_of_bag(estimator: Any, X: np.ndarray) -> np.ndarray:
    """(n, classes) probabilities or (n,) values of the rows it was fitted on, each by the trees that did not draw it.

    Rows that every tree drew, as happens where a deadline left few trees, get the mean of what is said of all rows: their own trees know
    the truth about them. Source: Breiman, Random forests, Machine Learning 45, 2001, section 3.1.
    """
    X = np.asarray(X, dtype=np.float32)
    everyone = estimator.predict_proba if hasattr(estimator, "predict_proba") else estimator.predict
    total = np.zeros((len(X), estimator.n_classes_) if hasattr(estimator, "n_classes_") else len(X))
    times = np.zeros(len(X))
    for tree, drawn in zip(estimator.estimators_, estimator.estimators_samples_, strict=True):
        rest = np.ones(len(X), dtype=bool)
        rest[drawn] = False
        total[rest] += (tree.predict_proba if total.ndim == 2 else tree.predict)(X[rest], check_input=False)
        times += rest
    mean = (total.T / np.maximum(times, 1)).T
    if not times.all():
        mean[times == 0] = everyone(X).mean(axis=0)
    return np.asarray(mean)


def rounds(estimator: Any) -> int:
    """Trees: fewer than asked for where the deadline came first."""
    return len(estimator.estimators_)


def space(facts: TableFacts) -> Mapping[str, Dimension]:
    criteria = ("gini", "entropy") if facts.classes else ("squared_error",)
    return {
        "n_estimators": integer(50, 500, log=True),
        "max_features": choice("sqrt", 0.2, 0.35, 0.5, 0.75, 1.0),
        "min_samples_leaf": integer(1, 30, log=True),
        "criterion": choice(*criteria),
    }


def start(facts: TableFacts) -> tuple[Hyperparameters, ...]:
    trees = 300 if facts.rows <= 5_000 else 150
    leaf = 1 if facts.rows <= 5_000 else 3  # fully grown trees of large tables take hundreds of MB a fold
    if facts.classes:
        return (
            {"n_estimators": trees, "max_features": "sqrt", "min_samples_leaf": leaf, "criterion": "gini"},
            {"n_estimators": trees, "max_features": 0.5, "min_samples_leaf": 2 * leaf, "criterion": "entropy"},
        )
    return (
        {"n_estimators": trees, "max_features": 0.35, "min_samples_leaf": leaf, "criterion": "squared_error"},
        {"n_estimators": trees, "max_features": 0.75, "min_samples_leaf": 2 * leaf, "criterion": "squared_error"},
    )


def cheap_start(facts: TableFacts) -> Hyperparameters:
    criterion = "gini" if facts.classes else "squared_error"
    return {"n_estimators": 50, "max_features": "sqrt", "min_samples_leaf": 3, "criterion": criterion}


def work(facts: TableFacts, hyperparameters: Hyperparameters) -> float:
    """Feature values looked at by all trees: trees × levels × rows × candidate features."""
    asked = hyperparameters["max_features"]
    features = math.sqrt(facts.columns) if asked == "sqrt" else max(1.0, asked * facts.columns)
    levels = max(1.0, math.log2(1 + facts.rows / hyperparameters["min_samples_leaf"]))
    return float(hyperparameters["n_estimators"] * levels * facts.rows * features)
