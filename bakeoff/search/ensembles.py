"""The ensembles' rows: voting and stacking; law: their scores are corrected by what weights lose on rows they were not fitted on."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import IO, Any

import numpy as np
from threadpoolctl import threadpool_limits

from bakeoff.evaluation import MetricCard, is_own_metric
from bakeoff.runs import Blend, MeanBlend, RunFolder, Trial, blend_to_json, decided
from bakeoff.runs.files import write_atomically
from bakeoff.search.budgeting import width_of
from bakeoff.search.deciding import decide, mean_factors
from bakeoff.search.ensembling import grow_ensemble, grow_on_draws
from bakeoff.search.judged import Judged
from bakeoff.search.nesting import FEW_ROWS, Said, corrected, label_scores, parts_of_rows, sampled
from bakeoff.search.preparing import Prepared
from bakeoff.search.ranking import LUCKY_ROWS, best_first, is_better, spread
from bakeoff.search.stacking import STACKING, stack
from bakeoff.search.targets import least_of
from bakeoff.search.ties import leads

__all__ = [
    "ENSEMBLES",
    "MOST_MEMBERS",
    "QUICK",
    "VOTING",
    "EnsembleCard",
    "best_of",
    "draws_of",
    "ensemble_rows",
    "few_alike",
    "load_libraries",
    "possible_members",
    "row_of",
    "save_array",
]

_Factors = tuple[float, ...] | None
_Fitted = tuple[Blend, _Factors]


VOTING = "voting_ensemble"
QUICK = "quick_"
"""What the name of an ensemble begins with whose members were chosen by their latencies."""
MOST_MEMBERS = 25
MOST_ALIKE = 3
"""Candidates of one algorithm, where rows are few (LUCKY_ROWS); weights are the mean of several selections then, each on drawn rows."""
ENOUGH_KNOWN = 12
"""Candidates of the portfolio beside which, where rows are few, none of the tuner's joins: the longer it looks, the luckier its scores
(benchmarks/EXPERIMENTS.md, "The tuner's candidates in ensembles of small tables")."""
DOUBTED_ROWS = 10_000
"""Up to so many rows only those of the tuner's do that the folds tell from the portfolio's best."""
MOST_DRAWS, NESTED_DRAWS = 5, 3
"""Selections on drawn rows, where rows are few; and where only the optimism is measured."""
DRAWN_ROWS = 6_000
"""In all draws together, so that more rows take no more time."""


@dataclass(frozen=True)
class EnsembleCard:
    """A way to combine members: `blend(predictions, judged, voting, metric)`, `voting` being greedy selection's weights."""

    name: str
    blend: Callable[[Sequence[np.ndarray], Judged, Sequence[float], MetricCard], Blend]


def _vote(_predictions: Sequence[np.ndarray], _judged: Judged, voting: Sequence[float], _metric: MetricCard) -> Blend:
    return MeanBlend(tuple(voting))


ENSEMBLES: tuple[EnsembleCard, ...] = (EnsembleCard(VOTING, _vote), EnsembleCard(STACKING, stack))


def ensemble_rows(run: RunFolder, trials: Sequence[Trial], metric: MetricCard, seed: int, prefix: str = "") -> list[dict[str, Any]]:
    """A row of each ensemble, named with `prefix`, `members` (trial name -> weight) among its keys; none below two trials.

    Their out-of-fold predictions are written beside the trials'.
    """
    prepared = Prepared(run.path)
    scored = prepared.scored_rows
    ranked = possible_members(trials, metric, len(scored))
    if len(ranked) < 2:
        return []
    predictions = [np.load(run.path / "predictions" / f"{t.id}.npy", mmap_mode="r") for t in ranked]
    judged = Judged(prepared.target[scored], prepared.weights_of(scored), prepared.schema.target.positive, least_of(prepared))
    parts = parts_of_rows(prepared, seed)
    if not parts.any():  # one row judges: weights would be fitted and scored on it
        return []
    draws = draws_of(len(scored))

    def elsewhere(rows: np.ndarray) -> list[_Fitted]:
        blends, members, truth = _fit(predictions, judged, metric, rows, seed, min(NESTED_DRAWS, draws))
        return [(blend, decide(blend.combine(members), truth, metric) if metric.needs == "labels" else None) for blend in blends]

    with threadpool_limits(1, "blas"):  # its threads would spin beside the parts', and beside the trials: twice the CPU, no sooner
        fitted, *_ = _fit(predictions, judged, metric, np.arange(len(scored)), seed, draws)
        nested = _say_nested(predictions, parts, elsewhere, _width(prepared, metric))
    rows = []
    for card, blend, (there, factors) in zip(ENSEMBLES, fitted, nested, strict=True):
        raw = blend.combine(predictions)
        write_atomically(run.path / "predictions" / f"{prefix}{card.name}.npy", partial(save_array, raw))
        members = {t.candidate.name: w for t, w in zip(ranked, blend.weights, strict=True) if w}
        seconds = sum(t.fit_seconds for t in ranked if t.candidate.name in members)
        said = Said(raw, None if factors is None else decided(raw, factors))
        scores = _scores(prepared, judged, metric, parts, said, there)
        own = {"members": members, "blend": blend_to_json(blend), "decision": factors if scores.pop("decides") else None}
        rows.append({**row_of(prefix + card.name, len(members), seconds), **scores, **own})
    return rows


def _width(prepared: Prepared, metric: MetricCard) -> int:
    """Parts side by side: as many as the run has cores, two at most, since each copies its members' predictions.

    One where rows are few, for then Python's own share of the work is not carried out side by side (measured:
    benchmarks/EXPERIMENTS.md), and for a metric of the user's own.
    """
    if len(prepared.scored_rows) <= FEW_ROWS or is_own_metric(metric.name):
        return 1
    return min(2, width_of(prepared.params) * prepared.params.compute.cores_per_trial)


