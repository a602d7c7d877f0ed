"""decide: which label probabilities stand for, where the metric judges labels; law: the probabilities stay what they are."""

import numpy as np

from bakeoff.evaluation import MetricCard
from bakeoff.runs import decided
from bakeoff.search.judged import Judged

__all__ = ["decide"]

SWEEPS = 2
STEPS = np.concatenate([-np.geomspace(4.0, 0.05, 16), [0.0], np.geomspace(0.05, 4.0, 16)])
"""Natural logarithms of the factors that are tried for one class."""
MARGIN = 1e-9


def decide(raw: np.ndarray, judged: Judged, metric: MetricCard) -> tuple[float, ...]:
    """One factor a class, with which `decided` gives the labels that the metric likes best: a threshold, where there are two classes.

    Coordinate ascent from no preference; among equally good factors the middle of those nearest to none is taken.
    """
    logs = np.zeros(raw.shape[1])
    best = _worth(raw, judged, metric, logs)
    for _ in range(SWEEPS):
        for code in range(1 if len(logs) == 2 else 0, len(logs)):
            tried = np.array([_worth(raw, judged, metric, _with(logs, code, step)) for step in STEPS])
            if tried.max() > best + MARGIN:
                best = float(tried.max())
                logs[code] = _middle(STEPS, tried >= best - MARGIN)
    return tuple(float(factor) for factor in np.exp(logs - logs.mean()))


def _with(logs: np.ndarray, code: int, value: float) -> np.ndarray:
    changed = logs.copy()
    changed[code] = value
    return changed


def _middle(steps: np.ndarray, good: np.ndarray) -> float:
    """The middle of the run of good steps that is nearest to zero."""
    places = np.flatnonzero(good)
    runs = np.split(places, np.flatnonzero(np.diff(places) > 1) + 1)
    nearest = min(runs, key=lambda run: np.abs(steps[run]).min())
    return float(steps[nearest[len(nearest) // 2]])


def _worth(raw: np.ndarray, judged: Judged, metric: MetricCard, logs: np.ndarray) -> float:
    return judged.worth(metric, raw, decided(raw, tuple(np.exp(logs))))
