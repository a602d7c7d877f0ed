"""What featurizers of words share: each distinct spelling is looked at once; law: a missing value is the empty word."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from bakeoff.data.schema import Column

__all__ = ["MANY", "WORD", "by_spelling", "has_many_spellings", "is_wordy", "missing_as_empty", "places_in", "slim", "spelled"]

MANY = 30
"""Categories above which a column's spellings are looked into: below, each category speaks for itself."""
WORD = r"\w+"
"""What counts as a word: a digit alone too."""


def has_many_spellings(column: Column) -> bool:
    """Whether there are so many categories that what they have in common counts."""
    return len(column.categories) > MANY


def is_wordy(column: Column) -> bool:
    """Text, lists of tokens, or categories too many to be learned one by one."""
    return column.kind in ("text", "list") or has_many_spellings(column)


def missing_as_empty(words: pd.Series) -> pd.Series:
    """Words with "" where a value is missing."""
    return words.fillna("")


def places_in(values: pd.Series, known: pd.Index) -> np.ndarray:
    """(n,) each value's place among the known ones, -1 where it is none of them; a missing value's is that of NaN."""
    if len(values) < MANY:
        return np.asarray(known.get_indexer(pd.Index(values, dtype=known.dtype)))
    codes, distinct = pd.factorize(values, use_na_sentinel=False)  # of many rows, three times as fast
    return np.asarray(known.get_indexer(pd.Index(distinct, dtype=known.dtype))[codes])


def spelled(words: pd.Series) -> tuple[np.ndarray, list[str]]:
    """(n,) places among the distinct spellings, in order of appearance, and these; missing is ""."""
    codes, known = pd.factorize(missing_as_empty(words))
    return np.asarray(codes), [str(word) for word in known]


def slim(vectorizer: Any) -> Any:
    """A fitted vectorizer whose vocabulary holds plain integers: NumPy's, which scikit-learn leaves, take ten times as long to pickle."""
    vectorizer.vocabulary_ = {term: int(place) for term, place in vectorizer.vocabulary_.items()}
    return vectorizer


def by_spelling(words: pd.Series, look: Callable[[list[str]], Any]) -> Any:
    """Rows of what `look` makes of the distinct spellings (an array or sparse matrix, one row each), one for each word."""
    codes, known = spelled(words)
    return look(known)[codes]
