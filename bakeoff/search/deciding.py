"""decide: which label probabilities stand for, where the metric judges labels; law: the probabilities stay what they are."""

from collections.abc import Iterator

import numpy as np

from bakeoff.evaluation import MetricCard
from bakeoff.runs import decided
from bakeoff.search.judged import Judged

__all__ = ["decide"]

MOST_CLASSES = 60
"""Above, no class has a factor: each has few rows to choose it by, and the last of thousands of looks would come too late."""
SWEEPS = 2
STEPS = np.concatenate([-np.geomspace(4.0, 0.05, 16), [0.0], np.geomspace(0.05, 4.0, 16)])
"""Natural logarithms of the factors that are tried for one class."""
MARGIN = 1e-9


def decide(raw: np.ndarray, judged: Judged, metric: MetricCard) -> tuple[float, ...]:
    """One factor a class, with which `decided` gives the labels that the metric likes best: a threshold, where there are two classes.

    Coordinate ascent from no preference; among equally good factors the middle of those nearest to none is taken. All are 1 where
    classes are more than MOST_CLASSES.
    """
    if raw.shape[1] > MOST_CLASSES:
        return tuple(1.0 for _ in range(raw.shape[1]))
    logs = np.zeros(raw.shape[1])
    best = judged.worth(metric, raw, decided(raw, None))
    for _ in range(SWEEPS):
        for code in range(1 if len(logs) == 2 else 0, len(logs)):
            tried = np.array([judged.worth(metric, raw, labels) for labels in _labels(raw, logs, code)])
            if tried.max() > best + MARGIN:
                best = float(tried.max())
                logs[code] = _middle(STEPS, tried >= best - MARGIN)
    return tuple(float(factor) for factor in np.exp(logs - logs.mean()))


def _labels(raw: np.ndarray, logs: np.ndarray, code: int) -> Iterator[np.ndarray]:
    """What is decided with each of STEPS as the log factor of one class; which of the others would win is looked up once.

    Of equals the class of the lower code wins, as in `decided`.
    """
    weighed = raw * np.exp(logs)
    weighed[:, code] = -np.inf
    other = weighed.argmax(axis=1)
    most = weighed[np.arange(len(raw)), other]
    for step in STEPS:
        own = raw[:, code] * np.exp(step)
        yield np.where((own > most) | ((own == most) & (code < other)), code, other)


def _middle(steps: np.ndarray, good: np.ndarray) -> float:
    """The middle of the run of good steps that is nearest to zero."""
    places = np.flatnonzero(good)
    runs = np.split(places, np.flatnonzero(np.diff(places) > 1) + 1)
    nearest = min(runs, key=lambda run: np.abs(steps[run]).min())
    return float(steps[nearest[len(nearest) // 2]])
