"""Row weights of one fit; law: class weights multiply the rows' own, and have the mean 1."""

import numpy as np

__all__ = ["CLASS_WEIGHTS", "weigh"]

CLASS_WEIGHTS = ("none", "balanced")


def weigh(classes: np.ndarray, how: str, weights: np.ndarray | None = None) -> np.ndarray | None:
    """Weights (n,) of training rows with class codes `classes`, or None where all count alike.

    `balanced`: every class weighs the same in all, rows / (classes × rows of the class), counted by `weights` where there are any.

    >>> weigh(np.array([0, 0, 0, 1]), "balanced")
    array([0.66666667, 0.66666667, 0.66666667, 2.        ])
    """
    if how == "none":
        return weights
    own = np.ones(len(classes)) if weights is None else weights
    total = np.bincount(classes, own)
    share = np.zeros(len(total))
    np.divide(own.sum() / max(1, np.count_nonzero(total)), total, out=share, where=total > 0)
    return np.asarray(own * share[classes])
