"""text_components: text as its length and the strongest directions of its words; law: vocabulary and directions come from training rows."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from bakeoff.data.schema import Column
from bakeoff.features._reading import fit_terms, read_terms
from bakeoff.features._words import WORD, missing_as_empty
from bakeoff.features.card import FeaturizerCard, Parameter

__all__ = ["CARD", "TextComponents"]

MOST_TERMS = 5_000
LENGTHS = 2


@dataclass
class TextComponents:
    """Per column: characters, words (both NaN where missing), then `components` directions of a truncated SVD.

    It is of the TF-IDF of words and pairs of words in at least two training rows. A column whose training rows share no word has zeros.
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
        parts = ("characters", "words", *(f"component_{number}" for number in range(self.components)))
        return tuple((f"{name}.{part}", name) for name in self.columns for part in parts)

    def _block(self, text: pd.Series, fitted: Any) -> np.ndarray:
        block = np.zeros((len(text), LENGTHS + self.components))
        if len(text):
            block[:, 0] = text.str.len().to_numpy(dtype=np.float64, na_value=np.nan)
            block[:, 1] = text.str.count(r"\S+").to_numpy(dtype=np.float64, na_value=np.nan)
        if fitted is not None and len(text):
            vectorizer, directions = fitted
            block[:, LENGTHS : LENGTHS + len(directions)] = read_terms(vectorizer, list(missing_as_empty(text))) @ directions.T
        return block


def _fit(text: pd.Series, components: int, seed: int) -> Any:
    from sklearn.decomposition import TruncatedSVD
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectorizer = TfidfVectorizer(ngram_range=(1, 2), token_pattern=WORD, min_df=2, max_features=MOST_TERMS, sublinear_tf=True)
    try:
        terms = fit_terms(vectorizer, list(missing_as_empty(text)))
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
