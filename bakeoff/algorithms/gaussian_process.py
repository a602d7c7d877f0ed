"""gaussian_process: the mean of a Gaussian process with a width for each column; law: small tables only, its cost is rows cubed.

Widths and noise are learned on a part of the rows, which is cubed too, and the process is then told all of them. Source: Rasmussen and
Williams, Gaussian processes for machine learning, 2006, section 5.1 (a width for each column) and 8.3 (a part of the rows).
"""

import warnings
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from bakeoff.algorithms.card import AlgorithmCard, Dimension, Fitting, Hyperparameters, Setting, TableFacts, choice, real

__all__ = ["CARD"]

LEARNED_ROWS = 400
MOST_STEPS = 15
"""Of the search for widths: with 60 nothing is better (benchmarks/EXPERIMENTS.md, "A width for each column")."""
MOST_WIDTHS = 20
"""Columns up to which each has a width of its own; more have one together."""


def build(setting: Setting, hyperparameters: Hyperparameters) -> Any:
    from sklearn.gaussian_process import GaussianProcessRegressor
    from sklearn.gaussian_process.kernels import RBF, ConstantKernel, Matern, RationalQuadratic, WhiteKernel

    shape = {"rbf": RBF, "matern": Matern, "rational_quadratic": RationalQuadratic}[hyperparameters["kernel"]]
    kernel = ConstantKernel(1.0, (1e-3, 1e3)) * shape() + WhiteKernel(hyperparameters["noise"], (1e-6, 10.0))
    return GaussianProcessRegressor(kernel, normalize_y=True, random_state=setting.seed)


def fit(estimator: Any, fitting: Fitting) -> Any:
    """Widths and noise are learned from a start that fits the number of columns; row weights are not looked at.

    A width at its bound is an answer (a column that does not matter), so it is not warned of.
    """
    from sklearn.exceptions import ConvergenceWarning

    rows, columns = fitting.X.shape
    width, shape = float(columns) ** 0.5, estimator.kernel.k1.k2
    each = columns <= MOST_WIDTHS and hasattr(shape, "anisotropic")  # rational quadratic kernels have one width
    bounds = {"length_scale": np.full(columns, width) if each else width, "length_scale_bounds": (0.01 * width, 100 * width)}
    estimator.set_params(**{f"kernel__k1__k2__{name}": value for name, value in bounds.items()}, optimizer=_few_steps)
    part = np.sort(np.random.default_rng(estimator.random_state).permutation(rows)[:LEARNED_ROWS])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        learned = estimator.fit(fitting.X[part], fitting.y[part]).kernel_
        estimator.set_params(kernel=learned, optimizer=None).fit(fitting.X, fitting.y)
    estimator.L_ = None  # (rows, rows), for standard deviations that nobody asks for
    return estimator


def _few_steps(loss: Callable[..., Any], start: np.ndarray, bounds: np.ndarray) -> tuple[np.ndarray, float]:
    """scikit-learn's own search, but for how far it goes."""
    from scipy.optimize import minimize

    found = minimize(loss, start, method="L-BFGS-B", jac=True, bounds=bounds, options={"maxiter": MOST_STEPS})
    return found.x, found.fun


def space(_facts: TableFacts) -> Mapping[str, Dimension]:
    return {"kernel": choice("rbf", "matern", "rational_quadratic"), "noise": real(1e-3, 1.0, log=True)}


def start(_facts: TableFacts) -> tuple[Hyperparameters, ...]:
    return ({"kernel": "matern", "noise": 0.1}, {"kernel": "matern", "noise": 0.1, "scaler": "quantile"})


def cheap_start(_facts: TableFacts) -> Hyperparameters:
    return {"kernel": "rbf", "noise": 0.1}


def cost(facts: TableFacts, hyperparameters: Hyperparameters) -> float:
    part, slower = min(facts.rows, LEARNED_ROWS), 1 if hyperparameters["kernel"] == "rbf" else 1.5
    widths = facts.columns if facts.columns <= MOST_WIDTHS else 1
    learned = 20 * (3e-10 * part**3 + 8e-9 * slower * part**2 * (widths + 2))
    return float(0.02 + learned + 2e-11 * facts.rows**3 + 5e-10 * facts.rows**2 * (facts.columns + 20))


CARD = AlgorithmCard(
    name="gaussian_process",
    tasks=("regression",),
    build=build,
    space=space,
    start=start,
    cheap_start=cheap_start,
    recipes=("one_hot", "screened_one_hot", "imputed_plain"),
    scalers=("standard", "quantile", "robust", "minmax", "pca"),
    cost=cost,
    fit=fit,
    max_rows=3_000,
    max_columns=200,
    facts={"weights": False},
)
