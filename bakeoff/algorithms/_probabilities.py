"""What svm and linear_svm share: probabilities for a classifier that has none; law: Platt's sigmoid, fitted on decisions out of fold.

The training rows are dealt into three folds (two where the smallest class has two rows). Decisions on the held-out rows teach one sigmoid
per class (Platt 1999), the classifier itself is then fitted on all training rows, and the sigmoids' values are divided by their sum. Where
a class has a single row nothing can be held out: probabilities are the softmax of the decisions.
"""

from typing import Any

import numpy as np

from bakeoff.algorithms.card import Fitting

__all__ = ["WithProbabilities"]

FOLDS = 3


class WithProbabilities:
    """A classifier with decision_function, and what makes probabilities of its decisions."""

    def __init__(self, model: Any, seed: int) -> None:
        self.model, self.seed = model, seed
        self.calibrated_ = False

    def fit(self, X: np.ndarray, y: np.ndarray) -> "WithProbabilities":
        return self.learn(Fitting(X, y))

    def learn(self, fitting: Fitting) -> "WithProbabilities":
        """Fit, calibrated where every class has two rows."""
        from sklearn.calibration import CalibratedClassifierCV
        from sklearn.model_selection import StratifiedKFold

        folds = min(FOLDS, int(np.bincount(fitting.y).min()))
        self.calibrated_ = folds > 1
        if self.calibrated_:
            dealt = StratifiedKFold(folds, shuffle=True, random_state=self.seed)
            self.model = CalibratedClassifierCV(self.model, cv=dealt, ensemble=False)
        weights = {} if fitting.weights is None else {"sample_weight": fitting.weights}
        self.model.fit(fitting.X, fitting.y, **weights)
        return self

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Class codes: the most likely ones."""
        return np.asarray(self.predict_proba(X).argmax(axis=1))

    def predict_proba(self, X: np.ndarray) -> np.ndarray:
        """Probabilities (rows, classes)."""
        from scipy.special import softmax

        if self.calibrated_:
            return np.asarray(self.model.predict_proba(X))
        decisions = np.asarray(self.model.decision_function(X))
        if decisions.ndim == 1:
            decisions = np.column_stack([-decisions, decisions]) / 2
        return np.asarray(softmax(decisions, axis=1))
