"""text_components: text as the strongest directions of its words and word pairs; law: vocabulary and directions come from training rows."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from bakeoff.data.schema import Column
from bakeoff.features.card import FeaturizerCard, Parameter

__all__ = ["CARD", "TextComponents"]

MOST_TERMS = 5_000


@dataclass
class TextComponents:
    """Per column: TF-IDF of words and pairs of words in at least two training rows, projected by a truncated SVD.

    It has `components` directions. A column whose training rows share no word has zeros.
    """

    columns: tuple[str, ...]
    components: int
    fitted: tuple[Any, ...] = ()
    """Per column vectorizer and directions (components, terms), or None."""

    def fit_transform(self, frame: pd.DataFrame, _y: np.ndarray, seed: int, _groups: np.ndarray | None = None) -> np.ndarray:
        self.fitted = tuple(_fit(frame[name], self.components, seed) for name in self.columns)
        return self.transform(frame)

    def transform(self, frame: pd.DataFrame) -> np.ndarray:
        blocks = [self._block(frame[name], fitted) for name, fitted in zip(self.columns, self.fitted, strict=True)]
        return np.concatenate(blocks, axis=1)

    def features(self) -> tuple[tuple[str, str], ...]:
        return tuple((f"{name}.component_{number}", name) for name in self.columns for number in range(self.components))

    def _block(self, text: pd.Series, fitted: Any) -> np.ndarray:
        block = np.zeros((len(text), self.components))
        if fitted is not None and len(text):
            vectorizer, directions = fitted
            block[:, : len(directions)] = vectorizer.transform(text.fillna("")) @ directions.T
        return block


def _fit(text: pd.Series, components: int, seed: int) -> Any:
    from sklearn.decomposition import TruncatedSVD
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectorizer = TfidfVectorizer(ngram_range=(1, 2), min_df=2, max_features=MOST_TERMS, sublinear_tf=True)
    try:
        terms = vectorizer.fit_transform(text.fillna(""))
    except ValueError:  # no word is left
        return None
    most = min(components, terms.shape[1] - 1, terms.shape[0] - 1)
    if most < 1:
        return vectorizer, np.eye(1, terms.shape[1])
    return vectorizer, TruncatedSVD(most, random_state=seed).fit(terms).components_


def build(columns: tuple[Column, ...], components: int = 32) -> TextComponents:
    """The featurizer of these columns."""
    return TextComponents(tuple(c.name for c in columns), components)


CARD = FeaturizerCard("text_components", ("text",), build, parameters={"components": Parameter(1, 500, whole=True)})
