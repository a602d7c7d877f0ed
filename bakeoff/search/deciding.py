"""decide: which label probabilities stand for, where the metric judges labels; law: the probabilities stay what they are."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from bakeoff.evaluation import MetricCard, is_own_metric
from bakeoff.runs import decided
from bakeoff.search.judged import Judged
from bakeoff.search.nesting import Said, label_scores, parts_of_rows, sampled
from bakeoff.search.preparing import Prepared
from bakeoff.search.ranking import is_better

__all__ = ["Decision", "decide", "decide_alone", "mean_factors"]

MOST_CLASSES = 60
"""Above, no class has a factor: each has few rows to choose it by, and the last of thousands of looks would come too late."""
SWEEPS = 2
_UPWARD = np.concatenate([np.geomspace(0.05, 1.0, 13), np.arange(1.5, 10.5, 0.5)])
STEPS = np.concatenate([-_UPWARD[::-1], [0.0], _UPWARD])
"""Natural logarithms of the factors that are tried for one class: of one that one row in a thousand has, the best may be that far, and is
half a step off at most."""
MARGIN = 1e-9
MOST_CLASSES_ALONE = 12
"""Above, a candidate by itself has no factors, only ensembles have: there are many candidates, and each would wait for its own."""


class Decision(NamedTuple):
    """Factors of the classes' probabilities, every metric by them, and what of each is a correction."""

    factors: tuple[float, ...]
    scores: dict[str, float]
    lost: dict[str, float]


def decide_alone(prepared: Prepared, metric: MetricCard, raw: np.ndarray, plain: Mapping[str, float]) -> Decision | None:
    """The labels of one candidate's (m, classes) out-of-fold predictions, scored where they were not chosen; None where that gains nothing.

    `plain` are the scores of the most probable labels. Each part of the rows is labelled by factors that the others chose, and the scores
    are those of these labels, all rows together: a mean over parts of precision or F1 is none. None for a metric of the user's own too,
    which may be slow and would be asked hundreds of times for each candidate; the ensembles ask it.
    """
    if metric.needs != "labels" or is_own_metric(metric.name) or raw.shape[1] > MOST_CLASSES_ALONE:
        return None
    scored, seed = prepared.scored_rows, prepared.params.search.seed
    parts = parts_of_rows(prepared, seed)
    if not parts.any():  # there is no other part to choose by
        return None
    judged = Judged(prepared.target[scored], prepared.weights_of(scored), prepared.schema.target.positive)
    each = []
    for part in range(int(parts.max()) + 1):
        chosen, some = sampled(np.flatnonzero(parts != part), judged, raw.shape[1:], seed, True)
        each.append(decide(raw[chosen], some, metric))
    nested = np.zeros(len(raw), dtype=np.int64)
    for part, elsewhere in enumerate(each):
        nested[parts == part] = decided(raw[parts == part], elsewhere)
    if not is_better(judged.score(metric, raw, nested), plain[metric.name], metric):
        return None
    factors = mean_factors(each)
    found, seen = label_scores(judged, Said(raw, nested), plain), label_scores(judged, Said(raw, decided(raw, factors)), plain)
    return Decision(factors, {**plain, **found}, {name: score - seen[name] for name, score in found.items()})


def decide(raw: np.ndarray, judged: Judged, metric: MetricCard) -> tuple[float, ...]:
    """One factor a class, with which `decided` gives the labels that the metric likes best: a threshold, where there are two classes.

    Coordinate ascent from no preference; among equally good factors the middle of those nearest to none is taken. All are 1 where
    classes are more than MOST_CLASSES, and for a metric that judges one kind of error alone.
    """
    if raw.shape[1] > MOST_CLASSES or metric.one_sided:
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
