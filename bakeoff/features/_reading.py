"""Reading: texts as counted terms; law: what a text is read as depends on it alone, so it is read once while somebody remembers it.

Folds share nearly all their texts, and taking a text apart is what reading takes long for; which terms count is learned from each fold's
training rows as ever.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from itertools import islice
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from bakeoff.features._ngrams import phrases_of, pieces_of

__all__ = ["Readings", "fit_terms", "read_terms", "remembering"]

MOST_BYTES = 200_000_000
"""Of what is remembered, by the measures below (tweets and reports: what a process grew by while it read them)."""
BYTES_PER_CHARACTER = {"word": 6, "char_wb": 32}
"""What remembering the terms of a text takes, words of each length; pieces are of three lengths."""
BYTES_PER_TEXT = 300


class _Counts:
    """(things, terms met so far) how often each term occurs in each thing; grows in both directions."""

    def __init__(self) -> None:
        from scipy import sparse

        self.places: dict[str, int] = {}
        """Every term met so far."""
        self.terms: list[str] = []
        """The same, in their places."""
        self.fitted = WeakKeyDictionary[Any, tuple[dict[str, int], np.ndarray]]()
        """Of vectorizers that were fitted to these things: the vocabulary, and the places of its terms, in its order."""
        self._matrix = sparse.csr_array((0, 0), dtype=np.int32)

    def add(self, terms: list[str], counts: Any) -> None:
        """More things, whose (things, terms) counts are a CSR array."""
        from scipy import sparse

        places = np.array([self.places.setdefault(term, len(self.places)) for term in terms], dtype=np.int32)
        self.terms += islice(self.places, len(self.terms), None)
        counts.indices = places[counts.indices]
        wide = [self._resized(matrix) for matrix in (self._matrix, counts)]
        self._matrix = sparse.vstack(wide, format="csr")

    def of(self, dtype: Any, rows: np.ndarray | None = None) -> Any:
        """Those of all things, or of some, a CSR array whose rows are in no order."""
        from scipy import sparse

        some = self._matrix if rows is None else self._matrix[rows]
        return sparse.csr_array((some.data.astype(dtype), some.indices, some.indptr), shape=some.shape)  # its own astype sorts each row

    def _resized(self, counts: Any) -> Any:
        from scipy import sparse

        return sparse.csr_array((counts.data, counts.indices, counts.indptr), shape=(counts.shape[0], len(self.places)))


class _Reading:
    """What texts hold, as phrases of the words that they are split into."""

    def __init__(self, split: Callable[[str], list[str]], lengths: tuple[int, int]) -> None:
        self.split, self.lengths = split, lengths
        self.met = _Counts()
        self._rows: dict[str, int] = {}

    def counts(self, texts: Sequence[str], dtype: Any) -> Any:
        """(texts, terms met so far) how often each term occurs, a CSR array whose rows are in no order."""
        new = [text for text in dict.fromkeys(texts) if text not in self._rows]
        if new:
            self.met.add(*phrases_of(map(self.split, new), *self.lengths))
            self._rows.update(zip(new, range(len(self._rows), len(self._rows) + len(new)), strict=True))
        return self.met.of(dtype, np.fromiter(map(self._rows.__getitem__, texts), dtype=np.int64, count=len(texts)))

    def has_read(self, text: str) -> bool:
        return text in self._rows


class _PieceReading:
    """What was found in texts by an analyzer that cuts words into pieces: their words, and the pieces of each word once."""

    def __init__(self, split: Callable[[str], list[str]], lengths: tuple[int, int]) -> None:
        self.words, self.lengths = _Reading(split, (1, 1)), lengths
        self.met, self._cut = _Counts(), 0

    def counts(self, texts: Sequence[str], dtype: Any) -> Any:
        """(texts, pieces met so far) how often each piece occurs, a CSR array whose rows are in no order."""
        words = self.words.counts(texts, dtype)
        new = self.words.met.terms[self._cut :]
        if new:
            self.met.add(*pieces_of(new, *self.lengths))
            self._cut += len(new)
        return words @ self.met.of(dtype)

    def has_read(self, text: str) -> bool:
        return self.words.has_read(text)


class Readings:
    """Texts that were read, by what read them."""

    def __init__(self) -> None:
        self._kept: dict[tuple[Any, ...], _Reading | _PieceReading] = {}
        self._bytes = 0

    def of(self, vectorizer: Any, texts: Sequence[str]) -> _Reading | _PieceReading | None:
        """What vectorizers alike have read; None where these texts are too many to be remembered."""
        analyzed = (vectorizer.analyzer, vectorizer.ngram_range, vectorizer.token_pattern, vectorizer.lowercase)
        reading = self._kept.get(analyzed) or _reading(vectorizer)
        new = {text for text in texts if not reading.has_read(text)}
        needed = BYTES_PER_TEXT * len(new) + _bytes_per_character(vectorizer) * sum(map(len, new))
        if self._bytes + needed > MOST_BYTES:
            return None
        self._bytes += needed
        self._kept[analyzed] = reading
        return reading


def _bytes_per_character(vectorizer: Any) -> int:
    lengths = vectorizer.ngram_range[1] if vectorizer.analyzer == "word" else 1
    return int(BYTES_PER_CHARACTER[vectorizer.analyzer] * lengths)


def _reading(vectorizer: Any) -> _Reading | _PieceReading:
    from sklearn.base import clone

    own = clone(vectorizer)  # to build an analyzer leaves its mark on a vectorizer, and equal ones are told by their bytes
    prepare = own.build_preprocessor()
    if own.analyzer == "char_wb":
        return _PieceReading(lambda text: prepare(text).split(), own.ngram_range)
    split = own.build_tokenizer()
    return _Reading(lambda text: split(prepare(text)), own.ngram_range)


_remembered: ContextVar[Readings | None] = ContextVar("remembered", default=None)


@contextmanager
def remembering(readings: Readings | None) -> Iterator[None]:
    """Reads and remembers what is read meanwhile; None remembers nothing."""
    token = _remembered.set(readings)
    try:
        yield
    finally:
        _remembered.reset(token)


def fit_terms(vectorizer: Any, texts: Sequence[str]) -> Any:
    """Fits a TfidfVectorizer as its `fit_transform` does, and gives the same CSR matrix. Raises ValueError where no term is left.

    Its `min_df` is a number of texts, and it has neither `max_df` nor stop words. Of terms with equal counts at the end of `max_features`
    those are taken that stand first in order.
    """
    readings = _remembered.get()
    reading = (None if readings is None else readings.of(vectorizer, texts)) or _reading(vectorizer)
    counts = reading.counts(texts, vectorizer.dtype)
    chosen = np.flatnonzero(np.bincount(counts.indices, minlength=counts.shape[1]) >= vectorizer.min_df)
    if not len(chosen):
        raise ValueError("no term is left")
    chosen = _in_order(_most_frequent(chosen, counts, reading.met.terms, vectorizer.max_features), reading.met.terms)
    vectorizer.vocabulary_ = {reading.met.terms[place]: column for column, place in enumerate(chosen)}
    reading.met.fitted[vectorizer] = (vectorizer.vocabulary_, chosen)
    weigh = _weighing(vectorizer)
    kept = _columns(counts, chosen, np.arange(len(chosen)), len(chosen))
    vectorizer.idf_ = weigh.fit(kept).idf_
    return weigh.transform(kept)


def read_terms(vectorizer: Any, texts: Sequence[str]) -> Any:
    """What a fitted vectorizer's `transform` gives."""
    readings = _remembered.get()
    reading = None if readings is None else readings.of(vectorizer, texts)
    if reading is None:
        return vectorizer.transform(texts)
    counts = reading.counts(texts, vectorizer.dtype)
    places, wanted = _known_terms(reading.met, vectorizer)
    weigh = _weighing(vectorizer)
    weigh.idf_ = vectorizer.idf_
    return weigh.transform(_columns(counts, places, wanted, len(vectorizer.vocabulary_)))


