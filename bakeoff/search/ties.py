"""Ties: what the folds cannot tell from the best; law: compared fold by fold, never by their means alone."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

__all__ = ["FEWEST_FOLDS", "Dealing", "is_tied", "leads"]

FEWEST_FOLDS = 3
LEVEL = 0.95


@dataclass(frozen=True)
class Dealing:
    """How rows were dealt to folds."""

    judged_to_trained: float
    """Judged rows of a fold, or of a part of one holdout, divided by the training rows."""
    times: float = 1.0
    """How often a row is judged, in the mean: predictions are means over these times, so that they tell as much as one dealing's folds."""


def is_tied(scores: Sequence[float], best: Sequence[float], dealing: Dealing | None = None) -> bool | None:
    """Whether two rows' scores of the same folds, or parts of one holdout, may differ by chance alone; None of too few to say.

    Folds in which a score is undefined do not count. Without a `dealing` they are taken for k folds that judge every row once.

    Source: the corrected resampled t-test, Nadeau and Bengio, Inference for the generalization error, Machine Learning 52, 2003: folds
    share training rows, so the variance of the mean difference of n folds counts (1/n + judged/trained) times instead of 1/n.
    """
    from scipy.special import stdtrit  # the quantile of Student's t

    if len(scores) != len(best):
        return None
    differences = np.asarray(scores, dtype=float) - np.asarray(best, dtype=float)
    differences = differences[~np.isnan(differences)]
    folds = len(differences) / (dealing.times if dealing else 1.0)
    if folds < FEWEST_FOLDS or not np.isfinite(differences).all():
        return None
    shared = dealing.judged_to_trained if dealing else 1 / (folds - 1)
    error = float(np.sqrt(differences.var(ddof=1) * (1 / folds + shared)))
    return bool(abs(differences.mean()) <= stdtrit(folds - 1, (1 + LEVEL) / 2) * error)


def leads(scores: Sequence[float], others: Sequence[float], greater_is_better: bool) -> bool:
    """Whether scores of the same folds are better than others by more than one standard error of their mean difference; of too few, never.

    Less patient than `is_tied`: what the tuner tries differs little.
    """
    if len(scores) != len(others):
        return False
    ahead = (np.asarray(scores, dtype=float) - np.asarray(others, dtype=float)) * (1 if greater_is_better else -1)
    ahead = ahead[~np.isnan(ahead)]
    return len(ahead) >= FEWEST_FOLDS and bool(ahead.mean() > ahead.std(ddof=1) / np.sqrt(len(ahead)))
