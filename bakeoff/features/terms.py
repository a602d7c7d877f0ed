"""terms: words as one sparse feature per word, piece and category; law: vocabulary comes from training rows, zeros are not stored.

What linear models need to read text: with few rows and many words, they beat everything that first makes few numbers of them.
"""

import contextlib
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from bakeoff.data.schema import Column
from bakeoff.features._reading import fit_terms, read_terms
from bakeoff.features._words import WORD, is_wordy, slim, spelled
from bakeoff.features.card import FeaturizerCard, Parameter

__all__ = ["CARD", "Terms"]

MOST_CHARACTERS = 3_000_000
"""Characters of a column's training rows, times the weights that a linear model gives each piece, above which pieces of words are left out:
whole words alone are many then, and pieces are seven times as many."""
ROWS_EACH = 20
"""Rows of each spelling, in the mean, from which on its pieces are left out: what it says by itself is known well. Of 42,000 payments to
466 specialties they were most of a logistic regression's time, and made it no better (benchmarks/EXPERIMENTS.md, "Words")."""
FEW_ROWS = 2_000
"""Of which pieces are read whatever they weigh: linear models rotate them into as many features as there are rows."""


@dataclass
class Terms:
    """Per text column the TF-IDF of its words and of pieces of three to five letters; of categories 0/1 besides, each spelling one term.

    Pieces are left out where they would be too many, or each spelling has rows enough.
    """

    columns: tuple[str, ...]
    wordy: tuple[bool, ...]
    most_terms: int
    fitted: list[Any] = field(default_factory=list)
    """Per column its vectorizers."""

    def fit_transform(self, frame: pd.DataFrame, y: np.ndarray, _seed: int, _groups: np.ndarray | None = None) -> Any:
        self.fitted, blocks = [], []
        weights = 1 if len(frame) <= FEW_ROWS else _weights_of(y)
        for name, wordy in zip(self.columns, self.wordy, strict=True):
            codes, known = spelled(frame[name])
            learned = _learned(self._vectorizers(frame[name], wordy, weights), known, np.bincount(codes, minlength=len(known)))
            self.fitted.append([vectorizer for vectorizer, _ in learned])
            blocks += [(terms, codes) for _, terms in learned]
        return _beside(blocks, len(frame))

    def transform(self, frame: pd.DataFrame) -> Any:
        from scipy import sparse

        blocks: list[Any] = []
        for name, vectorizers in zip(self.columns, self.fitted, strict=True):
            codes, known = spelled(frame[name])
            blocks += [(sparse.csr_array(_read(vectorizer, known)), codes) for vectorizer in vectorizers if known]
            blocks += [(sparse.csr_array((0, len(vectorizer.vocabulary_))), codes) for vectorizer in vectorizers if not known]
        return _beside(blocks, len(frame))

    def features(self) -> tuple[tuple[str, str], ...]:
        found = []
        for name, vectorizers in zip(self.columns, self.fitted, strict=True):
            for what, vectorizer in zip(("term", "piece", "value"), _in_places(vectorizers), strict=True):
                found += [] if vectorizer is None else [(f"{name}.{what}={term}", name) for term in vectorizer.get_feature_names_out()]
        return tuple(found)

    def _vectorizers(self, words: pd.Series, wordy: bool, weights: int) -> list[Any]:
        """What a column's words are read by, not yet fitted."""
        from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer

        shared = {"sublinear_tf": True, "max_features": self.most_terms}
        chosen: list[Any] = []
        if wordy:
            chosen.append(TfidfVectorizer(token_pattern=WORD, min_df=2, **shared))
            speak_for_themselves = words.count() >= ROWS_EACH * words.nunique()
            if not speak_for_themselves and words.str.len().sum() * weights <= MOST_CHARACTERS:
                chosen.append(TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), min_df=3, **shared))
        if not wordy or words.nunique() < len(words) / 2:
            chosen.append(CountVectorizer(analyzer=_whole, binary=True, max_features=self.most_terms))
        return chosen


def _weights_of(y: np.ndarray) -> int:
    """Weights that a linear model gives a feature: one for each of several classes."""
    classes = 0 if y.dtype.kind == "f" else len(np.unique(y))
    return classes if classes > 2 else 1


def _whole(spelling: str) -> list[str]:
    return [spelling] if spelling else []


def _learned(vectorizers: list[Any], known: list[str], rows: np.ndarray) -> list[tuple[Any, Any]]:
    """The vectorizers that found a term, fitted, each with the terms of the known spellings: they are read once.

    `rows` have each spelling: of whole spellings those of most rows are terms.
    """
    from scipy import sparse

    found = []
    for vectorizer in vectorizers:
        with contextlib.suppress(ValueError):  # no term is left
            whole = vectorizer.analyzer is _whole
            if whole:
                frequent = np.sort(np.argsort(-rows, kind="stable")[: vectorizer.max_features])
                terms = slim(vectorizer.fit([known[place] for place in frequent])).transform(known)
            else:
                terms = fit_terms(vectorizer, known)
            found.append((vectorizer, sparse.csr_array(terms)))
    return found


def _read(vectorizer: Any, known: list[str]) -> Any:
    return vectorizer.transform(known) if vectorizer.analyzer is _whole else read_terms(vectorizer, known)


def _beside(blocks: list[tuple[Any, np.ndarray]], rows: int) -> Any:
    """(rows, terms) for each row, side by side, the row of every matrix that its code says; each number is copied once."""
    from scipy import sparse

    if not blocks:
        return sparse.csr_array((rows, 0))
    below = np.cumsum([0, *(terms.shape[0] for terms, _ in blocks)])
    beside = np.cumsum([0, *(terms.shape[1] for terms, _ in blocks)])
    parts = (
        np.concatenate([terms.data for terms, _ in blocks]).astype(np.float64, copy=False),
        np.concatenate([terms.indices + np.int32(first) for (terms, _), first in zip(blocks, beside, strict=False)]),
        np.cumsum(np.concatenate([np.zeros(1, np.int32), *(np.diff(terms.indptr) for terms, _ in blocks)]), dtype=np.int32),
    )
    every = sparse.csr_array(parts, shape=(below[-1], beside[-1]))
    found = every[np.stack([codes + first for (_, codes), first in zip(blocks, below, strict=False)], axis=1).ravel()]
    return sparse.csr_array((found.data, found.indices, found.indptr[:: len(blocks)]), shape=(rows, int(beside[-1])))


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


CARD = FeaturizerCard(
    "terms", ("categorical", "text", "list"), build, parameters={"most_terms": Parameter(10, 1_000_000, whole=True)}, sparse=True
)
