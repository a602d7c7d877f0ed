"""What sgd, mlp and tabm share: training epoch by epoch; law: stops where X_valid gets no better, or in time."""

from collections.abc import Callable
from typing import Any

import numpy as np

from bakeoff.algorithms.card import Fitting, range_of

__all__ = ["MEMORY", "PATIENCE", "ByEpochs", "validation_loss"]

PATIENCE = 12
"""Epochs without improvement on X_valid after which training stops."""
MEMORY = 0.9
"""Of the running mean of a network's weights after each epoch; 0.8 measured much the same."""
LEARNED = ("coefs_", "intercepts_", "coef_", "intercept_")
SURE = 1e-7

_Weights = dict[str, list[np.ndarray]]


def _mean(mean: _Weights, latest: _Weights, memory: float) -> _Weights:
    """New arrays: `memory` of the mean so far, the rest of the latest."""
    if not memory:
        return {name: [array.copy() for array in arrays] for name, arrays in latest.items()}
    return {name: [memory * a + (1 - memory) * b for a, b in zip(mean[name], latest[name], strict=True)] for name in latest}


def validation_loss(fitting: Fitting, predict: Callable[[np.ndarray], np.ndarray]) -> float | None:
    """Mean log loss of what `predict` says of the validation rows, (n, classes), or squared error of (n,) values; None without them."""
    if fitting.X_valid is None or fitting.y_valid is None:
        return None
    said = predict(fitting.X_valid)
    if said.ndim == 1:
        said = np.clip(said, *range_of(fitting.y)) if fitting.in_range else said
        return float(np.average(np.square(said - fitting.y_valid), weights=fitting.weights_valid))
    right = said[np.arange(len(said)), fitting.y_valid]
    return float(np.average(-np.log(np.maximum(right, SURE)), weights=fitting.weights_valid))


class ByEpochs:
    """A scikit-learn estimator with partial_fit; a regression's target is standardised for it, features are as given.

    With `memory` m above 0 what is judged and kept after an epoch is a running mean of the weights, the mean so far counting m (less in
    the first epochs, so that the mean of few is a plain one). Without it the epoch that is best on X_valid is so by luck as well, and its
    loss there flatters: on five sets by 4 to 19 %, with m = 0.9 by 2 to 5 % (benchmarks/RESULTS.md, Networks). Source: Polyak and Juditsky,
    Acceleration of stochastic approximation by averaging, SIAM J. Control and Optimization 30, 1992.
    """

    def __init__(self, model: Any, epochs: int, classes: int, dtype: type = np.float64, memory: float = 0.0) -> None:
        self.model, self.epochs, self.classes, self.dtype, self.memory = model, epochs, classes, dtype, memory
        self.center_, self.spread_ = 0.0, 1.0
        self.best_epochs_ = 0

    def fit(self, X: np.ndarray, y: np.ndarray) -> "ByEpochs":
        return self.train(Fitting(X, y))

    def train(self, fitting: Fitting) -> "ByEpochs":
        """Epochs until the validation rows' loss rests, the deadline or the last; without validation rows as many as asked for."""
        X, y = self._seen(fitting.X), fitting.y
        more = {"classes": np.arange(self.classes)} if self.classes else {}
        if not self.classes:
            self.center_, self.spread_ = float(fitting.y.mean()), float(fitting.y.std()) or 1.0
            y = (fitting.y - self.center_) / self.spread_
        best, kept, mean = np.inf, _Weights(), _Weights()
        for epoch in range(1, self.epochs + 1):
            self.model.partial_fit(X, y, sample_weight=fitting.weights, **more)
            trained = self._weights()
            mean = _mean(mean, trained, min(self.memory, 1 - 1 / epoch))
            self._take(mean)
            loss = validation_loss(fitting, self.predict_proba if self.classes else self.predict)
            if loss is None or loss < best:
                best, self.best_epochs_, kept = np.inf if loss is None else loss, epoch, mean
            self._take(trained)  # the next epoch goes on in these very arrays
            if fitting.is_late() or epoch - self.best_epochs_ >= PATIENCE:
                break
        self._take(kept)
        self.model.__dict__.pop("_optimizer", None)  # its moments are as large as the network, and only training needs them
        return self

    def _weights(self) -> _Weights:
        found = {name: getattr(self.model, name) for name in LEARNED if hasattr(self.model, name)}
        return {name: value if isinstance(value, list) else [value] for name, value in found.items()}

    def _take(self, weights: _Weights) -> None:
        for name, arrays in weights.items():
            setattr(self.model, name, arrays if isinstance(getattr(self.model, name), list) else arrays[0])

    def _seen(self, X: np.ndarray) -> np.ndarray:
        return np.ascontiguousarray(X, dtype=self.dtype)

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Values, or class codes."""
        if self.classes:
            return np.asarray(self.predict_proba(X).argmax(axis=1))
        return np.asarray(self.model.predict(self._seen(X)), dtype=np.float64) * self.spread_ + self.center_

    def predict_proba(self, X: np.ndarray) -> np.ndarray:
        """Probabilities (rows, classes)."""
        raw = np.asarray(self.model.predict_proba(self._seen(X)), dtype=np.float64)
        return np.asarray(raw / raw.sum(axis=1, keepdims=True))
