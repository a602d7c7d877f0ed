"""Which algorithm the tuner turns to; law: what its next trial is expected to gain, per second under a clock, decides, and some chance."""

import math
from collections.abc import Sequence

import numpy as np

from bakeoff.evaluation import MetricCard
from bakeoff.runs import Trial

__all__ = ["chances"]

ANYHOW = 0.1
"""Of all draws, the share that goes to every algorithm alike: none is forgotten, and an ensemble gains by what is different."""
PRIOR = 2.0
"""Trials that the spread of all algorithms counts for beside an algorithm's own."""
SHORTEST_SECONDS = 0.3
"""Of a trial: below it, proposing and recording cost as much."""


def chances(names: Sequence[str], trials: Sequence[Trial], metric: MetricCard, clocked: bool) -> np.ndarray:
    """(names,) the chance of each algorithm to be drawn; their sum is 1.

    An algorithm's next score is taken to be normal around the mean of the better half of its scores, with their spread, or with that of
    the better half of all scores where no algorithm has two to tell it by. Its expected improvement on the best score of all is divided by
    the size of that half and the trials that failed, for the more were tried the rarer is one better than all of them (of n exchangeable
    ones the next is so with a chance of 1 / (n + 1)), and by its mean seconds where a clock decides. An algorithm without a score promises
    as little as the least of the others. Sources: Jones, Schonlau and Welch, Efficient global optimization of expensive black-box
    functions, J. Global Optimization 13, 1998; per second: Snoek, Larochelle and Adams, Practical Bayesian optimization of machine
    learning algorithms, NeurIPS 2012.
    """
    known = [(t, t.scores.get(metric.name)) for t in trials if t.state == "done"]
    done = [(t, value if metric.greater_is_better else -value) for t, value in known if value is not None and math.isfinite(value)]
    halves = {name: _better_half([value for t, value in done if t.candidate.algorithm == name]) for name in names}
    tried = {name: scores for name, scores in halves.items() if len(scores)}
    even = np.full(len(names), 1 / len(names))
    if not tried:
        return even
    best = max(scores.max() for scores in tried.values())
    several = [scores for scores in tried.values() if len(scores) > 1] or [_better_half([value for _, value in done])]
    common = float(np.median([scores.var() for scores in several]))
    gains = {}
    for name, scores in tried.items():
        failed = sum(t.state == "failed" for t in trials if t.candidate.algorithm == name)
        seconds = _seconds([t for t, _ in done if t.candidate.algorithm == name]) if clocked else 1.0
        gains[name] = _improvement(scores, best, common) / (len(scores) + failed) / seconds
    found = np.array([gains.get(name, min(gains.values())) for name in names])
    total = found.sum()
    return ANYHOW * even + (1 - ANYHOW) * found / total if np.isfinite(total) and total > 0 else even


def _better_half(scores: Sequence[float]) -> np.ndarray:
    return np.sort(np.array(scores, dtype=float))[len(scores) // 2 :]


def _improvement(scores: np.ndarray, best: float, common: float) -> float:
    """Expected improvement on `best`, where `common` is the usual variance."""
    from scipy.special import ndtr

    spread = np.sqrt((len(scores) * scores.var() + PRIOR * common) / (len(scores) + PRIOR))
    if not spread > 0:
        return 0.0
    short = (scores.mean() - best) / spread
    density = math.exp(-(short**2) / 2) / math.sqrt(2 * math.pi)
    return float(spread * (density + short * ndtr(short)))


def _seconds(done: Sequence[Trial]) -> float:
    return max(SHORTEST_SECONDS, float(np.mean([t.fit_seconds + t.predict_seconds for t in done])))
