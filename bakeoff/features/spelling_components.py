"""spelling_components: categories that are spelled alike get numbers alike; law: learned from the schema's spellings, never from rows.

Job titles, addresses, tickets: too many categories to learn one by one, but "Senior Nurse" and "Nurse, senior" have pieces in common.
After skrub's StringEncoder (TF-IDF of pieces, truncated SVD), with whole words beside the pieces.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

from bakeoff.data.schema import Column
from bakeoff.features._reading import fit_terms, read_terms
from bakeoff.features._words import WORD, by_spelling, has_many_spellings
from bakeoff.features.card import FeaturizerCard, Parameter

__all__ = ["CARD", "SpellingComponents"]

MOST_TERMS = 3_000
"""Pieces, and words, of one column at most."""
MOST_SPELLINGS = 5_000
MOST_CHARACTERS = 1_000_000
"""The most frequent spellings, and their characters, which vocabulary and directions are made of: of texts without blanks (Chinese, base64)
nearly each character begins pieces of its own, which take 500 bytes."""


@dataclass
class SpellingComponents:
    """Per column `components` directions of the TF-IDF of its spellings' words and pieces of two to four letters."""

    columns: tuple[str, ...]
    spellings: tuple[tuple[str, ...], ...]
    components: int
    fitted: tuple[Any, ...] = ()
    """Per column vectorizer and directions (components, terms)."""

    def fit_transform(self, frame: pd.DataFrame, _y: np.ndarray, _seed: int, _groups: np.ndarray | None = None) -> np.ndarray:
        if not self.fitted:
            self.fitted = tuple(_fit(spellings, self.components) for spellings in self.spellings)
            self.spellings = ()
        return self.transform(frame)

    def transform(self, frame: pd.DataFrame) -> np.ndarray:
        blocks = [self._block(frame[name], *fitted) for name, fitted in zip(self.columns, self.fitted, strict=True)]
        return np.concatenate(blocks, axis=1)

    def features(self) -> tuple[tuple[str, str], ...]:
        return tuple((f"{name}.spelling_{number}", name) for name in self.columns for number in range(self.components))

    def _block(self, words: pd.Series, vectorizer: Any, directions: np.ndarray) -> np.ndarray:
        block = np.zeros((len(words), self.components))
        if len(words):
            block[:, : len(directions)] = by_spelling(words, lambda known: _terms(vectorizer, known, read_terms) @ directions.T)
        return block


@lru_cache(maxsize=256)  # columns are asked for in turn: where it held fewer than a table has, it would know none
def _fit(spellings: tuple[str, ...], components: int) -> tuple[Any, np.ndarray]:
    from sklearn.decomposition import TruncatedSVD
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import FeatureUnion

    some = ["(empty)", "(empty)", *_most_frequent(spellings)]  # some piece is in two spellings, whatever the column holds
    shared = {"sublinear_tf": True, "max_features": MOST_TERMS, "dtype": np.float32}
    pieces = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4), min_df=2 if len(some) > 100 else 1, **shared)
    words = TfidfVectorizer(ngram_range=(1, 2), token_pattern=WORD, **shared)
    vectorizer = FeatureUnion([("words", words), ("pieces", pieces)])
    terms = _terms(vectorizer, some, fit_terms)
    most = min(components, terms.shape[1] - 1, terms.shape[0] - 1)
    directions = TruncatedSVD(most, random_state=0).fit(terms).components_
    return vectorizer, directions.astype(np.float32)


def _most_frequent(spellings: tuple[str, ...]) -> Sequence[str]:
    """So many that they have MOST_CHARACTERS at most: of a first one that has more, its beginning."""
    ends = np.cumsum([len(spelling) for spelling in spellings[:MOST_SPELLINGS]])
    return spellings[: np.searchsorted(ends, MOST_CHARACTERS, side="right")] or [first[:MOST_CHARACTERS] for first in spellings[:1]]


def _terms(vectorizer: Any, spellings: list[str], read: Callable[[Any, list[str]], Any]) -> Any:
    """The terms of a union's vectorizers beside each other."""
    from scipy import sparse

    return sparse.hstack([read(part, spellings) for _, part in vectorizer.transformer_list], format="csr")


def build(columns: tuple[Column, ...], components: int = 12) -> SpellingComponents:
    """The featurizer of these columns."""
    return SpellingComponents(tuple(c.name for c in columns), tuple(c.categories for c in columns), components)


CARD = FeaturizerCard(
    "spelling_components",
    ("categorical",),
    build,
    learns_from="schema",
    parameters={"components": Parameter(1, 200, whole=True)},
    takes=has_many_spellings,
    adds=True,
)
