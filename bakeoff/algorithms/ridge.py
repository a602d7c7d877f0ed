"""ridge: a linear model with an L2 penalty; law: wants scaled numbers without NaN, the penalty is found along a path, see _penalty_path."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from bakeoff.algorithms._penalty_path import follow, steps_of
from bakeoff.algorithms.card import AlgorithmCard, Dimension, Fitting, Hyperparameters, Setting, TableFacts, features_after, fit_plain

__all__ = ["CARD"]

PATH = tuple(float(alpha) for alpha in np.logspace(5.5, -2, 16))
"""scikit-learn's alpha, the penalty, step by step."""
USUAL_STEPS, CHEAP_STEPS = 10, 10
"""An alpha of 10, where there are no rows to judge by, and at most where time is short."""


def build(setting: Setting, hyperparameters: Hyperparameters) -> Any:
    from sklearn.linear_model import Ridge

    estimator = Ridge(random_state=setting.seed)
    estimator.most_steps = hyperparameters.get("steps")
    return estimator


def fit(estimator: Any, fitting: Fitting) -> Any:
    """Along the path; dense features are multiplied with themselves once for all its steps."""
    from scipy import sparse

    dense = not sparse.issparse(fitting.X)
    solver = _from_products if dense else _one_by_one
    estimator.alpha = follow(estimator, PATH, USUAL_STEPS, fitting, solver(estimator, fitting), to_its_end=dense)
    return estimator


def _one_by_one(estimator: Any, fitting: Fitting) -> Callable[[float], None]:
    def solve(alpha: float) -> None:
        estimator.alpha = alpha
        fit_plain(estimator, fitting)

    return solve


def _from_products(estimator: Any, fitting: Fitting) -> Callable[[float], None]:
    """Solves the normal equations, of the features or, where these are more than the rows, of the rows (the dual form).

    Source: Hastie, Tibshirani and Friedman, The Elements of Statistical Learning, 2nd edition, 3.4.1 and 18.3.5.
    """
    X, y, weights = fitting.X, fitting.y, fitting.weights
    center, middle = np.average(X, axis=0, weights=weights), float(np.average(y, weights=weights))
    moved, aims = X - center, y - middle
    if weights is not None:
        moved *= np.sqrt(weights)[:, np.newaxis]
        aims *= np.sqrt(weights)
    dual = X.shape[1] > X.shape[0]
    products, wanted = (moved @ moved.T, aims) if dual else (moved.T @ moved, moved.T @ aims)
    diagonal = np.diag(products).copy()

    def solve(alpha: float) -> None:
        np.fill_diagonal(products, diagonal + alpha)
        found = _solved(products, wanted)
        estimator.coef_ = moved.T @ found if dual else found
        estimator.intercept_ = middle - float(center @ estimator.coef_)

    estimator.n_features_in_ = X.shape[1]
    return solve


def _solved(products: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """The solution of symmetric equations; the shortest one where a column is so long that rounding leaves none."""
    from scipy import linalg

    try:
        return np.asarray(linalg.cho_solve(linalg.cho_factor(products), wanted))
    except linalg.LinAlgError:
        return np.asarray(linalg.lstsq(products, wanted)[0])


def space(_facts: TableFacts) -> Mapping[str, Dimension]:
    return {}


def start(_facts: TableFacts) -> tuple[Hyperparameters, ...]:
    return ({},)


def cheap_start(_facts: TableFacts) -> Hyperparameters:
    return {"steps": CHEAP_STEPS}


def cost(facts: TableFacts, hyperparameters: Hyperparameters) -> float:
    features = features_after(hyperparameters, facts.columns)
    small = min(facts.rows, features)
    return 2e-3 + 1e-9 * facts.rows * features * (20 + small) + 3e-10 * small**3


CARD = AlgorithmCard(
    name="ridge",
    tasks=("regression",),
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
