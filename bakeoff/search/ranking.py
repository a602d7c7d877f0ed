"""The leaderboard: ranked trials and the ensemble; law: the one place where a metric's direction becomes an order."""

import math
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from bakeoff.evaluation import MetricCard
from bakeoff.runs import Trial
from bakeoff.search.stacking import STACKING
from bakeoff.search.ties import Dealing, is_tied

__all__ = ["LUCKY_ROWS", "best_first", "build_leaderboard", "is_better", "spread"]

LUCKY_ROWS = 2_000
"""Up to so many rows that judge the best scores are luck to a good part, and whoever looks for the best finds it
(benchmarks/EXPERIMENTS.md, "More candidates can be worse")."""

_Alike = Callable[[Sequence[float], Sequence[float]], bool | None]


def is_better(score: float, than: float, metric: MetricCard) -> bool:
    """Whether `score` is strictly better; NaN is worse than everything."""
    return _worth(score, metric) > _worth(than, metric)


def best_first(trials: Sequence[Trial], metric: MetricCard) -> list[Trial]:
    """The done trials, best first; of equals the earlier one first."""
    done = [t for t in trials if t.state == "done"]
    return sorted(done, key=lambda t: (-_worth(t.scores.get(metric.name, math.nan), metric), t.candidate.index))


def build_leaderboard(
    trials: Sequence[Trial],
    metric: MetricCard,
    task: str,
    ensembles: Sequence[Mapping[str, Any]] = (),
    planned: int | None = None,
    dealing: Dealing | None = None,
) -> dict[str, Any]:
    """leaderboard.json: ranked rows, the ensembles' among them, then failed and skipped ones.

    A ranked row is `tied` where the folds cannot tell it from the best one. The stacking ensemble stands before rows it is tied with.
    `dealing` is as in `is_tied`.
    """
    ranked = [_row(t, metric) for t in best_first(trials, metric)]
    for ensemble in ensembles:
        place = sum(not is_better(ensemble["score"], row["score"], metric) for row in ranked)
        ranked.insert(place, {"by_fold": [], **ensemble})
    alike = partial(is_tied, dealing=dealing)
    ranked = _favoured_first(ranked, metric, alike)
    by_fold = [row.pop("by_fold") for row in ranked]
    rows = [{"rank": rank, **row, "tied": alike(by_fold[rank - 1], by_fold[0])} for rank, row in enumerate(ranked, start=1)]
    rows += [{"rank": None, **_row(t, metric), "tied": None} for state in ("failed", "skipped") for t in trials if t.state == state]
    for row in rows:
        row.pop("by_fold", None)
    counts = {state: sum(t.state == state for t in trials) for state in ("done", "failed", "skipped")}
    return {
        "metric": metric.name,
        "greater_is_better": metric.greater_is_better,
        "task": task,
        "updated": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "rows": rows,
        "counts": {**counts, "planned": planned},
    }


def _favoured_first(ranked: list[dict[str, Any]], metric: MetricCard, alike: _Alike) -> list[dict[str, Any]]:
    """The stacking ensemble first, where the folds cannot tell that it is worse than the first row; not before the baseline.

    The best of many scores is the luckiest too; the ensemble's has been corrected for its luck, and a candidate's has not. Measured on
    eleven runs and on cached predictions of ten larger tables (benchmarks/EXPERIMENTS.md, "More candidates can be worse").
    """
    place = next((place for place, row in enumerate(ranked) if row["name"] == STACKING), 0)
    first, stacking = ranked[0] if ranked else {}, ranked[place] if ranked else {}
    if not place or first["origin"] == "baseline" or not _is_as_good(stacking["by_fold"], first["by_fold"], metric, alike):
        return ranked
    return [{**stacking, "reason": f"the rows that judge cannot tell it from {first['name']}"}, *ranked[:place], *ranked[place + 1 :]]


def _is_as_good(by_fold: Sequence[float], first: Sequence[float], metric: MetricCard, alike: _Alike) -> bool:
    tied = alike(by_fold, first)
    return bool(tied) or (tied is False and is_better(float(np.nanmean(by_fold)), float(np.nanmean(first)), metric))


def _row(trial: Trial, metric: MetricCard) -> dict[str, Any]:
    return {
        "id": trial.id,
        "name": trial.candidate.name,
        "algorithm": trial.candidate.algorithm,
        "recipe": trial.candidate.recipe,
        "score": trial.scores.get(metric.name, math.nan),
        "std": spread(trial.fold_scores.get(metric.name, ())),
        "by_fold": list(trial.fold_scores.get(metric.name, ())),
        "fit_seconds": round(trial.fit_seconds, 3),
        "state": trial.state,
        "reason": trial.reason,
        "origin": trial.candidate.origin,
        "index": trial.candidate.index,
        "scores": dict(trial.scores),
        "decision": trial.decision,
    }


def spread(scores: Sequence[float]) -> float | None:
    """Standard deviation of the folds' scores; None where there is no spread to speak of."""
    return float(np.nanstd(scores)) if len(scores) > 1 and not np.all(np.isnan(scores)) else None


def _worth(score: float | None, metric: MetricCard) -> float:
    """Greater is better; undefined (None in a file) is worst."""
    if score is None or math.isnan(score):
        return -math.inf
    return score if metric.greater_is_better else -score
