"""What svm and linear_svm share: probabilities for a classifier that has none; law: they are learned from decisions out of fold.

The training rows are dealt into three folds (two where the smallest class has two rows), groups as a whole where classes allow it.
Decisions on the held-out rows teach a logistic regression, the classifier itself is then fitted on all training rows. With a few classes
the decisions are those of every pair of them, as in Wu, Lin and Weng, Probability estimates for multi-class classification by pairwise
coupling, JMLR 5, 2004; one sigmoid a class (Platt 1999) had 36 to 140 % more log loss on digits, vehicle and satimage. A class of a
single row is never held out: it is as likely as it is frequent, whatever the decisions. Where fewer than two classes have more,
probabilities are the softmax of the decisions.
"""

from typing import Any

import numpy as np

from bakeoff.algorithms.card import Fitting

__all__ = ["WithProbabilities"]

FOLDS = 3
MOST_PAIRED = 20
"""Classes of which all pairs are looked at."""


class WithProbabilities:
    """A classifier with decision_function, and what makes probabilities of its decisions."""

    def __init__(self, model: Any, seed: int) -> None:
        self.model, self.seed = model, seed
        self.translator_: Any = None
        self.alone_ = np.zeros(0)
        """(classes,) shares of the classes that have a single row; 0 of the others."""

    def fit(self, X: np.ndarray, y: np.ndarray) -> "WithProbabilities":
        return self.learn(Fitting(X, y))

    def learn(self, fitting: Fitting) -> "WithProbabilities":
        """Fit, with probabilities learned of the classes that have two rows or more."""
        from sklearn.linear_model import LogisticRegression

        rows = np.bincount(fitting.y)
        several = rows > 1
        if several.sum() > 1:
            self.alone_ = np.where(several, 0.0, rows / len(fitting.y))
            dealt = np.flatnonzero(several[fitting.y])
            if hasattr(self.model, "decision_function_shape") and len(rows) <= MOST_PAIRED:
                self.model.set_params(decision_function_shape="ovo")
            decisions = self._out_of_fold(fitting, dealt, min(FOLDS, int(rows[several].min())))
            weights = None if fitting.weights is None else fitting.weights[dealt]
            self.translator_ = LogisticRegression(max_iter=500).fit(decisions, fitting.y[dealt], weights)
        self.model.fit(fitting.X, fitting.y, **_weighing(fitting, slice(None)))
        return self

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Class codes: the most likely ones."""
        return np.asarray(self.predict_proba(X).argmax(axis=1))

    def predict_proba(self, X: np.ndarray) -> np.ndarray:
        """Probabilities (rows, classes)."""
        from scipy.special import softmax

        decisions = _decisions(self.model, X)
        if self.translator_ is not None:
            shares = np.tile(self.alone_, (len(decisions), 1))
            shares[:, self.translator_.classes_] = self.translator_.predict_proba(decisions) * (1.0 - self.alone_.sum())
            return shares
        return np.asarray(softmax(np.column_stack([-decisions, decisions]) / 2 if decisions.shape[1] == 1 else decisions, axis=1))

    def _out_of_fold(self, fitting: Fitting, dealt: np.ndarray, folds: int) -> np.ndarray:
        """(n, decisions) of the dealt rows, each of a classifier that was not fitted on it; all others are always fitted on."""
        from sklearn.base import clone

        always = np.setdiff1d(np.arange(len(fitting.y)), dealt)
        found, places = [], []
        for some, rest in self._parts(fitting, dealt, folds):
            train = np.concatenate([dealt[some], always])
            model = clone(self.model).fit(fitting.X[train], fitting.y[train], **_weighing(fitting, train))
            found.append(_decisions(model, fitting.X[dealt[rest]]))
            places.append(rest)
        return np.asarray(np.concatenate(found)[np.argsort(np.concatenate(places))])

    def _parts(self, fitting: Fitting, dealt: np.ndarray, folds: int) -> list[tuple[np.ndarray, np.ndarray]]:
        """The dealt rows parted, groups as a whole where each part's others then have every class."""
        from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

        y, groups = fitting.y[dealt], None if fitting.groups is None else fitting.groups[dealt]
        if groups is not None and len(np.unique(groups)) >= folds:
            parts = list(StratifiedGroupKFold(folds, shuffle=True, random_state=self.seed).split(dealt, y, groups))
            if all(len(rest) and len(np.unique(y[some])) == len(np.unique(y)) for some, rest in parts):
                return parts
        return list(StratifiedKFold(folds, shuffle=True, random_state=self.seed).split(dealt, y))


def _decisions(model: Any, X: np.ndarray) -> np.ndarray:
    """(n, decisions): one for two classes, else one a class, or one a pair of them."""
    decisions = np.asarray(model.decision_function(X))
    return decisions[:, None] if decisions.ndim == 1 else decisions


def _weighing(fitting: Fitting, rows: Any) -> dict[str, np.ndarray]:
    return {} if fitting.weights is None else {"sample_weight": fitting.weights[rows]}
