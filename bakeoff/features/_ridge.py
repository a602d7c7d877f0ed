"""Ridge regressions of several targets on the same sparse terms, solved side by side; law: each as near as if it were solved alone."""

from typing import Any

import numpy as np

__all__ = ["ridge_weights"]

TOLERANCE = 1e-2
"""Of the right-hand side, what may be left: scores are off by 2 % of their spread at most, after half the steps of 1e-3."""
MOST_STEPS = 1_000
FEWER_ROWS = 0.5
"""Rows for each term below which as many weights as rows are looked for (the dual form)."""


def ridge_weights(terms: Any, targets: np.ndarray, rows: np.ndarray, penalty: float) -> np.ndarray:
    """(terms, targets) weights of least squared error plus `penalty` times their squares, no intercept.

    Of a CSR array (n, terms) and (n, targets) means over `rows` (n,) rows each, more than 0. scikit-learn's Ridge solves one target after
    the other; side by side, the terms are read once for all of them.
    """
    root = np.sqrt(rows, dtype=np.float32)  # which is exact enough for the tolerance, and twice as fast
    scaled = terms.astype(np.float32)
    scaled.data *= np.repeat(root, np.diff(scaled.indptr))
    wanted = targets.astype(np.float32) * root[:, None]
    if scaled.shape[0] < FEWER_ROWS * scaled.shape[1]:
        return np.asarray(scaled.T @ _solved(scaled, wanted, penalty))
    return _solved(scaled.T, scaled.T @ wanted, penalty)


def _solved(factor: Any, wanted: np.ndarray, penalty: float) -> np.ndarray:
    """The x of (factor factorᵀ + penalty) x = wanted, column by column.

    Conjugate gradients with the diagonal as preconditioner. Source: Golub and Van Loan, Matrix Computations, 2013, algorithm 11.5.1.
    """
    diagonal = np.asarray(factor.multiply(factor).sum(axis=1)).reshape(-1, 1) + np.float32(penalty)
    found = np.zeros_like(wanted)
    left = np.ascontiguousarray(wanted)
    near = TOLERANCE**2 * _squares(left, left)
    going = np.flatnonzero(near)
    left, near = left[:, going], near[going]
    step = left / diagonal
    slope = _squares(left, step)
    for _ in range(MOST_STEPS):
        if not len(going):
            break
        image = factor @ (factor.T @ step) + np.float32(penalty) * step
        length = slope / _squares(step, image)
        found[:, going] += length * step
        left = left - length * image
        better = left / diagonal
        before, slope = slope, _squares(left, better)
        step = better + slope / before * step
        far = _squares(left, left) > near
        if not far.all():
            going, slope, near = going[far], slope[far], near[far]
            left, step = left.compress(far, axis=1), step.compress(far, axis=1)
    return found


def _squares(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    return np.asarray(np.einsum("ij,ij->j", left, right))
