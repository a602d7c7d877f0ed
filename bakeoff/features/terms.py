"""terms: words as one sparse feature per word, piece and category; law: vocabulary comes from training rows, zeros are not stored.

What linear models need to read text: with few rows and many words, they beat everything that first makes few numbers of them.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from bakeoff.data.schema import Column
from bakeoff.features._words import WORD, is_wordy, missing_as_empty, spelled
from bakeoff.features.card import FeaturizerCard, Parameter

__all__ = ["CARD", "Terms"]

MOST_CHARACTERS = 20_000_000
"""Characters of a column's training rows above which pieces of words are left out: whole words alone are many then."""


@dataclass
class Terms:
    """Per text column the TF-IDF of its words and of pieces of three to five letters; of categories 0/1 besides, each spelling one term."""

    columns: tuple[str, ...]
    wordy: tuple[bool, ...]
    most_terms: int
    fitted: list[Any] = field(default_factory=list)
    """Per column its vectorizers."""

    def fit_transform(self, frame: pd.DataFrame, _y: np.ndarray, _seed: int, _groups: np.ndarray | None = None) -> Any:
        self.fitted = [self._fit(frame[name], wordy) for name, wordy in zip(self.columns, self.wordy, strict=True)]
        return self.transform(frame)

    def transform(self, frame: pd.DataFrame) -> Any:
        from scipy import sparse

        blocks: list[Any] = [sparse.csr_array((len(frame), 0))]
        for name, vectorizers in zip(self.columns, self.fitted, strict=True):
            codes, known = spelled(frame[name])
            blocks += [sparse.csr_array(vectorizer.transform(known))[codes] for vectorizer in vectorizers if known]
            blocks += [sparse.csr_array((0, len(vectorizer.vocabulary_))) for vectorizer in vectorizers if not known]
        return sparse.csr_array(sparse.hstack(blocks, format="csr"), dtype=np.float64)

    def features(self) -> tuple[tuple[str, str], ...]:
        found = []
        for name, vectorizers in zip(self.columns, self.fitted, strict=True):
            for what, vectorizer in zip(("term", "piece", "value"), _in_places(vectorizers), strict=True):
                found += [] if vectorizer is None else [(f"{name}.{what}={term}", name) for term in vectorizer.get_feature_names_out()]
        return tuple(found)

    def _fit(self, words: pd.Series, wordy: bool) -> list[Any]:
        from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer

        filled = missing_as_empty(words)
        known = [word for word in filled.unique() if word]
        shared = {"sublinear_tf": True, "max_features": self.most_terms}
        tried: list[Any] = []
        if wordy:
            tried.append(TfidfVectorizer(token_pattern=WORD, min_df=2, **shared))
            if filled.str.len().sum() <= MOST_CHARACTERS:
                tried.append(TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), min_df=3, **shared))
        if not wordy or len(known) < len(words) / 2:
            tried.append(CountVectorizer(analyzer=_whole, binary=True, max_features=self.most_terms))
        return [vectorizer for vectorizer in tried if _learns(vectorizer, known)]


def _whole(spelling: str) -> list[str]:
    return [spelling]


def _learns(vectorizer: Any, known: list[str]) -> bool:
    try:
        vectorizer.fit(known)
    except ValueError:  # no term is left
        return False
    return True


def _in_places(vectorizers: list[Any]) -> tuple[Any, Any, Any]:
    """The vectorizers of words, pieces and whole spellings, None where there is none."""
    kinds = {"word": 0, "char_wb": 1}
    found: list[Any] = [None, None, None]
    for vectorizer in vectorizers:
        found[kinds.get(vectorizer.analyzer, 2) if isinstance(vectorizer.analyzer, str) else 2] = vectorizer
    return found[0], found[1], found[2]


def build(columns: tuple[Column, ...], most_terms: int = 20_000) -> Terms:
    """The featurizer of these columns."""
    return Terms(tuple(c.name for c in columns), tuple(is_wordy(c) for c in columns), most_terms)


CARD = FeaturizerCard("terms", ("categorical", "text"), build, parameters={"most_terms": Parameter(10, 1_000_000, whole=True)}, sparse=True)
