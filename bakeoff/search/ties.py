"""Ties: ranked rows that the folds cannot tell from the best; law: compared fold by fold, never by their means alone."""

from collections.abc import Sequence

import numpy as np

__all__ = ["is_tied"]

FEWEST_FOLDS = 3
LEVEL = 0.95


def is_tied(scores: Sequence[float], best: Sequence[float], judged_to_trained: float | None = None) -> bool | None:
    """Whether two rows' scores of the same folds may differ by chance alone; None where there are too few folds to say.

    Folds in which a score is undefined do not count. `judged_to_trained` is a fold's judged rows divided by its training rows; those of
    k folds that judge every row once where it is None.

    Source: the corrected resampled t-test, Nadeau and Bengio, Inference for the generalization error, Machine Learning 52, 2003: folds
    share training rows, so the variance of the mean difference of n folds counts (1/n + judged/trained) times instead of 1/n.
    """
    from scipy.stats import t

    if len(scores) != len(best):
        return None
    differences = np.asarray(scores, dtype=float) - np.asarray(best, dtype=float)
    differences = differences[~np.isnan(differences)]
    if len(differences) < FEWEST_FOLDS or not np.isfinite(differences).all():
        return None
    folds = len(differences)
    shared = 1 / (folds - 1) if judged_to_trained is None else judged_to_trained
    error = float(np.sqrt(differences.var(ddof=1) * (1 / folds + shared)))
    return bool(abs(differences.mean()) <= t.ppf((1 + LEVEL) / 2, folds - 1) * error)
