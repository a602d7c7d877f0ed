"""Pieces of words, counted by NumPy; law: the same pieces and counts as scikit-learn's analyzer char_wb, word by word.

That one cuts every piece out of every text in Python; here a word is cut once, and a piece becomes a string once.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

__all__ = ["pieces_of"]


def pieces_of(words: Sequence[str], shortest: int, longest: int) -> tuple[list[str], Any]:
    """The distinct pieces of words with a blank on either side, and (words, pieces) how often each word has each, a CSR array.

    `shortest` is 3 at most: a word of one letter has three with its blanks.
    """
    from scipy import sparse

    padded = "".join(f" {word} " for word in words)
    letters, kinds = pd.factorize(np.frombuffer(padded.encode("utf-32-le", "surrogatepass"), dtype=np.uint32))
    lengths = np.fromiter(map(len, words), dtype=np.int64, count=len(words)) + 2
    word = np.repeat(np.arange(len(words)), lengths)
    left = np.cumsum(lengths)[word] - np.arange(len(padded))
    found: list[str] = []
    rows, columns = [], []
    piece = np.zeros(len(padded), dtype=np.int64)  # of the length so far, that begins at each letter
    for length in range(1, longest + 1):
        starts = np.flatnonzero(left >= length)
        codes, distinct = pd.factorize(piece[starts] * len(kinds) + letters[starts + length - 1])
        piece[starts] = codes
        if length >= shortest:
            rows.append(word[starts])
            columns.append(codes + len(found))
            first = np.empty(len(distinct), dtype=np.int64)
            first[codes[::-1]] = starts[::-1]
            found += [padded[start : start + length] for start in first.tolist()]
    places = (np.concatenate(rows), np.concatenate(columns))
    return found, sparse.csr_array(sparse.coo_array((np.ones(len(places[0])), places), shape=(len(words), len(found))))