def _known_terms(met: _Counts, vectorizer: Any) -> tuple[np.ndarray, np.ndarray]:
    """Where the terms that were met and are in the vocabulary stand among those met, and in it."""
    known = vectorizer.vocabulary_
    vocabulary, places = met.fitted.get(vectorizer, (None, np.empty(0)))
    if vocabulary is known:
        return places, np.arange(len(places))
    both = [term for term in min(met.places, known, key=len) if term in met.places and term in known]
    return np.array([met.places[term] for term in both], dtype=np.int64), np.array([known[term] for term in both], dtype=np.int64)


def _in_order(places: np.ndarray, terms: Sequence[str]) -> np.ndarray:
    """The places in the order of their terms."""
    return places[np.argsort(np.array([terms[place] for place in places], dtype=object), kind="stable")]


def _most_frequent(chosen: np.ndarray, counts: Any, terms: Sequence[str], most: int | None) -> np.ndarray:
    if most is None or len(chosen) <= most:
        return chosen
    times = np.asarray(counts.sum(axis=0)).ravel()[chosen]
    least = np.partition(times, -most)[-most]
    sure, even = chosen[times > least], chosen[times == least]
    return np.concatenate([sure, _in_order(even, terms)[: most - len(sure)]])


def _columns(counts: Any, chosen: np.ndarray, to: np.ndarray, width: int) -> Any:
    """The chosen columns at the places `to` of a matrix so wide; each row's in order."""
    from scipy import sparse

    place = np.full(counts.shape[1], -1)
    place[chosen] = to
    found = place[counts.indices]
    inside = found >= 0
    ends = np.concatenate([[0], np.cumsum(inside)])[counts.indptr]
    columns = sparse.csr_matrix((counts.data[inside], found[inside], ends), shape=(counts.shape[0], width))
    columns.sort_indices()
    return columns


def _weighing(vectorizer: Any) -> Any:
    from sklearn.feature_extraction.text import TfidfTransformer

    own = {name: getattr(vectorizer, name) for name in ("norm", "use_idf", "smooth_idf", "sublinear_tf")}
    return TfidfTransformer(**own)
