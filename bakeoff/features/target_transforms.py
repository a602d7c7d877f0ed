"""How a regression target is learned; law: fitted on training rows, and no prediction of a transform leaves the range of their targets.

| name        | what the estimator learns instead of y                                                    | offered where                  |
|-------------|-------------------------------------------------------------------------------------------|--------------------------------|
| log1p       | log(1 + y)                                                                                | skewness above 1, none below 0 |
| yeo-johnson | the power of y that makes it most normal (Yeo and Johnson, Biometrika 87, 2000)           | skewness beyond ±1             |
| quantile    | the normal distribution's quantile of y's rank among the training rows                    | skewness beyond ±1             |
| log_link    | y itself, in units of its mean, as the exponential of what boosting adds up: the loss is  | none below 0, and a spread of  |
|             | Poisson's deviance, so factors are learned, and the mean, not the median, of what is far  | 5 % of the mean or more; by    |
|             | (McCullagh and Nelder, Generalized Linear Models, 1989, chapter 6)                        | boosters whose card says so    |
| median      | y itself; the loss is the absolute error, so the median is learned, not the mean          | the metric judges absolute     |
|             |                                                                                           | errors; by boosters            |

The transforms are standardised afterwards. `offered_transforms` tells which of them a target is offered, `takes_log_link` the log link;
where the metric is a logarithmic error, log1p is offered to every target that is never below 0.
With none of them a target that lies far from 0 for its spread, such as seconds since 1970, is shifted: boosters hold targets in single
precision, which would blur it. One whose spread is very small or large, such as a concentration in mol/l, is divided by it: what several
algorithms take for no gain at all is a number in the target's own unit.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from bakeoff.data.schema import FAR

__all__ = [
    "LOG_LINK",
    "MEDIAN",
    "TARGET_TRANSFORMS",
    "Scale",
    "Shift",
    "TargetTransform",
    "fit_target_transform",
    "offered_transforms",
    "takes_log_link",
]

LOG_LINK = "log_link"
MEDIAN = "median"
TARGET_TRANSFORMS = ("none", LOG_LINK, MEDIAN, "log1p", "yeo-johnson", "quantile")
SKEWED = 1.0
SPREAD = 0.05
"""Of the mean, the standard deviation below which a logarithm is as good as a straight line."""
MOST_QUANTILES = 1000
SMALL, LARGE = 0.1, 1e10
"""Standard deviations of a target that are learned as they are. Below, xgboost splits at 1e-3 already less than it should, at 1e-5 not at
all; hist_gradient_boosting at 1e-4, scikit-learn's trees at 1e-9."""


@dataclass(frozen=True)
class TargetTransform:
    """A fitted transform with its way back."""

    name: str
    transformer: Any
    low: float
    high: float
    """Smallest and largest target of the training rows."""

    def forward(self, y: np.ndarray) -> np.ndarray:
        """(n,) targets as the estimator sees them, finite for any finite target."""
        inside = np.clip(y, self.low, self.high)
        if not len(inside):  # rows out of bag judge: none stands beside; scikit-learn refuses none
            return np.zeros(0)
        return np.asarray(self.transformer.transform(inside[:, None])[:, 0])

    def back(self, predicted: np.ndarray) -> np.ndarray:
        """(n,) predictions in the target's own unit, between `low` and `high`."""
        if not len(predicted):
            return np.zeros(0)
        bottom, top = self.forward(np.array([self.low, self.high]))
        values = self.transformer.inverse_transform(np.clip(predicted, bottom, top)[:, None])[:, 0]
        return np.clip(np.asarray(values, dtype=np.float64), self.low, self.high)


@dataclass(frozen=True)
class Shift:
    """What lies about `by`, about 0; in units of `unit`."""

    by: float
    unit: float = 1.0

    def forward(self, y: np.ndarray) -> np.ndarray:
        """(n,) targets as the estimator sees them."""
        return np.asarray((y - self.by) / self.unit)

    def back(self, predicted: np.ndarray) -> np.ndarray:
        """(n,) predictions in the target's own unit."""
        return np.asarray(np.asarray(predicted, dtype=np.float64) * self.unit + self.by)


@dataclass(frozen=True)
class Scale:
    """Targets in units of `by`, for a log link."""

    by: float

    def forward(self, y: np.ndarray) -> np.ndarray:
        """(n,) targets as the estimator sees them."""
        return np.asarray(y / self.by)

    def back(self, predicted: np.ndarray) -> np.ndarray:
        """(n,) predictions in the target's own unit."""
        return np.asarray(np.asarray(predicted, dtype=np.float64) * self.by)


def fit_target_transform(name: str, y: np.ndarray) -> TargetTransform | Shift | Scale | None:
    """The transform of this name, fitted on training targets (n,); None where all are equal, and for `none` and `median` of most targets.

    Raises ValueError for a log link to targets below 0.
    """
    low, high = float(y.min()), float(y.max())
    if low == high:
        return None
    if name in ("none", MEDIAN):
        return _shift(float(y.mean()), float(y.std()))
    if name == LOG_LINK:
        if low < 0:
            raise ValueError(f"a log link is for targets that are never below 0: {low:g}")
        return Scale(float(y.mean()))
    transformer = _transformer(name, len(y))
    transformer.fit(np.asarray(y)[:, None])
    return TargetTransform(name, transformer, low, high)


def _shift(middle: float, spread: float) -> Shift | None:
    far, usual = abs(middle) > FAR * spread, SMALL <= spread <= LARGE
    return None if usual and not far else Shift(middle if far else 0.0, 1.0 if usual else spread)


def offered_transforms(y: np.ndarray, logarithmic: bool = False) -> tuple[str, ...]:
    """The transforms worth trying for targets (n,), the most promising first; empty where they are not skewed.

    `logarithmic`: what is judged are logarithms, so log1p is worth it wherever there are any.

    >>> offered_transforms(np.array([1.0, 1, 2, 2, 3, 50])), offered_transforms(np.arange(9.0))
    (('log1p', 'yeo-johnson', 'quantile'), ())
    """
    spread = y.std() if len(y) else 0.0
    if not spread > 0:
        return ()
    skewness = float((((y - y.mean()) / spread) ** 3).mean())
    first = ("log1p",) if y.min() >= 0 and (logarithmic or skewness > SKEWED) else ()
    return (*first, "yeo-johnson", "quantile") if abs(skewness) > SKEWED else first


def takes_log_link(y: np.ndarray) -> bool:
    """Whether targets (n,) may be learned by a log link: none is below 0, and they are not all much the same.

    >>> takes_log_link(np.array([0.0, 1, 2, 50])), takes_log_link(np.array([-1.0, 5])), takes_log_link(np.array([1e3, 1e3 + 1]))
    (True, False, False)
    """
    return len(y) > 0 and bool(y.min() >= 0 and y.std() >= SPREAD * y.mean() > 0)


def _transformer(name: str, rows: int) -> Any:
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import FunctionTransformer, PowerTransformer, QuantileTransformer, StandardScaler

    if name == "log1p":
        return make_pipeline(FunctionTransformer(np.log1p, inverse_func=np.expm1, check_inverse=False), StandardScaler())
    if name == "yeo-johnson":
        return PowerTransformer("yeo-johnson", standardize=True)
    if name == "quantile":
        quantiles = QuantileTransformer(n_quantiles=min(MOST_QUANTILES, rows), output_distribution="normal", subsample=None)
        return make_pipeline(quantiles, StandardScaler())
    raise ValueError(f"there is no target transform {name}: {', '.join(TARGET_TRANSFORMS)}")
