"""decide: which label probabilities stand for, where the metric judges labels; law: the probabilities stay what they are."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from bakeoff.evaluation import MetricCard, is_own_metric
from bakeoff.runs import decided
from bakeoff.search.judged import Judged
from bakeoff.search.nesting import Said, corrected, parts_of_rows, sampled
from bakeoff.search.preparing import Prepared
from bakeoff.search.ranking import is_better

__all__ = ["Decision", "decide", "decide_alone", "mean_factors"]

MOST_CLASSES = 60
"""Above, no class has a factor: each has few rows to choose it by, and the last of thousands of looks would come too late."""
SWEEPS = 2
STEPS = np.concatenate([-np.geomspace(4.0, 0.05, 16), [0.0], np.geomspace(0.05, 4.0, 16)])
"""Natural logarithms of the factors that are tried for one class."""
MARGIN = 1e-9
MOST_CLASSES_ALONE = 12
"""Above, a candidate by itself has no factors, only ensembles have: there are many candidates, and each would wait for its own."""


class Decision(NamedTuple):
    """Factors of the classes' probabilities, every metric of the labels that they give, and what of each is a correction."""

    factors: tuple[float, ...]
    scores: dict[str, float]
    lost: dict[str, float]


def decide_alone(prepared: Prepared, metric: MetricCard, raw: np.ndarray, plain: Mapping[str, float]) -> Decision | None:
    """The labels of one candidate's (m, classes) out-of-fold predictions, where they gain more than is lost on rows that chose none.

    None where the most probable ones, whose scores are `plain`, are as good, and for a metric of the user's own, which may be slow and
    would be asked hundreds of times for each candidate; the ensembles ask it.
    """
    if metric.needs != "labels" or is_own_metric(metric.name) or raw.shape[1] > MOST_CLASSES_ALONE:
        return None
    scored, seed = prepared.scored_rows, prepared.params.search.seed
    parts = parts_of_rows(prepared, seed)
    if not parts.any():  # one row judges
        return None
    judged = Judged(prepared.target[scored], prepared.weights_of(scored), prepared.schema.target.positive)

    def factors_of(rows: np.ndarray) -> tuple[float, ...]:
        chosen, some = sampled(rows, judged, raw.shape[1:], seed, True)
        return decide(raw[chosen], some, metric)

    each = [factors_of(np.flatnonzero(parts != part)) for part in range(int(parts.max()) + 1)]
    factors, nested = mean_factors(each), np.zeros(len(raw), dtype=np.int64)
    for part, elsewhere in enumerate(each):
        nested[parts == part] = decided(raw[parts == part], elsewhere)
    found = corrected(prepared, judged, parts, Said(raw, decided(raw, factors)), Said(raw, nested))
    return Decision(factors, *found) if is_better(found.scores[metric.name], plain[metric.name], metric) else None


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


def mean_factors(each: Sequence[tuple[float, ...]]) -> tuple[float, ...]:
    """The geometric means of what several parts of the rows chose: what one of them alone chooses is chance to a greater part.

    Measured on made tables (benchmarks/EXPERIMENTS.md, "Thresholds"): better on new rows than one choice by all rows.
    """
    return tuple(float(factor) for factor in np.exp(np.log(each).mean(axis=0)))


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
