"""The ensembles' rows: voting and stacking; law: their scores are corrected by what weights lose on rows they were not fitted on."""

import math
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import IO, Any, NamedTuple

import numpy as np
from threadpoolctl import threadpool_limits

from bakeoff.evaluation import MetricCard, is_own_metric, score_all
from bakeoff.runs import Blend, MeanBlend, RunFolder, Trial, blend_to_json, decided
from bakeoff.runs.files import write_atomically
from bakeoff.search.budgeting import width_of
from bakeoff.search.deciding import decide
from bakeoff.search.ensembling import grow_ensemble, grow_on_draws
from bakeoff.search.judged import Judged
from bakeoff.search.preparing import Prepared
from bakeoff.search.ranking import best_first, is_better, spread
from bakeoff.search.stacking import STACKING, stack

__all__ = [
    "ENSEMBLES",
    "MOST_MEMBERS",
    "QUICK",
    "VOTING",
    "EnsembleCard",
    "best_of",
    "ensemble_rows",
    "load_libraries",
    "parts_of_rows",
    "row_of",
    "save_array",
]

_Fitted = tuple[Blend, tuple[float, ...] | None]


class _Said(NamedTuple):
    """Predictions of the scored rows, and labels where they are not the most probable ones."""

    raw: np.ndarray
    labels: np.ndarray | None

    def at(self, rows: np.ndarray) -> "_Said":
        return _Said(self.raw[rows], None if self.labels is None else self.labels[rows])


VOTING = "voting_ensemble"
QUICK = "quick_"
"""What the name of an ensemble begins with whose members were chosen by their latencies."""
MOST_MEMBERS = 25
MOST_ROWS = 20_000
"""Weights are fitted on a sample above it."""
MOST_CELLS, FEWEST_ROWS = 400_000, 1_000
"""Rows times classes, of which the sample is where classes are very many; and its rows at least."""
FEWEST_OF_A_CLASS = 200
"""Rows of a class in the sample, if it has so many."""
FEW_ROWS = 5_000
PARTS, PARTS_OF_FEW = 3, 5
"""Parts of the rows, each scored by weights fitted on the others: more where rows are few, and weights differ more."""
LUCKY_ROWS = 2_000
"""Up to so many rows the best scores are luck to a good part, and greedy selection finds it (benchmarks/EXPERIMENTS.md, "More
candidates can be worse"): fewer candidates are alike then, and weights are the mean of several selections, each on drawn rows."""
MOST_ALIKE = 3
"""Candidates of one algorithm, where rows are few."""
MOST_DRAWS, NESTED_DRAWS = 5, 3
"""Selections on drawn rows, where rows are few; and where only the optimism is measured."""
DRAWN_ROWS = 6_000
"""In all draws together, so that more rows take no more time."""


@dataclass(frozen=True)
class EnsembleCard:
    """A way to combine members: `blend(predictions, judged, voting)`, `voting` being greedy selection's weights."""

    name: str
    blend: Callable[[Sequence[np.ndarray], Judged, Sequence[float]], Blend]


def _vote(_predictions: Sequence[np.ndarray], _judged: Judged, voting: Sequence[float]) -> Blend:
    return MeanBlend(tuple(voting))


ENSEMBLES: tuple[EnsembleCard, ...] = (EnsembleCard(VOTING, _vote), EnsembleCard(STACKING, stack))


