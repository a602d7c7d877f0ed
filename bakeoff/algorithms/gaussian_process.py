"""gaussian_process: the mean of a Gaussian process whose kernel's width is learned; law: tiny tables only, its cost is rows cubed."""

import warnings
from collections.abc import Mapping
from typing import Any

from bakeoff.algorithms.card import AlgorithmCard, Dimension, Fitting, Hyperparameters, Setting, TableFacts, choice, real

__all__ = ["CARD"]


def build(setting: Setting, hyperparameters: Hyperparameters) -> Any:
    from sklearn.gaussian_process import GaussianProcessRegressor
    from sklearn.gaussian_process.kernels import RBF, ConstantKernel, Matern, RationalQuadratic, WhiteKernel

    shape = {"rbf": RBF, "matern": Matern, "rational_quadratic": RationalQuadratic}[hyperparameters["kernel"]]
    kernel = ConstantKernel(1.0, (1e-3, 1e3)) * shape() + WhiteKernel(hyperparameters["noise"], (1e-6, 10.0))
    return GaussianProcessRegressor(kernel, normalize_y=True, random_state=setting.seed)


def fit(estimator: Any, fitting: Fitting) -> Any:
    """The width and the noise are learned, from a start that fits the number of columns; row weights are not looked at.

    A width or a noise at its bound is an answer (nothing to learn, or no noise), so it is not warned of.
    """
    from sklearn.exceptions import ConvergenceWarning

    width = float(fitting.X.shape[1]) ** 0.5
    shape = "kernel__k1__k2"
    bounds = {f"{shape}__length_scale_bounds": (0.01 * width, 100 * width), f"{shape}__length_scale": width}
    estimator.set_params(**bounds)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return estimator.fit(fitting.X, fitting.y)


def space(_facts: TableFacts) -> Mapping[str, Dimension]:
    return {"kernel": choice("rbf", "matern", "rational_quadratic"), "noise": real(1e-3, 1.0, log=True)}


def start(_facts: TableFacts) -> tuple[Hyperparameters, ...]:
    return ({"kernel": "matern", "noise": 0.1}, {"kernel": "rbf", "noise": 0.1, "scaler": "quantile"})


def cheap_start(_facts: TableFacts) -> Hyperparameters:
    return {"kernel": "rbf", "noise": 0.1}


def cost(facts: TableFacts, hyperparameters: Hyperparameters) -> float:
    slower = 1 if hyperparameters["kernel"] == "rbf" else 1.5
    return float(0.02 + slower * 2 * (2e-10 * facts.rows**3 + 1e-9 * facts.rows**2 * (facts.columns + 20)))


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
    max_rows=1_000,
    max_columns=200,
    facts={"weights": False},
)