def load_libraries() -> None:
    """What is imported when it is first needed, so that nobody mistakes it for what growing an ensemble takes."""
    import scipy.optimize
    import scipy.special  # noqa: F401


def best_of(rows: Sequence[dict[str, Any]], metric: MetricCard) -> dict[str, Any] | None:
    """The row with the best score, the first of equals; None of none."""
    best = None
    for row in rows:
        best = row if best is None or is_better(row["score"], best["score"], metric) else best
    return best


def possible_members(trials: Sequence[Trial], metric: MetricCard, rows: int) -> list[Trial]:
    """The trials that may be members, best first."""
    ranked = [t for t in best_first(trials, metric) if t.candidate.origin != "baseline"]
    known = [t for t in ranked if t.candidate.origin != "tuner"]
    if rows <= DOUBTED_ROWS and len(known) >= ENOUGH_KNOWN:
        best = known[0].fold_scores.get(metric.name, ())
        ranked = [t for t in ranked if t.candidate.origin != "tuner" or (rows > LUCKY_ROWS and _leads(t, best, metric))]
    if rows <= LUCKY_ROWS:
        ranked = [ranked[place] for place in few_alike([t.candidate.algorithm for t in ranked])]
    return ranked[:MOST_MEMBERS]


def few_alike(algorithms: Sequence[str]) -> list[int]:
    """The places of the first MOST_ALIKE of each algorithm."""
    return [place for place, name in enumerate(algorithms) if algorithms[:place].count(name) < MOST_ALIKE]


def draws_of(rows: int) -> int:
    """Selections on drawn rows whose mean weights are taken; 0 where rows are enough for one on all of them."""
    return min(MOST_DRAWS, DRAWN_ROWS // rows) if rows <= LUCKY_ROWS else 0


def _leads(trial: Trial, best: Sequence[float], metric: MetricCard) -> bool:
    return leads(trial.fold_scores.get(metric.name, ()), best, metric.greater_is_better)


def _fit(
    predictions: Sequence[np.ndarray], judged: Judged, metric: MetricCard, rows: np.ndarray, seed: int, draws: int
) -> tuple[list[Blend], list[np.ndarray], Judged]:
    """Every ensemble's blend, fitted on some rows, or on draws of them; and what it was fitted on, members' predictions and truth."""
    weighs = not is_own_metric(metric.name)  # one of the user's own may not look at weights
    rows, truth = sampled(rows, judged, predictions[0].shape[1:], seed, weighs)
    members = [np.asarray(p[rows]) for p in predictions]
    voting = grow_on_draws(members, truth, metric, draws, seed) if draws else grow_ensemble(members, truth, metric)
    return [card.blend(members, truth, voting, metric) for card in ENSEMBLES], members, truth


def save_array(raw: np.ndarray, file: IO[bytes]) -> None:
    """For write_atomically."""
    np.save(file, raw)


def _say_nested(
    predictions: Sequence[np.ndarray], parts: np.ndarray, fit: Callable[[np.ndarray], list[_Fitted]], width: int
) -> list[tuple[Said, _Factors]]:
    """What every ensemble says of each part when it is fitted on the rows of the others, `width` parts side by side; and its factors."""
    said = [Said(np.zeros_like(predictions[0], dtype=float), np.zeros(len(parts), dtype=np.int64)) for _ in ENSEMBLES]
    numbers = range(int(parts.max()) + 1)
    with ThreadPoolExecutor(width) as beside:
        every = list(beside.map(lambda part: fit(np.flatnonzero(parts != part)), numbers))
    for part, fitted in zip(numbers, every, strict=True):
        there = np.flatnonzero(parts == part)
        seen = [np.asarray(p[there]) for p in predictions]
        for (raw, labels), (blend, factors) in zip(said, fitted, strict=True):
            raw[there] = blend.combine(seen)
            if labels is not None and factors is not None:
                labels[there] = decided(raw[there], factors)
    chosen = [[factors for fitted in every if (factors := fitted[place][1]) is not None] for place in range(len(ENSEMBLES))]
    return [(one, mean_factors(each) if each else None) for one, each in zip(said, chosen, strict=True)]


def _scores(prepared: Prepared, judged: Judged, metric: MetricCard, parts: np.ndarray, said: Said, nested: Said) -> dict[str, Any]:
    """Corrected scores, with the labels decided where they gain by it (`decides`)."""
    plain, plain_nested = said._replace(labels=None), nested._replace(labels=None)
    scores, decides = corrected(prepared, judged, parts, plain, plain_nested), False
    if said.labels is not None:
        better = {**scores, **label_scores(judged, nested, scores)}
        decides = is_better(better[metric.name], scores[metric.name], metric)
        scores = better if decides else scores
    seen = said if decides else plain
    places = [np.searchsorted(prepared.scored_rows, rows) for rows in prepared.compared]
    lost = scores[metric.name] - judged.score(metric, *seen)
    folds = [judged.some(at).score(metric, *seen.at(at)) + lost for at in places]
    return {"score": scores[metric.name], "std": spread(folds), "by_fold": folds, "scores": scores, "decides": decides}


def row_of(name: str, members: int, seconds: float) -> dict[str, Any]:
    """What a leaderboard's row has beside scores and members."""
    return {
        "id": name,
        "name": name,
        "algorithm": name,
        "recipe": f"{members} trial{'s' * (members > 1)}",
        "fit_seconds": round(seconds, 3),
        "state": "done",
        "reason": "",
        "origin": "ensemble",
        "index": None,
    }