def ensemble_rows(run: RunFolder, trials: Sequence[Trial], metric: MetricCard, seed: int, prefix: str = "") -> list[dict[str, Any]]:
    """A row of each ensemble, named with `prefix`, `members` (trial name -> weight) among its keys; none below two trials.

    Their out-of-fold predictions are written beside the trials'.
    """
    prepared = Prepared(run.path)
    scored = prepared.scored_rows
    ranked = _candidates(trials, metric, len(scored))
    if len(ranked) < 2:
        return []
    predictions = [np.load(run.path / "predictions" / f"{t.id}.npy", mmap_mode="r") for t in ranked]
    judged = Judged(prepared.target[scored], prepared.weights_of(scored), prepared.schema.target.positive)
    parts = parts_of_rows(prepared, seed)
    if not parts.any():  # one row judges: weights would be fitted and scored on it
        return []
    draws = min(MOST_DRAWS, DRAWN_ROWS // len(scored)) if len(scored) <= LUCKY_ROWS else 0

    def fit(rows: np.ndarray, draws: int) -> list[_Fitted]:
        return _fit(predictions, judged, metric, rows, seed, draws)

    with threadpool_limits(1, "blas"):  # its threads would spin beside the parts', and beside the trials: twice the CPU, no sooner
        fitted = fit(np.arange(len(scored)), draws)
        nested = _say_nested(predictions, parts, partial(fit, draws=min(NESTED_DRAWS, draws)), _width(prepared, metric))
    rows = []
    for card, (blend, factors), elsewhere in zip(ENSEMBLES, fitted, nested, strict=True):
        raw = blend.combine(predictions)
        write_atomically(run.path / "predictions" / f"{prefix}{card.name}.npy", partial(save_array, raw))
        members = {t.candidate.name: w for t, w in zip(ranked, blend.weights, strict=True) if w}
        seconds = sum(t.fit_seconds for t in ranked if t.candidate.name in members)
        said = _Said(raw, None if factors is None else decided(raw, factors))
        scores = _scores(prepared, judged, metric, parts, said, elsewhere)
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


def parts_of_rows(prepared: Prepared, seed: int) -> np.ndarray:
    """(m,) the part of each scored row: folds put together, so that rows of one group stay in one part; of one holdout, by chance.

    All zeros where there is one row, which has no other part.
    """
    scored, folds = prepared.scored_rows, prepared.folds
    count = PARTS_OF_FEW if len(scored) <= FEW_ROWS else PARTS
    if len(folds) > 1:
        fold_of = np.zeros(len(prepared.target), dtype=int)
        for number in reversed(range(len(folds))):  # of repeats, the first one's folds
            fold_of[folds[number].valid] = number
        parts = fold_of[scored] % count
    else:
        groups = scored if prepared.groups is None else prepared.groups[scored]
        units = groups if len(np.unique(groups)) > 1 else scored  # where one group judges, its rows are all there is
        known, of_row = np.unique(units, return_inverse=True)
        parts = (np.random.default_rng(seed).permutation(len(known)) % count)[of_row]
    return np.asarray(np.unique(parts, return_inverse=True)[1])


def _candidates(trials: Sequence[Trial], metric: MetricCard, rows: int) -> list[Trial]:
    """The trials that may be members, best first."""
    ranked = [t for t in best_first(trials, metric) if t.candidate.origin != "baseline"]
    if rows <= LUCKY_ROWS:
        names = [t.candidate.algorithm for t in ranked]
        ranked = [t for place, t in enumerate(ranked) if names[:place].count(names[place]) < MOST_ALIKE]
    return ranked[:MOST_MEMBERS]


def _fit(predictions: Sequence[np.ndarray], judged: Judged, metric: MetricCard, rows: np.ndarray, seed: int, draws: int) -> list[_Fitted]:
    """Every ensemble's blend, and its classes' factors where the metric judges labels, fitted on some rows, or on draws of them."""
    weighs = not is_own_metric(metric.name)  # one of the user's own may not look at weights
    rows, truth = _sample(rows, judged, predictions[0].shape[1:], seed, weighs)
    members = [np.asarray(p[rows]) for p in predictions]
    voting = grow_on_draws(members, truth, metric, draws, seed) if draws else grow_ensemble(members, truth, metric)
    blends = [card.blend(members, truth, voting) for card in ENSEMBLES]
    return [(blend, decide(blend.combine(members), truth, metric) if metric.needs == "labels" else None) for blend in blends]


def _sample(rows: np.ndarray, judged: Judged, width: tuple[int, ...], seed: int, weighs: bool) -> tuple[np.ndarray, Judged]:
    """Some of the rows, where there are many, or (m, classes) predictions are `width` (classes,) wide; and what they are judged by.

    Rows of classes that chance would leave few of are all taken, up to half a class's share of the sample; each row weighs as many as it
    stands for then.
    """
    most, rng = min(MOST_ROWS, max(FEWEST_ROWS, MOST_CELLS // math.prod(width))), np.random.default_rng(seed)
    if len(rows) <= most:
        return rows, judged.some(rows)
    counts = np.bincount(judged.truth[rows]) if width and weighs else np.zeros(0, dtype=np.int64)
    room = most // (2 * max(1, len(counts)))
    rare = np.flatnonzero((counts > 0) & (counts * most < min(FEWEST_OF_A_CLASS, room) * len(rows)))
    if not len(rare):
        chosen = np.sort(rng.choice(rows, most, replace=False))
        return chosen, judged.some(chosen)
    strata = [rows[judged.truth[rows] == code] for code in rare]
    taken = [rng.choice(stratum, min(len(stratum), room), replace=False) for stratum in strata]
    rest = rows[~np.isin(judged.truth[rows], rare)]
    strata, taken = [*strata, rest], [*taken, rng.choice(rest, min(len(rest), most - sum(map(len, taken))), replace=False)]
    stands = np.concatenate([np.full(len(some), len(stratum) / max(1, len(some))) for stratum, some in zip(strata, taken, strict=True)])
    order = np.argsort(np.concatenate(taken))
    chosen = np.concatenate(taken)[order]
    return chosen, judged.some(chosen).weighed(stands[order])


def save_array(raw: np.ndarray, file: IO[bytes]) -> None:
    """For write_atomically."""
    np.save(file, raw)


def _say_nested(
    predictions: Sequence[np.ndarray], parts: np.ndarray, fit: Callable[[np.ndarray], list[_Fitted]], width: int
) -> list[_Said]:
    """What every ensemble says of each part when it is fitted on the rows of the others, `width` parts side by side."""
    said = [_Said(np.zeros_like(predictions[0], dtype=float), np.zeros(len(parts), dtype=np.int64)) for _ in ENSEMBLES]
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
    return said


def _scores(prepared: Prepared, judged: Judged, metric: MetricCard, parts: np.ndarray, said: _Said, nested: _Said) -> dict[str, Any]:
    """Corrected scores, with the labels decided where they gain by it (`decides`)."""
    plain, plain_nested = said._replace(labels=None), nested._replace(labels=None)
    scores, decides = _corrected(prepared, judged, parts, plain, plain_nested), False
    if said.labels is not None:
        better = _corrected(prepared, judged, parts, said, nested)
        decides = is_better(better[metric.name], scores[metric.name], metric)
        scores = better if decides else scores
    seen = said if decides else plain
    places = [np.searchsorted(prepared.scored_rows, fold.valid) for fold in prepared.folds]
    lost = scores[metric.name] - judged.score(metric, *seen)
    folds = [judged.some(at).score(metric, *seen.at(at)) + lost for at in places]
    return {"score": scores[metric.name], "std": spread(folds), "by_fold": folds, "scores": scores, "decides": decides}


def _corrected(prepared: Prepared, judged: Judged, parts: np.ndarray, said: _Said, nested: _Said) -> dict[str, float]:
    """Every metric of what was said, and what was lost, part by part, where the part was not among the rows fitted on.

    Source: the optimism of Efron, Estimating the error rate of a prediction rule, JASA 78, 1983, by parts instead of bootstraps.
    """

    def scored(rows: np.ndarray, one: _Said) -> dict[str, float]:
        some = judged.some(rows)
        return score_all(some.truth, one.raw[rows], some.weights, some.positive, prepared.own_metric, one.at(rows).labels)

    lost: dict[str, list[tuple[int, float]]] = {}
    for part in range(int(parts.max()) + 1):
        rows = np.flatnonzero(parts == part)
        here, there = scored(rows, said), scored(rows, nested)
        for name, score in here.items():
            if np.isfinite(there[name] - score):
                lost.setdefault(name, []).append((len(rows), there[name] - score))
    found = scored(np.arange(len(parts)), said)
    gaps = {name: np.average([gap for _, gap in seen], weights=[rows for rows, _ in seen]) for name, seen in lost.items()}
    return {name: float(score + gaps.get(name, 0.0)) for name, score in found.items()}


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
