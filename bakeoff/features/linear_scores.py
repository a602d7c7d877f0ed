"""linear_scores: words as what a linear model of them says of the target; law: no training row's score knows its own target or its group's.

Trees cannot sum up a thousand words, a linear model can; its score is one strong feature, out of fold as in target_encoding.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from bakeoff.data.schema import Column
from bakeoff.features._out_of_fold import parts_of, targets_of
from bakeoff.features._reading import fit_terms, read_terms
from bakeoff.features._ridge import ridge_weights
from bakeoff.features._words import WORD, is_wordy, spelled
from bakeoff.features.card import FeaturizerCard, Parameter

__all__ = ["CARD", "LinearScores"]

MOST_TERMS = 20_000


@dataclass
class LinearScores:
    """Per column a ridge regression of the target on the TF-IDF of words and word pairs.

    For classes one regression of each class's membership, one alone where there are two. A column whose spellings share no word scores 0.
    """

    columns: tuple[str, ...]
    penalty: float
    folds: int
    classes: tuple[int, ...] = ()
    fitted: list[Any] = field(default_factory=list)
    """Per column vectorizer, weights (terms, features) and intercepts, or None."""

    def fit_transform(self, frame: pd.DataFrame, y: np.ndarray, seed: int, groups: np.ndarray | None = None) -> np.ndarray:
        self.classes, targets = targets_of(y)
        parts = parts_of(len(frame), self.folds, seed, groups)
        self.fitted = []
        blocks = [self._learn(frame[name], targets, parts) for name in self.columns]
        return np.concatenate(blocks, axis=1)

    def transform(self, frame: pd.DataFrame) -> np.ndarray:
        width = max(1, len(self.classes))
        blocks = []
        for name, fitted in zip(self.columns, self.fitted, strict=True):
            if fitted is None or not len(frame):
                blocks.append(np.zeros((len(frame), width)))
                continue
            codes, known = spelled(frame[name])
            vectorizer, weights, intercepts = fitted
            blocks.append(np.asarray(read_terms(vectorizer, known) @ weights + intercepts)[codes])
        return np.concatenate(blocks, axis=1)

    def features(self) -> tuple[tuple[str, str], ...]:
        if not self.classes:
            return tuple((f"{name}.linear_score", name) for name in self.columns)
        return tuple((f"{name}.linear_score_of_class_{code}", name) for name in self.columns for code in self.classes)

    def _learn(self, words: pd.Series, targets: np.ndarray, parts: np.ndarray) -> np.ndarray:
        from sklearn.feature_extraction.text import TfidfVectorizer

        codes, known = spelled(words)
        vectorizer = TfidfVectorizer(ngram_range=(1, 2), token_pattern=WORD, sublinear_tf=True, min_df=2, max_features=MOST_TERMS)
        scores = np.zeros(targets.shape)
        try:
            terms = fit_terms(vectorizer, known)
        except ValueError:  # no word is left
            self.fitted.append(None)
            return scores
        for part in np.unique(parts):
            inside = parts == part
            if not inside.all():
                weights, intercepts = self._ridge(terms, codes[~inside], targets[~inside])
                scores[inside] = (terms @ weights + intercepts)[codes[inside]]
        self.fitted.append((vectorizer, *self._ridge(terms, codes, targets)))
        return scores

    def _ridge(self, terms: Any, codes: np.ndarray, targets: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Weights and intercepts of rows that have the terms of their spelling; solved over spellings, weighted by their rows."""
        overall = targets.mean(axis=0)
        rows = np.bincount(codes, minlength=terms.shape[0])
        seen = np.flatnonzero(rows)
        sums = np.stack([np.bincount(codes, column, minlength=terms.shape[0]) for column in (targets - overall).T], axis=1)
        return ridge_weights(terms[seen], sums[seen] / rows[seen, None], rows[seen], self.penalty), overall


def build(columns: tuple[Column, ...], penalty: float = 1.0, folds: int = 5) -> LinearScores:
    """The featurizer of these columns."""
    return LinearScores(tuple(c.name for c in columns), penalty, folds)


CARD = FeaturizerCard(
    "linear_scores",
    ("categorical", "text", "list"),
    build,
    learns_from="target",
    parameters={"penalty": Parameter(1e-4, 1e4), "folds": Parameter(2, 50, whole=True)},
    takes=is_wordy,
    adds=True,
)
