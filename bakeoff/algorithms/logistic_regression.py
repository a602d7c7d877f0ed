"""logistic_regression: a multinomial linear model with an L2 penalty; law: wants scaled numbers without NaN, see _penalty_path."""

import warnings
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from bakeoff.algorithms._penalty_path import follow, steps_of
from bakeoff.algorithms.card import AlgorithmCard, Dimension, Fitting, Hyperparameters, Setting, TableFacts, features_after, fit_plain

__all__ = ["CARD"]

PATH = (1e-4, *(float(C) for C in np.logspace(-3, 3, 13)))
"""scikit-learn's C, its inverse penalty, step by step."""
USUAL_STEPS, CHEAP_STEPS = 6, 5
"""C of 0.1, where there are no rows to judge by, and of 0.03."""
ITERATIONS = 25
"""Of a step, at most; the next one goes on from there (100 take two to three times as long, with the same losses)."""
STRONG, FEW_ITERATIONS = 0.02, 10
"""C below which weights are held so near to zero that fewer iterations do (measured: the same losses in two thirds of the time)."""
TOLERANCE = 1e-5
"""Of the gradient: scikit-learn's 1e-4 lets a step over rare words rest where it begins."""
MOST_ROTATED_ROWS, WIDE = 2_000, 3
"""Rows up to which, and features per row from which on, sparse features are rotated into as many as there are rows."""
MOST_UNEVEN = 1e8
"""Times the usual row's length, squared, that the longest direction may have: beside a longer one the others would be lost in rounding."""


def build(setting: Setting, hyperparameters: Hyperparameters) -> Any:
    from sklearn.linear_model import LogisticRegression

    estimator = LogisticRegression(tol=TOLERANCE, warm_start=True, random_state=setting.seed)
    estimator.most_steps = hyperparameters.get("steps")
    return estimator


def fit(estimator: Any, fitting: Fitting) -> Any:
    """Along the path, see _penalty_path."""
    from scipy import sparse

    rows, features = fitting.X.shape
    if sparse.issparse(fitting.X) and rows <= MOST_ROTATED_ROWS and features >= WIDE * rows:
        return _fit_rotated(estimator, fitting)
    return _follow(estimator, fitting)


def _fit_rotated(estimator: Any, fitting: Fitting) -> Any:
    """The same solutions found among as many features as there are rows (measured: ten times as fast on 900 rows of 34,000 terms).

    With an L2 penalty the weights are combinations of the rows, X.T @ a, so that nothing is lost by rotating X onto the span of its rows.
    Source: Hastie and Tibshirani, Efficient quadratic regularization for expression arrays, Biostatistics 5, 2004.
    """
    X: Any = fitting.X
    products = (X @ X.T).toarray()
    squares, vectors = np.linalg.eigh(products)
    spanned = squares > squares[-1] * 1e-12
    if not spanned.any() or squares[-1] > MOST_UNEVEN * np.median(np.diag(products)):
        return _follow(estimator, fitting)
    lengths, vectors = np.sqrt(squares[spanned]), vectors[:, spanned]
    X_valid = None if fitting.X_valid is None else (fitting.X_valid @ X.T) @ (vectors / lengths)
    estimator = _follow(estimator, replace(fitting, X=vectors * lengths, X_valid=X_valid))
    estimator.coef_ = np.asarray((estimator.coef_ @ (vectors / lengths).T) @ X)
    estimator.n_features_in_ = X.shape[1]
    return estimator


def _follow(estimator: Any, fitting: Fitting) -> Any:
    from sklearn.exceptions import ConvergenceWarning

    def solve(C: float) -> None:
        estimator.C, estimator.max_iter = C, FEW_ITERATIONS if C < STRONG else ITERATIONS
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            fit_plain(estimator, fitting)

    _begin_at_shares(estimator, fitting)
    estimator.C = follow(estimator, PATH, USUAL_STEPS, fitting, solve)
    return estimator


def _begin_at_shares(estimator: Any, fitting: Fitting) -> None:
    """Where the path begins: no feature counts, classes have the training rows' shares (with 21 classes 8 iterations, not 100)."""
    shares = np.bincount(fitting.y, weights=fitting.weights)
    logs = np.log(np.maximum(shares, 1e-9) / shares.sum())
    estimator.intercept_ = logs[1:] - logs[:1] if len(logs) == 2 else logs - logs.mean()
    estimator.coef_ = np.zeros((len(estimator.intercept_), fitting.X.shape[1]))


def space(_facts: TableFacts) -> Mapping[str, Dimension]:
    return {}


def start(_facts: TableFacts) -> tuple[Hyperparameters, ...]:
    return ({},)


def cheap_start(_facts: TableFacts) -> Hyperparameters:
    return {"steps": CHEAP_STEPS}


def cost(facts: TableFacts, hyperparameters: Hyperparameters) -> float:
    iterations = 6 * hyperparameters.get("steps", 10)
    return float(5e-3 + 2e-9 * facts.rows * features_after(hyperparameters, facts.columns) * max(facts.classes, 2) * iterations)


CARD = AlgorithmCard(
    name="logistic_regression",
    tasks=("classification",),
    build=build,
    space=space,
    start=start,
    cheap_start=cheap_start,
    recipes=("one_hot", "terms", "screened_one_hot", "imputed_plain"),
    scalers=("standard", "minmax", "maxabs", "robust", "quantile", "piecewise", "normalizer", "pca", "truncated_svd"),
    cost=cost,
    learns_from_part=True,
    fit=fit,
    early_stopping=True,
    rounds=steps_of,
    rounds_name="steps",
    facts={"path": True},
)
