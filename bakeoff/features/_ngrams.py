"""n-grams, counted by NumPy: pieces of words, and words in a row; law: the same ones, as often, as scikit-learn's analyzers find.

Those build every n-gram of every text in Python; here a distinct one becomes a string once.
"""

from array import array
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd

__all__ = ["phrases_of", "pieces_of"]


def pieces_of(words: Sequence[str], shortest: int, longest: int) -> tuple[list[str], Any]:
    """The distinct pieces of words with a blank on either side, and (words, pieces) how often each word has each, a CSR array.

    `shortest` is 3 at most: a word of one letter has three with its blanks.
    """
    padded = "".join(f" {word} " for word in words)
    letters = np.frombuffer(padded.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    found, counts = _ngrams(letters, np.fromiter(map(len, words), dtype=np.int64, count=len(words)) + 2, shortest, longest)
    return [padded[start : start + length] for start, length in found], counts


def phrases_of(texts: Iterable[Sequence[str]], shortest: int, longest: int) -> tuple[list[str], Any]:
    """The distinct phrases of texts, which are lists of words, and (texts, phrases) how often each text has each, a CSR array."""
    known: dict[str, int] = {}
    words, sizes = array("q"), array("q")
    for text in texts:  # one at a time: the strings of all at once leave the heap full of holes
        words.extend([known.setdefault(word, len(known)) for word in text])
        sizes.append(len(text))
    found, counts = _ngrams(np.array(words), np.array(sizes), shortest, longest)
    names = list(known)
    return [" ".join([names[word] for word in words[start : start + length]]) for start, length in found], counts


def _ngrams(symbols: np.ndarray, sizes: np.ndarray, shortest: int, longest: int) -> tuple[list[tuple[int, int]], Any]:
    """Where each distinct run of symbols stands first, and its length; and (things, runs) how often each thing has each, a CSR array.

    `symbols` are those of all things one after the other, as many of each as `sizes` say.
    """
    from scipy import sparse

    codes, kinds = pd.factorize(symbols)
    thing = np.repeat(np.arange(len(sizes)), sizes)
    left = np.cumsum(sizes)[thing] - np.arange(len(symbols))
    found: list[tuple[int, int]] = []
    rows, columns = [np.empty(0, dtype=np.int64)], [np.empty(0, dtype=np.int64)]
    run = np.zeros(len(symbols), dtype=np.int64)  # of the length so far, that begins at each symbol
    for length in range(1, longest + 1):
        starts = np.flatnonzero(left >= length)
        run[starts], distinct = pd.factorize(run[starts] * len(kinds) + codes[starts + length - 1])
        if length >= shortest:
            rows.append(thing[starts])
            columns.append(run[starts] + len(found))
            first = np.empty(len(distinct), dtype=np.int64)
            first[run[starts[::-1]]] = starts[::-1]
            found += [(start, length) for start in first.tolist()]
    places = np.concatenate(rows), np.concatenate(columns)
    return found, sparse.csr_array(sparse.coo_array((np.ones(len(places[0]), dtype=np.int32), places), shape=(len(sizes), len(found))))
