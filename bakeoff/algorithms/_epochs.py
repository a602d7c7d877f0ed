"""What sgd and mlp share: training by partial_fit, epoch by epoch; law: stops where X_valid gets no better, or in time."""

import time
from typing import Any

import numpy as np

from bakeoff.algorithms.card import Fitting

__all__ = ["ByEpochs"]

PATIENCE = 12
"""Epochs without improvement on X_valid after which training stops."""
LEARNED = ("coefs_", "intercepts_", "coef_", "intercept_")
SURE = 1e-7


class ByEpochs:
    """A scikit-learn estimator with partial_fit; a regression's target is standardised for it, features are as given."""

    def __init__(self, model: Any, epochs: int, classes: int, dtype: type = np.float64) -> None:
        self.model, self.epochs, self.classes, self.dtype = model, epochs, classes, dtype
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
        best, kept = np.inf, dict[str, Any]()
        for epoch in range(1, self.epochs + 1):
            self.model.partial_fit(X, y, sample_weight=fitting.weights, **more)
            loss = self._loss(fitting)
            if loss is None:
                self.best_epochs_ = epoch
            elif loss < best:
                best, self.best_epochs_, kept = loss, epoch, self._learned()
            late = fitting.deadline is not None and time.monotonic() >= fitting.deadline
            if late or epoch - self.best_epochs_ >= PATIENCE:
                break
        for name, values in kept.items():
            setattr(self.model, name, values)
        self.model.__dict__.pop("_optimizer", None)  # its moments are as large as the network, and only training needs them
        return self

    def _loss(self, fitting: Fitting) -> float | None:
        """Mean log loss or squared error of the validation rows; None without them."""
        if fitting.X_valid is None or fitting.y_valid is None:
            return None
        if not self.classes:
            return float(np.average(np.square(self.predict(fitting.X_valid) - fitting.y_valid), weights=fitting.weights_valid))
        right = self.predict_proba(fitting.X_valid)[np.arange(len(fitting.y_valid)), fitting.y_valid]
        return float(np.average(-np.log(np.maximum(right, SURE)), weights=fitting.weights_valid))

    def _learned(self) -> dict[str, Any]:
        values = {name: getattr(self.model, name) for name in LEARNED if hasattr(self.model, name)}
        return {name: [v.copy() for v in value] if isinstance(value, list) else value.copy() for name, value in values.items()}

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
