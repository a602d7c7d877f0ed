"""Ranks and curves of scores; law: rows with equal scores share a rank, whatever their order."""

import numpy as np

__all__ = ["auc", "average_precision", "average_ranks", "curve"]


def average_ranks(values: np.ndarray) -> np.ndarray:
    """Ranks 1 … n (float64), ties sharing the mean of theirs."""
    order = np.argsort(values)
    ordered = values[order]
    starts = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1])))
    ends = np.append(starts[1:], len(values))
    ranks = np.empty(len(values))
    ranks[order] = np.repeat((starts + ends + 1) / 2, ends - starts)
    return ranks


def auc(positive: np.ndarray, score: np.ndarray) -> float:
    """Share of (positive, negative) pairs ranked right, ties counting half; NaN where there are no pairs."""
    hits = int(np.count_nonzero(positive))
    pairs = hits * (len(positive) - hits)
    if not pairs:
        return float("nan")
    return float((average_ranks(score)[positive].sum() - hits * (hits + 1) / 2) / pairs)


def curve(positive: np.ndarray, score: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Per distinct score, highest first: the score, and how many positive and how many negative rows score at least that."""
    order = np.argsort(-score)
    ordered, hits = score[order], np.cumsum(positive[order])
    ends = np.flatnonzero(np.concatenate((ordered[1:] != ordered[:-1], [True])))
    return ordered[ends], hits[ends], ends + 1 - hits[ends]


def average_precision(positive: np.ndarray, score: np.ndarray) -> float:
    """Precision at each distinct score, weighted by the recall it adds; NaN where no row is positive."""
    _, hits, misses = curve(positive, score)
    if not hits[-1]:
        return float("nan")
    return float(np.sum(np.diff(hits, prepend=0) * (hits / (hits + misses))) / hits[-1])
